import assert from "node:assert/strict";
import { allAtOnce, type Manner } from "../../../automation/deploy/traffic/decide.ts";
import { AwsFault } from "../../support/fake-aws.ts";
import { inAlias, ringing, ShiftLab } from "./shift-lab.ts";

describe("a shift of an alias", () => {
  let lab: ShiftLab;

  beforeEach(async () => {
    lab = new ShiftLab();
    await lab.start();
  });
  afterEach(() => lab.stop());

  it("is none where the alias leads to the version", async () => {
    lab.aws.alias = { version: "7", weights: {} };
    assert.deepEqual(await lab.shift(), { outcome: "none", from: "7" });
    assert.deepEqual(lab.lines, []);
  });

  it("goes the way of the deployment group, with its hooks, and is told step by step", async () => {
    lab.aws.frames = [
      { status: "Created" },
      { status: "InProgress", weight: 0.1 },
      { status: "InProgress" },
      { status: "Succeeded", weight: 1 },
    ];
    assert.deepEqual(await lab.shift(), { outcome: "shifted", from: "6", deployment: "d-1" });
    const [created] = lab.aws.server.bodies("CreateDeployment");
    const { content } = (created?.revision as { appSpecContent: { content: string } }).appSpecContent;
    assert.deepEqual(created, {
      applicationName: "slipway-dev-inference",
      deploymentGroupName: "slipway-dev-inference",
      description: "slipway promote dev: release abc",
      revision: created?.revision,
    });
    assert.match(content, /"CurrentVersion":"6","TargetVersion":"7".*"BeforeAllowTraffic":"hook-before"/u);
    const name = "slipway-dev-models-api:live";
    assert.deepEqual(lab.lines, [
      `${name}: deployment d-1 goes from version 6 to 7 step by step`,
      `${name} 0 % to version 7, 1 alarm quiet`,
      `${name} 10 % to version 7, 1 alarm quiet`,
      `${name} 100 % to version 7, 1 alarm quiet`,
    ]);
  });

  it("goes back at once, and neither hooks nor alarms hold it up", async () => {
    assert.equal((await lab.shift({ manner: "at-once" })).outcome, "shifted");
    const [created] = lab.aws.server.bodies("CreateDeployment");
    assert.equal(created?.deploymentConfigName, allAtOnce);
    assert.deepEqual(created?.overrideAlarmConfiguration, { enabled: false });
    assert.doesNotMatch(JSON.stringify(created), /hook-/u);
  });

  it("waits for alarms that still tell of the version before, but not for ever", async () => {
    const table: [title: string, manner: Manner, quietAfter: number, quiet: boolean][] = [
      ["before it begins", "gradually", 3, true],
      ["at most so long", "gradually", 1_000_000, false],
      ["once it is back", "at-once", 3, true],
    ];
    for (const [title, manner, quietAfter, quiet] of table) {
      lab.aws.alias = inAlias;
      lab.lines.length = 0;
      let asked = 0;
      lab.alarms = () => ((asked += 1) <= quietAfter ? ringing : []);
      assert.equal((await lab.shift({ manner })).outcome, "shifted", title);
      const wait = lab.lines.indexOf("slipway-dev-models-api:live waits for errors to be quiet again");
      const begun = lab.lines.findIndex((line) => /goes from version/u.test(line));
      assert.ok(manner === "gradually" ? wait === 0 : wait > begun, `${title}: ${lab.lines.join("\n")}`);
      assert.equal(asked > quietAfter, quiet, title);
    }
  });

  it("that an alarm stops says which, and waits until traffic is back", async () => {
    lab.aws.frames = [
      {
        status: "InProgress",
        weight: 0.1,
        reached: () => (lab.alarms = () => ringing),
      },
      { status: "Stopped", error: { code: "ALARM_ACTIVE", message: "One or more alarms have been activated" } },
    ];
    assert.deepEqual(await lab.shift(), {
      ...{ outcome: "failed", from: "6", deployment: "d-1", reason: "alarm errors rang", answers: inAlias },
    });
    assert.ok(
      lab.lines.some((line) => line.endsWith("10 % to version 7, in alarm: errors")),
      lab.lines.join("\n"),
    );
  });

  it("that a hook refuses says which, and why", async () => {
    lab.aws.events = [
      { lifecycleEventName: "BeforeAllowTraffic", status: "Failed", diagnostics: { message: "GET /models: 500" } },
      { lifecycleEventName: "AllowTraffic", status: "Skipped" },
    ];
    lab.aws.frames = [{ status: "InProgress" }, { status: "Failed", error: { code: "", message: "" } }];
    assert.deepEqual(await lab.shift(), {
      ...{ outcome: "failed", from: "6", deployment: "d-1", answers: inAlias },
      reason: "hook BeforeAllowTraffic (hook-before) failed: GET /models: 500",
    });
  });

  it("that is cancelled is stopped and taken back before anybody goes home", async () => {
    lab.aws.frames = [
      { status: "InProgress", weight: 0.1 },
      { status: "InProgress", reached: () => lab.cancel.abort() },
    ];
    assert.deepEqual(await lab.shift(), {
      ...{ outcome: "cancelled", from: "6", deployment: "d-1", reason: "it was stopped at 10 %", answers: inAlias },
    });
    assert.deepEqual(lab.aws.server.bodies("StopDeployment"), [{ deploymentId: "d-1", autoRollbackEnabled: true }]);
    assert.equal(lab.aws.deployments.get("d-1-back")?.status, "Succeeded");
  });

  it("that is cancelled before it began changes nothing", async () => {
    lab.cancel.abort();
    assert.deepEqual(await lab.shift(), {
      ...{ outcome: "cancelled", from: "6", reason: "nothing was begun", answers: inAlias },
    });
    assert.deepEqual(lab.aws.server.bodies("CreateDeployment"), []);
  });

  it("that takes too long is stopped", async () => {
    lab.aws.frames = [{ status: "InProgress", weight: 0.1 }];
    assert.deepEqual(await lab.shift({ timeoutMs: 30 }), {
      ...{ outcome: "failed", from: "6", deployment: "d-1", answers: inAlias },
      reason: "it took too long; it was stopped at 10 %",
    });
  });

  it("outlives requests that are throttled", async () => {
    const left = new Map([
      ["CreateDeployment", 1],
      ["GetDeployment", 2],
    ]);
    lab.aws.refuse = ({ operation }) => {
      const name = operation.split(".")[1] ?? "";
      const count = left.get(name) ?? 0;
      left.set(name, count - 1);
      if (count > 0) throw new AwsFault("ThrottlingException", "Rate exceeded");
    };
    assert.equal((await lab.shift()).outcome, "shifted");
    assert.equal(lab.aws.server.bodies("CreateDeployment").length, 2);
  });

  it("is seen through a few looks that fail, and not through more", async () => {
    let looks = 0;
    const refuseUntil = (last: number) => {
      looks = 0;
      lab.aws.refuse = ({ operation }) => {
        if (operation.endsWith("GetDeployment") && (looks += 1) <= last) throw new AwsFault("AccessDeniedException");
      };
    };
    refuseUntil(4);
    assert.equal((await lab.shift()).outcome, "shifted");
    lab.aws.alias = inAlias;
    refuseUntil(5);
    await assert.rejects(lab.shift(), { name: "AccessDeniedException" });
    assert.deepEqual(lab.aws.server.bodies("StopDeployment"), []);
  });
});

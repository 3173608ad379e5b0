import assert from "node:assert/strict";
import { openTrafficClient, type TrafficClient } from "../../../automation/deploy/traffic/client.ts";
import { allAtOnce, type Manner } from "../../../automation/deploy/traffic/decide.ts";
import { shiftAlias } from "../../../automation/deploy/traffic/shift.ts";
import type { AlarmState } from "../../../automation/verify/check-kind.ts";
import { AwsFault } from "../../support/fake-aws.ts";
import { CodeDeploy, shift } from "./code-deploy.ts";

describe("a shift of an alias", () => {
  let aws: CodeDeploy;
  let client: TrafficClient;
  let lines: string[];
  let cancel: AbortController;
  let alarms: AlarmState[];

  beforeEach(async () => {
    [aws, lines, cancel, alarms] = [
      new CodeDeploy(),
      [],
      new AbortController(),
      [{ name: "errors", state: "OK", reason: "" }],
    ];
    await aws.start();
    client = await openTrafficClient(shift, { lambda: aws.config, codedeploy: aws.config });
  });
  afterEach(async () => {
    client.close();
    await aws.server.close();
  });

  const run = (changes: { manner?: Manner; timeoutMs?: number } = {}) =>
    shiftAlias(client, {
      ...{ shift, manner: changes.manner ?? "gradually", description: "slipway promote dev: release abc" },
      pace: {
        pollMs: 1,
        heartbeatMs: 60_000,
        timeoutMs: changes.timeoutMs ?? 10_000,
        settleMs: 5_000,
        realTime: false,
      },
      ...{ signal: cancel.signal, terminate: new AbortController().signal, now: () => new Date() },
      say: (line) => void lines.push(line),
      alarms: () => Promise.resolve(alarms),
    });
  const outcome = async (changes?: Parameters<typeof run>[0]) => {
    const { seconds, ...rest } = await run(changes);
    assert.ok(seconds >= 0);
    return rest;
  };
  const inAlias = { version: "6", weights: {} };

  it("is none where the alias leads to the version", async () => {
    aws.alias = { version: "7", weights: {} };
    assert.deepEqual(await outcome(), { outcome: "none", from: "7" });
    assert.deepEqual(lines, []);
  });

  it("goes the way of the deployment group, with its hooks, and is told step by step", async () => {
    aws.frames = [
      { status: "Created" },
      { status: "InProgress", weight: 0.1 },
      { status: "InProgress" },
      { status: "Succeeded", weight: 1 },
    ];
    assert.deepEqual(await outcome(), { outcome: "shifted", from: "6", deployment: "d-1" });
    const [created] = aws.server.bodies("CreateDeployment");
    const { content } = (created?.revision as { appSpecContent: { content: string } }).appSpecContent;
    assert.deepEqual(created, {
      applicationName: "slipway-dev-inference",
      deploymentGroupName: "slipway-dev-inference",
      description: "slipway promote dev: release abc",
      revision: created?.revision,
    });
    assert.match(content, /"CurrentVersion":"6","TargetVersion":"7".*"BeforeAllowTraffic":"hook-before"/u);
    const name = "slipway-dev-models-api:live";
    assert.deepEqual(lines, [
      `${name}: deployment d-1 goes from version 6 to 7 step by step`,
      `${name} 0 % to version 7, 1 alarm quiet`,
      `${name} 10 % to version 7, 1 alarm quiet`,
      `${name} 100 % to version 7, 1 alarm quiet`,
    ]);
  });

  it("goes back at once, and neither hooks nor alarms hold it up", async () => {
    assert.equal((await outcome({ manner: "at-once" })).outcome, "shifted");
    const [created] = aws.server.bodies("CreateDeployment");
    assert.equal(created?.deploymentConfigName, allAtOnce);
    assert.deepEqual(created?.overrideAlarmConfiguration, { enabled: false });
    assert.doesNotMatch(JSON.stringify(created), /hook-/u);
  });

  it("that an alarm stops says which, and waits until traffic is back", async () => {
    aws.frames = [
      {
        status: "InProgress",
        weight: 0.1,
        reached: () => (alarms = [{ name: "errors", state: "ALARM", reason: "3 > 0" }]),
      },
      { status: "Stopped", error: { code: "ALARM_ACTIVE", message: "One or more alarms have been activated" } },
    ];
    assert.deepEqual(await outcome(), {
      ...{ outcome: "failed", from: "6", deployment: "d-1", reason: "alarm errors rang", answers: inAlias },
    });
    assert.ok(
      lines.some((line) => line.endsWith("10 % to version 7, in alarm: errors")),
      lines.join("\n"),
    );
  });

  it("that a hook refuses says which, and why", async () => {
    aws.events = [
      { lifecycleEventName: "BeforeAllowTraffic", status: "Failed", diagnostics: { message: "GET /models: 500" } },
      { lifecycleEventName: "AllowTraffic", status: "Skipped" },
    ];
    aws.frames = [{ status: "InProgress" }, { status: "Failed", error: { code: "", message: "" } }];
    assert.deepEqual(await outcome(), {
      ...{ outcome: "failed", from: "6", deployment: "d-1", answers: inAlias },
      reason: "hook BeforeAllowTraffic (hook-before) failed: GET /models: 500",
    });
  });

  it("that is cancelled is stopped and taken back before anybody goes home", async () => {
    aws.frames = [
      { status: "InProgress", weight: 0.1 },
      { status: "InProgress", reached: () => cancel.abort() },
    ];
    assert.deepEqual(await outcome(), {
      ...{ outcome: "cancelled", from: "6", deployment: "d-1", reason: "it was stopped at 10 %", answers: inAlias },
    });
    assert.deepEqual(aws.server.bodies("StopDeployment"), [{ deploymentId: "d-1", autoRollbackEnabled: true }]);
    assert.equal(aws.deployments.get("d-1-back")?.status, "Succeeded");
  });

  it("that is cancelled before it began changes nothing", async () => {
    cancel.abort();
    assert.deepEqual(await outcome(), {
      ...{ outcome: "cancelled", from: "6", reason: "nothing was begun", answers: inAlias },
    });
    assert.deepEqual(aws.server.bodies("CreateDeployment"), []);
  });

  it("that takes too long is stopped", async () => {
    aws.frames = [{ status: "InProgress", weight: 0.1 }];
    assert.deepEqual(await outcome({ timeoutMs: 30 }), {
      ...{ outcome: "failed", from: "6", deployment: "d-1", answers: inAlias },
      reason: "it took too long; it was stopped at 10 %",
    });
  });

  it("that a killed driver began is followed to its end, and none is begun", async () => {
    aws.alias = { version: "6", weights: { 7: 0.1 } };
    aws.add({
      id: "d-killed",
      frames: [{ status: "InProgress" }, { status: "InProgress" }, { status: "Succeeded", weight: 1 }],
    });
    assert.deepEqual(await outcome(), { outcome: "shifted", from: "6", deployment: "d-killed" });
    assert.deepEqual(aws.server.bodies("CreateDeployment"), []);
    assert.equal(lines[0], "slipway-dev-models-api:live: deployment d-killed is on its way to version 7");
  });

  it("begins when one to another version is stopped and taken back", async () => {
    aws.alias = { version: "6", weights: { 5: 0.1 } };
    aws.add({ id: "d-other", to: "5", frames: [{ status: "InProgress" }] });
    assert.equal((await outcome()).outcome, "shifted");
    assert.equal(lines[0], "slipway-dev-models-api:live: deployment d-other to version 5 is stopped");
    assert.equal(aws.deployments.get("d-other")?.status, "Stopped");
    assert.equal(aws.alias.version, "7");
  });

  it("lets CodeDeploy take another back first", async () => {
    aws.alias = { version: "6", weights: { 5: 0.1 } };
    const frames = [{ status: "InProgress" }, { status: "InProgress" }, { status: "Succeeded", weight: 1 }];
    aws.add({ id: "d-back", from: "5", to: "6", creator: "codeDeployRollback", frames });
    assert.equal((await outcome()).outcome, "shifted");
    assert.deepEqual(aws.server.bodies("StopDeployment"), []);
    assert.match(lines[0] ?? "", /is being taken back by deployment d-back; waiting for it$/u);
  });

  it("takes away shares that no deployment moves, then goes its way", async () => {
    aws.alias = { version: "6", weights: { 5: 0.3 } };
    assert.equal((await outcome()).outcome, "shifted");
    const [update] = aws.server.bodies("/aliases/live").filter((body) => body.FunctionVersion !== undefined);
    assert.deepEqual(update, {
      ...{ FunctionVersion: "6", RevisionId: "r1", RoutingConfig: { AdditionalVersionWeights: {} } },
    });
  });

  it("joins the one that somebody else began at the same moment", async () => {
    aws.refuse = ({ operation }) => {
      if (operation.endsWith("CreateDeployment") && aws.deployments.size === 0) aws.add({ id: "d-theirs" });
    };
    assert.deepEqual(await outcome(), { outcome: "shifted", from: "6", deployment: "d-theirs" });
  });

  it("gives up where somebody else keeps moving the alias", async () => {
    aws.frames = [{ status: "Succeeded", weight: 1, reached: () => queueMicrotask(() => (aws.alias = inAlias)) }];
    const { outcome: how, ...rest } = await run();
    assert.equal(how, "failed");
    assert.equal((rest as { reason?: string }).reason, "somebody else keeps moving the alias");
  });

  it("outlives requests that are throttled", async () => {
    const left = new Map([
      ["CreateDeployment", 1],
      ["GetDeployment", 2],
    ]);
    aws.refuse = ({ operation }) => {
      const name = operation.split(".")[1] ?? "";
      const count = left.get(name) ?? 0;
      left.set(name, count - 1);
      if (count > 0) throw new AwsFault("ThrottlingException", "Rate exceeded");
    };
    assert.equal((await outcome()).outcome, "shifted");
    assert.equal(aws.server.bodies("CreateDeployment").length, 2);
  });

  it("is seen through a few looks that fail, and not through more", async () => {
    let looks = 0;
    const refuseUntil = (last: number) => {
      looks = 0;
      aws.refuse = ({ operation }) => {
        if (operation.endsWith("GetDeployment") && (looks += 1) <= last) throw new AwsFault("AccessDeniedException");
      };
    };
    refuseUntil(4);
    assert.equal((await outcome()).outcome, "shifted");
    aws.alias = inAlias;
    refuseUntil(5);
    await assert.rejects(run(), { name: "AccessDeniedException" });
    assert.deepEqual(aws.server.bodies("StopDeployment"), []);
  });
});

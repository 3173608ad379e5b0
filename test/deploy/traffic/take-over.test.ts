import assert from "node:assert/strict";
import { whileHolding } from "../../../automation/lease/holding.ts";
import { inAlias, ShiftLab } from "./shift-lab.ts";

describe("a shift that finds something under way", () => {
  let lab: ShiftLab;

  beforeEach(async () => {
    lab = new ShiftLab();
    await lab.start();
  });
  afterEach(() => lab.stop());

  it("that a killed driver began is followed to its end, and none is begun", async () => {
    lab.aws.alias = { version: "6", weights: { 7: 0.1 } };
    lab.aws.add({
      id: "d-killed",
      frames: [{ status: "InProgress" }, { status: "InProgress" }, { status: "Succeeded", weight: 1 }],
    });
    assert.deepEqual(await lab.shift(), { outcome: "shifted", from: "6", deployment: "d-killed" });
    assert.deepEqual(lab.aws.server.bodies("CreateDeployment"), []);
    assert.equal(lab.lines[0], "slipway-dev-models-api:live: deployment d-killed is on its way to version 7");
  });

  it("begins when one to another version is stopped and taken back", async () => {
    lab.aws.alias = { version: "6", weights: { 5: 0.1 } };
    lab.aws.add({ id: "d-other", to: "5", frames: [{ status: "InProgress" }] });
    assert.equal((await lab.shift()).outcome, "shifted");
    assert.equal(lab.lines[0], "slipway-dev-models-api:live: deployment d-other to version 5 is stopped");
    assert.equal(lab.aws.deployments.get("d-other")?.status, "Stopped");
    assert.equal(lab.aws.alias.version, "7");
  });

  it("lets CodeDeploy take another back first", async () => {
    lab.aws.alias = { version: "6", weights: { 5: 0.1 } };
    const frames = [{ status: "InProgress" }, { status: "InProgress" }, { status: "Succeeded", weight: 1 }];
    lab.aws.add({ id: "d-back", from: "5", to: "6", creator: "codeDeployRollback", frames });
    assert.equal((await lab.shift()).outcome, "shifted");
    assert.deepEqual(lab.aws.server.bodies("StopDeployment"), []);
    assert.match(lab.lines[0] ?? "", /is being taken back by deployment d-back; waiting for it$/u);
  });

  it("takes away shares that no deployment moves, then goes its way", async () => {
    lab.aws.alias = { version: "6", weights: { 5: 0.3 } };
    assert.equal((await lab.shift()).outcome, "shifted");
    const [update] = lab.aws.server.bodies("/aliases/live").filter((body) => body.FunctionVersion !== undefined);
    assert.deepEqual(update, {
      ...{ FunctionVersion: "6", RevisionId: "r1", RoutingConfig: { AdditionalVersionWeights: {} } },
    });
  });

  it("joins the one that somebody else began at the same moment", async () => {
    lab.aws.refuse = ({ operation }) => {
      if (operation.endsWith("CreateDeployment") && lab.aws.deployments.size === 0) lab.aws.add({ id: "d-theirs" });
    };
    assert.deepEqual(await lab.shift(), { outcome: "shifted", from: "6", deployment: "d-theirs" });
  });

  it("gives up where somebody else keeps moving the alias", async () => {
    lab.aws.frames = [
      { status: "Succeeded", weight: 1, reached: () => queueMicrotask(() => (lab.aws.alias = inAlias)) },
    ];
    const { outcome: how, ...rest } = await lab.shift();
    assert.equal(how, "failed");
    assert.equal((rest as { reason?: string }).reason, "somebody else keeps moving the alias");
  });

  it("is left to whoever has the environment now, when that was lost meanwhile", async () => {
    let held = true;
    const lease = {
      ...{ environment: "dev", fence: 1 },
      assertHeld: () => {
        if (!held) throw new Error("the lease is lost");
      },
    };
    const lose = () => {
      held = false;
      lab.cancel.abort();
    };
    lab.aws.frames = [
      { status: "InProgress", weight: 0.1 },
      { status: "InProgress", reached: lose },
    ];
    await assert.rejects(
      whileHolding(lease, () => lab.shift()),
      /the lease is lost/u,
    );
    assert.deepEqual(lab.aws.server.bodies("StopDeployment"), []);
    assert.equal(lab.aws.deployments.get("d-1")?.status, "InProgress");
  });
});

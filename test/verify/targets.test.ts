import assert from "node:assert/strict";
import { join } from "node:path";
import { openTargets } from "../../automation/verify/targets.ts";
import type { Workspace } from "../../automation/workspace.ts";
import { parseStackOutputs } from "../../config/outputs.ts";
import * as tools from "../../sandbox/index.ts";
import { scratch } from "../git/throw-away.ts";
import { operationsOutputs } from "../support/operations-outputs.ts";

const check = {
  ...{ kind: "state-machine" as const, name: "pipeline", region: "us-east-1", arn: "arn:x", sample: "s" },
  ...{ rawBucket: "r", processedBucket: "p", quarantineBucket: "q", timeoutSeconds: 1 },
};
const outputs = parseStackOutputs({ ...operationsOutputs(), checks: [check] });

describe("where checks connect to", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  it("is AWS itself, with whatever credentials the SDK finds", async () => {
    const targets = await openTargets({ sandbox: undefined } as Workspace, outputs, () => {});
    assert.deepEqual(await targets.aws("eu-west-1"), { simulated: false, config: { region: "eu-west-1" } });
    await targets.close();
  });

  it("is what the simulated cloud remembers of account and region, where nothing runs", async () => {
    const directory = join(temporary.directory(), ".sandbox");
    const cloud = tools.openCloud(directory);
    const place = { account: outputs.account, region: outputs.region, type: "aws:sfn/stateMachine:StateMachine" };
    const fresh = { urn: "urn", inputs: {}, uniqueKey: undefined, handles: [], salt: 0, echoed: false };
    const createdAt = new Date(0).toISOString();
    for (const [account, id] of [
      [outputs.account, "ours"],
      ["999999999999", "theirs"],
    ] as const)
      cloud.insert({ ...place, account, id }, { ...fresh, outputs: { arn: id }, createdAt });
    cloud.close();
    const sandbox = { tools, directory, environment: { SLIPWAY_SANDBOX_LIVE: "off" } };
    const targets = await openTargets(
      { sandbox, environment: sandbox.environment } as unknown as Workspace,
      outputs,
      () => {},
    );
    try {
      const target = await targets.aws(outputs.region);
      assert.ok(target.simulated);
      assert.deepEqual(target.resources(place.type), [{ arn: "ours" }]);
      assert.deepEqual(target.resources("aws:glue/catalogTable:CatalogTable"), []);
      assert.equal((await targets.kubernetes("slipway-dev")).simulated, true);
    } finally {
      await targets.close();
    }
  });
});

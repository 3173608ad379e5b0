import assert from "node:assert/strict";
import { join } from "node:path";
import { openAwsTargets } from "../../automation/verify/aws-targets.ts";
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
const gateway = "https://abc.execute-api.eu-west-1.amazonaws.com/models";
const outputs = parseStackOutputs({ ...operationsOutputs(), checks: [check] });

describe("where checks connect to", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  it("is AWS itself, with whatever credentials the SDK finds", async () => {
    const targets = await openTargets({ sandbox: undefined } as Workspace, outputs, () => {});
    for (const service of [undefined, "sagemaker", "sagemaker-runtime", "codedeploy"] as const)
      assert.deepEqual(await targets.aws("eu-west-1", service), { simulated: false, config: { region: "eu-west-1" } });
    assert.deepEqual(await targets.locate?.(gateway), { url: gateway });
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
      assert.equal((await targets.aws(outputs.region, "codedeploy")).simulated, true);
      assert.deepEqual(await targets.locate?.(gateway), { url: gateway, simulated: true });
      assert.deepEqual(await targets.locate?.("https://example.com/"), { url: "https://example.com/" });
    } finally {
      await targets.close();
    }
  });

  it("is the emulator, and beside it what stands in for services that the emulator does not have", async () => {
    const [credentials, closed] = [{ accessKeyId: outputs.account, secretAccessKey: "s" }, [] as string[]];
    const live = {
      ...{ endpoint: "http://127.0.0.1:1", awsApi: "http://127.0.0.1:2", credentialsFor: () => credentials },
      urlOf: (url: string) => url.replace(/^https:\/\/abc[^/]+/u, "http://127.0.0.1:1/_aws/execute-api/abc"),
      close: () => Promise.resolve(void closed.push("live")),
    };
    const sandbox = { tools: { connectLive: () => Promise.resolve(live) }, directory: "/nowhere", environment: {} };
    const targets = await openAwsTargets({ sandbox } as unknown as Workspace, outputs);
    const config = { region: "eu-west-1", credentials };
    assert.deepEqual(await targets.aws("eu-west-1"), {
      simulated: false,
      config: { ...config, endpoint: live.endpoint },
    });
    for (const [service, standIn] of [
      ["sagemaker", "simulated endpoint"],
      ["sagemaker-runtime", "simulated endpoint"],
      ["codedeploy", "simulated CodeDeploy"],
    ] as const)
      assert.deepEqual(await targets.aws("eu-west-1", service), {
        ...{ simulated: false, config: { ...config, endpoint: live.awsApi }, standIn },
      });
    assert.deepEqual(await targets.locate?.(gateway), { url: "http://127.0.0.1:1/_aws/execute-api/abc/models" });
    await targets.close();
    assert.deepEqual(closed, ["live"]);
  });
});

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import {
  GetAliasCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";

import { stopLive, type LiveCloud } from "../../../sandbox/live/connect.ts";
import { livePaths } from "../../../sandbox/live/paths.ts";
import { aliasAt, ask, publishedFunction, tally } from "./live-functions.ts";
import { openLiveLab, record, settings, type LiveLab } from "./live-lab.ts";

describe("versions and aliases of live functions", function () {
  this.timeout(120_000);
  let lab: LiveLab;
  let live: LiveCloud;
  before(async () => {
    lab = await openLiveLab();
    live = await lab.connect();
    await live.ensure(publishedFunction("one", 1));
    await live.ensure(aliasAt("1"));
    await live.ensure(publishedFunction("two", 2));
  });
  after(async () => {
    await live?.close();
    await lab?.close();
  });

  const lambda = () => new LambdaClient(settings(live));
  const versions = async () => {
    const { Versions = [] } = await lambda().send(new ListVersionsByFunctionCommand({ FunctionName: "said" }));
    return Versions.map(({ Version }) => Version);
  };
  const aliasNow = async () => {
    const found = await lambda().send(new GetAliasCommand({ FunctionName: "said", Name: "live" }));
    return { version: found.FunctionVersion, weights: found.RoutingConfig?.AdditionalVersionWeights ?? {} };
  };
  /** As CodeDeploy does. */
  const shift = (FunctionVersion: string, weights: Record<string, number> = {}) =>
    lambda().send(
      new UpdateAliasCommand({
        ...{ FunctionName: "said", Name: "live", FunctionVersion },
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );

  it("have the numbers of the record, and each its own code", async () => {
    assert.deepEqual(await versions(), ["$LATEST", "1", "2"]);
    const expected = [
      ["1", "one", "1"],
      ["2", "two", "2"],
      ["$LATEST", "two", "$LATEST"],
    ] as const;
    for (const [qualifier, word, version] of expected) {
      const said = await ask(live, qualifier);
      assert.deepEqual([said.word, said.version, said.seen, said.executed], [word, version, version, version]);
    }
  });

  it("make no version when nothing changed, and one when only a setting did", async () => {
    await live.ensure(publishedFunction("two", 2));
    assert.deepEqual(await versions(), ["$LATEST", "1", "2"]);
    const variables = { MODE: "third" };
    await live.ensure(publishedFunction("two", 3, { environment: { variables } }));
    assert.equal((await ask(live, "3", { variable: "MODE" })).variable, "third");
    assert.equal((await ask(live, "2", { variable: "MODE" })).variable, null);
  });

  it("send exactly the share of an alias's weight to the other version", async () => {
    await shift("1", { "2": 0.1 });
    assert.deepEqual(await tally(20, async () => (await ask(live, "live")).version), { "1": 18, "2": 2 });
    await shift("1", { "2": 0.5 });
    assert.deepEqual(await tally(10, async () => String((await ask(live, "live")).executed)), { "1": 5, "2": 5 });
    await shift("2");
    assert.deepEqual(await tally(5, async () => (await ask(live, "live")).word), { two: 5 });
  });

  it("stay where CodeDeploy moved them, until the record itself says something else", async () => {
    await shift("2", { "3": 0.2 });
    await live.ensure(aliasAt("1"));
    assert.deepEqual(await aliasNow(), { version: "2", weights: { "3": 0.2 } });
    await live.ensure(aliasAt("3"));
    assert.deepEqual(await aliasNow(), { version: "3", weights: {} });
    const routingConfig = { additionalVersionWeights: { "1": 0.25 } };
    await live.ensure(aliasAt("3", { routingConfig }));
    assert.deepEqual(await aliasNow(), { version: "3", weights: { "1": 0.25 } });
  });

  it("find SageMaker and CodeDeploy in their environment", async () => {
    for (const service of ["SAGEMAKER", "SAGEMAKER_RUNTIME", "CODEDEPLOY"]) {
      const { variable } = await ask(live, "2", { variable: `AWS_ENDPOINT_URL_${service}` });
      assert.equal(variable, live.awsApi);
    }
  });

  it("outlive the emulator, code and place included, and meet services at their new address", async () => {
    const before = live.awsApi;
    for (const resource of [publishedFunction("two", 2), aliasAt("1")]) {
      record(lab.directory, resource);
      await live.ensure(resource);
    }
    await shift("2", { "1": 0.5 });
    await live.close();
    await stopLive(lab.directory);
    live = await lab.connect();
    assert.deepEqual(live.problems, []);
    assert.deepEqual(await aliasNow(), { version: "2", weights: { "1": 0.5 } });
    assert.equal((await ask(live, "1")).word, "one");
    assert.notEqual(live.awsApi, before);
    assert.equal((await ask(live, "1", { variable: "AWS_ENDPOINT_URL_SAGEMAKER" })).variable, live.awsApi);
  });

  it("are all there again when the emulator's state is lost, with the code that the record knows", async () => {
    await live.close();
    await stopLive(lab.directory);
    rmSync(livePaths(lab.directory).root, { recursive: true });
    live = await lab.connect();
    assert.deepEqual(live.problems, []);
    assert.deepEqual(await versions(), ["$LATEST", "1", "2"]);
    assert.deepEqual([(await ask(live, "1")).word, (await ask(live, "2")).word], ["two", "two"]);
    assert.deepEqual(await aliasNow(), { version: "1", weights: {} });
  });

  it("begin anew with the record, aliases put back", async () => {
    await live.ensure(publishedFunction("anew", 1));
    assert.deepEqual(await versions(), ["$LATEST", "1"]);
    assert.equal((await ask(live, "live")).word, "anew");
  });
});

import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith, resource } from "./context.ts";
import {
  bucket,
  fn,
  functionArn,
  machine,
  machineArn,
  object,
  queue,
  queueArn,
  roleArn,
  roleFor,
} from "./data-resources.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);
const outputsOf = (type: string, inputs: Properties, there: CloudResource[] = []): Properties => {
  const context = contextWith(there);
  const id = spec(type).id(inputs, context);
  return { id, ...spec(type).outputs?.(inputs, id, context) };
};
const refusal = (type: string, inputs: Properties, there: CloudResource[]) =>
  spec(type).refuseCreate?.(inputs, contextWith(there));

const functionType = "aws:lambda/function:Function";
const layerType = "aws:lambda/layerVersion:LayerVersion";
const machineType = "aws:sfn/stateMachine:StateMachine";
const jobType = "aws:glue/job:Job";

describe("type tables: outputs of the data pipeline", () => {
  const job = { name: "j", command: { scriptLocation: "s3://c/j.py" } };
  const expected: [type: string, inputs: Properties, outputs: Properties][] = [
    [
      "aws:glue/catalogDatabase:CatalogDatabase",
      { name: "lake" },
      { id: `${account}:lake`, arn: `arn:aws:glue:eu-west-1:${account}:database/lake`, catalogId: account },
    ],
    [
      "aws:glue/catalogTable:CatalogTable",
      { databaseName: "lake", name: "orders" },
      { id: `${account}:lake:orders`, arn: `arn:aws:glue:eu-west-1:${account}:table/lake/orders` },
    ],
    [jobType, job, { id: "j", arn: `arn:aws:glue:eu-west-1:${account}:job/j`, glueVersion: "5.1", maxCapacity: 10 }],
    [jobType, { ...job, workerType: "G.2X", numberOfWorkers: 3 }, { maxCapacity: 6, jobMode: "SCRIPT" }],
    [jobType, job, { command: { name: "glueetl", pythonVersion: "3", scriptLocation: "s3://c/j.py" } }],
    ["aws:glue/crawler:Crawler", { name: "c" }, { id: "c", arn: `arn:aws:glue:eu-west-1:${account}:crawler/c` }],
    ["aws:glue/trigger:Trigger", { name: "t", type: "SCHEDULED" }, { id: "t", state: "ACTIVATED" }],
    ["aws:glue/trigger:Trigger", { name: "t", type: "SCHEDULED", enabled: false }, { state: "CREATED" }],
    ["aws:glue/trigger:Trigger", { name: "t", type: "ON_DEMAND" }, { state: "CREATED" }],
    [
      "aws:glue/dataQualityRuleset:DataQualityRuleset",
      { name: "r" },
      { id: "r", arn: `arn:aws:glue:eu-west-1:${account}:dataQualityRuleset/r` },
    ],
    [
      functionType,
      { name: "f", sourceCodeHash: "aGFzaA==" },
      {
        ...{ id: "f", arn: functionArn, version: "$LATEST", qualifiedArn: `${functionArn}:$LATEST` },
        invokeArn: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
        ...{ lastModified: "2026-01-01T00:00:00.000+0000", codeSha256: "aGFzaA==", architectures: ["x86_64"] },
        loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/f" },
      },
    ],
    [functionType, { name: "f", publish: true }, { version: "1", qualifiedArn: `${functionArn}:1` }],
    [
      "aws:lambda/alias:Alias",
      { name: "live", functionName: functionArn },
      { id: `${functionArn}:live`, arn: `${functionArn}:live` },
    ],
    ["aws:lambda/permission:Permission", { function: functionArn, statementId: "s" }, { id: "f/s" }],
    ["aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", { functionName: "f" }, { id: "f" }],
    [
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      { functionName: "f", eventSourceArn: queueArn },
      { functionArn, state: "Enabled", batchSize: 10 },
    ],
    [
      machineType,
      { name: "m", definition: '{"Comment":"why"}' },
      { id: machineArn, status: "ACTIVE", description: "why" },
    ],
    [machineType, { name: "m", publish: true }, { stateMachineVersionArn: `${machineArn}:1` }],
    [
      "aws:sfn/alias:Alias",
      { name: "live", routingConfigurations: [{ stateMachineVersionArn: `${machineArn}:1`, weight: 100 }] },
      { id: `${machineArn}:live`, arn: `${machineArn}:live` },
    ],
  ];
  for (const [type, inputs, outputs] of expected)
    it(`${type} of ${JSON.stringify(inputs)}`, () => {
      const found = outputsOf(type, inputs);
      for (const [property, value] of Object.entries(outputs)) assert.deepEqual(found[property], value, property);
    });

  it("takes the hash of the code from wherever the code comes from", () => {
    const base64 = Buffer.from("ff".repeat(32), "hex").toString("base64");
    assert.equal(
      outputsOf(functionType, { name: "f", s3Bucket: "code", s3Key: "f.zip" }, [object])["codeSha256"],
      base64,
    );
    assert.equal(outputsOf(functionType, { name: "f", code: { hash: "ff".repeat(32) } })["codeSha256"], base64);
  });
});

describe("type tables: versions", () => {
  it("numbers layers by name", () => {
    const first = outputsOf(layerType, { layerName: "shared" });
    assert.equal(first["id"], `arn:aws:lambda:eu-west-1:${account}:layer:shared:1`);
    const there = resource(layerType, String(first["id"]), {}, first);
    assert.equal(outputsOf(layerType, { layerName: "shared" }, [there])["version"], "2");
    assert.equal(outputsOf(layerType, { layerName: "other" }, [there])["version"], "1");
  });

  it("publishes functions when code or settings change, not for tags", () => {
    const before = { name: "f", publish: true, sourceCodeHash: "a", tags: { x: "y" } };
    const there = resource(functionType, "f", before, { version: "3" });
    const version = (inputs: Properties) => outputsOf(functionType, inputs, [there])["version"];
    assert.equal(version({ ...before, tags: {} }), "3");
    assert.equal(version({ ...before, sourceCodeHash: "b" }), "4");
    assert.equal(version({ ...before, timeout: 9 }), "4");
    assert.equal(version({ ...before, publish: false }), "$LATEST");
  });

  it("publishes state machines when the definition changes", () => {
    const before = { name: "m", publish: true, definition: "{}" };
    const there = resource(machineType, machineArn, before, { stateMachineVersionArn: `${machineArn}:2` });
    const version = (inputs: Properties) => outputsOf(machineType, inputs, [there])["stateMachineVersionArn"];
    assert.equal(version({ ...before, tags: { x: "y" } }), `${machineArn}:2`);
    assert.equal(version({ ...before, definition: "[]" }), `${machineArn}:3`);
    assert.equal(version({ ...before, definition: "[]", publish: false }), `${machineArn}:2`);
  });
});

describe("type tables: what the data pipeline's services refuse", () => {
  const code = { name: "f", role: roleArn, s3Bucket: "code", s3Key: "f.zip" };
  const ours = `arn:aws:lambda:eu-west-1:${account}:layer:shared:7`;
  const alias = { name: "live", functionName: "f", functionVersion: "2" };
  const mapping = { functionName: "f", eventSourceArn: queueArn };
  const route = { routingConfigurations: [{ stateMachineVersionArn: `${machineArn}:2`, weight: 100 }] };
  const target = { targetTable: { databaseName: "lake", tableName: "orders" } };
  const table = resource("aws:glue/catalogTable:CatalogTable", "t", { databaseName: "lake", name: "orders" });
  const actions = { actions: [{ jobName: "j" }], predicate: { conditions: [{ crawlerName: "c" }] } };
  const cases: [type: string, inputs: Properties, there: CloudResource[], expected: RegExp | undefined][] = [
    [functionType, code, [roleFor("lambda.amazonaws.com"), bucket, object], undefined],
    [functionType, code, [roleFor("glue.amazonaws.com"), bucket, object], /cannot be assumed by Lambda/],
    [functionType, code, [bucket], /NoSuchKey/],
    [functionType, code, [], /NoSuchBucket/],
    [functionType, { ...code, layers: [ours] }, [bucket, object], /Layer version .*:7 does not exist/],
    [functionType, { ...code, layers: [ours.replace(account, "017000801446")] }, [bucket, object], undefined],
    [functionType, { ...code, deadLetterConfig: { targetArn: queueArn } }, [bucket, object], /dead letter/],
    [functionType, { ...code, deadLetterConfig: { targetArn: queueArn } }, [bucket, object, queue()], undefined],
    [layerType, { layerName: "l", s3Bucket: "code", s3Key: "none.zip" }, [bucket, object], /NoSuchKey/],
    ["aws:lambda/permission:Permission", { function: "f" }, [], /Function not found: .*function:f/],
    ["aws:lambda/permission:Permission", { function: `${functionArn}:live` }, [fn()], undefined],
    ["aws:lambda/alias:Alias", alias, [fn({ version: "2" })], undefined],
    ["aws:lambda/alias:Alias", alias, [fn({ version: "1" })], /Function not found: .*:2/],
    ["aws:lambda/alias:Alias", alias, [fn({ version: "$LATEST" })], /Function not found/],
    [
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      mapping,
      [fn(), queue({ visibilityTimeoutSeconds: 60 })],
      undefined,
    ],
    [
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      mapping,
      [fn(), queue()],
      /visibility timeout: 30 .*timeout: 60/,
    ],
    ["aws:lambda/eventSourceMapping:EventSourceMapping", mapping, [fn()], /NonExistentQueue/],
    [
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
      { functionName: "f", destinationConfig: { onFailure: { destination: queueArn } } },
      [fn()],
      /destination ARN/,
    ],
    [machineType, { roleArn }, [roleFor("states.amazonaws.com")], undefined],
    [machineType, { roleArn }, [roleFor("lambda.amazonaws.com")], /Neither the global service principal/],
    ["aws:sfn/alias:Alias", route, [machine({ stateMachineVersionArn: `${machineArn}:2` })], undefined],
    ["aws:sfn/alias:Alias", route, [machine({ stateMachineVersionArn: `${machineArn}:1` })], /ResourceNotFound/],
    ["aws:sfn/alias:Alias", route, [], /ResourceNotFound/],
    [jobType, { roleArn }, [roleFor("glue.amazonaws.com")], undefined],
    [jobType, { roleArn }, [roleFor("lambda.amazonaws.com")], /assume role permissions for Glue Service/],
    ["aws:glue/crawler:Crawler", { role: "r" }, [roleFor("lambda.amazonaws.com")], /verify role's TrustPolicy/],
    ["aws:glue/dataQualityRuleset:DataQualityRuleset", target, [table], undefined],
    ["aws:glue/dataQualityRuleset:DataQualityRuleset", target, [], /Table orders not found/],
    ["aws:glue/trigger:Trigger", actions, [], /find job: j/],
    ["aws:glue/trigger:Trigger", actions, [resource(jobType, "j", {})], /find crawler: c/],
  ];
  for (const [type, inputs, there, expected] of cases)
    it(`${type} ${JSON.stringify(inputs)} ${expected?.source ?? "is taken"} (${there.map(({ id }) => id).join()})`, () => {
      const reason = refusal(type, inputs, there);
      if (expected === undefined) assert.equal(reason, undefined);
      else assert.match(String(reason), expected);
    });

  const replaced: [type: string, properties: string[], kept: string[]][] = [
    ["aws:glue/catalogTable:CatalogTable", ["databaseName", "name", "openTableFormatInput"], ["storageDescriptor"]],
    [jobType, ["name"], ["command", "defaultArguments", "workerType"]],
    ["aws:glue/securityConfiguration:SecurityConfiguration", ["encryptionConfiguration"], []],
    [functionType, ["name", "packageType"], ["s3Key", "handler", "environment"]],
    [layerType, ["s3Key", "sourceCodeHash", "compatibleRuntimes"], ["skipDestroy"]],
    ["aws:lambda/permission:Permission", ["function", "principal", "sourceArn"], []],
    [machineType, ["name", "type"], ["definition", "roleArn"]],
  ];
  for (const [type, properties, kept] of replaced)
    it(`${type} is replaced for ${properties.join(", ")}, updated for ${kept.join(", ") || "nothing"}`, () => {
      const rules = spec(type).replaceOn ?? [];
      for (const property of properties) assert.ok(rules.includes(property), property);
      for (const property of kept) assert.ok(!rules.includes(property), property);
    });
});

import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const role = "arn:aws:iam::111111111111:role/r";
const queue = "arn:aws:sqs:eu-west-1:111111111111:q";
const fn = { name: "f", role, runtime: "python3.11", handler: "handler.handler", s3Bucket: "code", s3Key: "f.zip" };
const archive = { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", path: "f", hash: "00" };
const layer = { layerName: "shared", code: archive, compatibleRuntimes: ["python3.11"] };
const permission = { action: "lambda:InvokeFunction", function: "f", principal: "s3.amazonaws.com", statementId: "s" };
const mapping = { functionName: "f", eventSourceArn: queue };
const machine = (states: object, StartAt = "A") => ({
  name: "m",
  roleArn: role,
  definition: JSON.stringify({ StartAt, States: states }),
});
const done = { A: { Type: "Succeed" } };
const version = "arn:aws:states:eu-west-1:111111111111:stateMachine:m:1";

/** Functions and state machines. */
export const computeCases: Readonly<Record<string, InputCases>> = {
  "aws:lambda/function:Function": {
    valid: [
      fn,
      { name: "f", role, packageType: "Image", imageUri: "111111111111.dkr.ecr.eu-west-1.amazonaws.com/f@sha256:1" },
      { ...fn, s3Bucket: undefined, s3Key: undefined, code: archive, environment: { variables: { MODE: "live" } } },
      { ...fn, layers: ["arn:aws:lambda:eu-west-1:017000801446:layer:Powertools:1"], timeout: 900 },
      { ...fn, s3Key: unknown, role: unknown, environment: unknown, layers: unknown },
    ],
    invalid: [
      ["role", { ...fn, role: "r" }],
      ["runtime", { ...fn, runtime: "python3.7" }],
      ["runtime", { ...fn, runtime: "python4" }],
      ["runtime", { ...fn, runtime: undefined }],
      ["handler", { ...fn, handler: undefined }],
      ["handler", { ...fn, handler: "a b" }],
      ["s3Key", { ...fn, s3Key: undefined }],
      ["code", { ...fn, code: archive }],
      ["code", { name: "f", role, runtime: "python3.11", handler: "h.h" }],
      ["runtime", { name: "f", role, packageType: "Image", imageUri: "x", runtime: "python3.11" }],
      ["name", { ...fn, name: "f.g" }],
      ["timeout", { ...fn, timeout: 901 }],
      ["memorySize", { ...fn, memorySize: 64 }],
      ["environment", { ...fn, environment: { variables: { AWS_REGION: "eu-west-1" } } }],
      ["environment", { ...fn, environment: { variables: { "my-name": "x" } } }],
      ["environment", { ...fn, environment: { variables: { BIG: "x".repeat(5_000) } } }],
      ["layers", { ...fn, layers: ["arn:aws:lambda:eu-west-1:111111111111:layer:shared"] }],
      ["ephemeralStorage", { ...fn, ephemeralStorage: { size: 100 } }],
      ["deadLetterConfig", { ...fn, deadLetterConfig: { targetArn: "arn:aws:s3:::b" } }],
      ["architectures", { ...fn, architectures: ["riscv"] }],
    ],
  },
  "aws:lambda/layerVersion:LayerVersion": {
    valid: [layer, { layerName: "shared", s3Bucket: "code", s3Key: "layer.zip" }],
    invalid: [
      ["layerName", { code: archive }],
      ["layerName", { ...layer, layerName: "a b" }],
      ["code", { layerName: "shared" }],
      ["compatibleRuntimes", { ...layer, compatibleRuntimes: ["python"] }],
    ],
  },
  "aws:lambda/permission:Permission": {
    valid: [permission, { ...permission, sourceArn: "arn:aws:s3:::raw", sourceAccount: "111111111111" }],
    invalid: [
      ["action", { ...permission, action: "s3:GetObject" }],
      ["principal", { ...permission, principal: undefined }],
      ["principal", { ...permission, principal: "somebody" }],
      ["sourceArn", { ...permission, sourceArn: "raw" }],
      ["sourceAccount", { ...permission, sourceAccount: "1" }],
    ],
  },
  "aws:lambda/alias:Alias": {
    valid: [{ name: "live", functionName: "f", functionVersion: "1" }],
    invalid: [
      ["name", { name: "1", functionName: "f", functionVersion: "1" }],
      ["functionVersion", { name: "live", functionName: "f", functionVersion: "latest" }],
      [
        "routingConfig",
        {
          ...{ name: "live", functionName: "f", functionVersion: "$LATEST" },
          routingConfig: { additionalVersionWeights: { 1: 0.1 } },
        },
      ],
      [
        "routingConfig",
        {
          ...{ name: "live", functionName: "f", functionVersion: "1" },
          routingConfig: { additionalVersionWeights: { 2: 10 } },
        },
      ],
    ],
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    valid: [mapping, { ...mapping, batchSize: 100, maximumBatchingWindowInSeconds: 5 }],
    invalid: [
      ["functionName", { eventSourceArn: queue }],
      ["batchSize", { ...mapping, batchSize: 100 }],
      ["batchSize", { ...mapping, eventSourceArn: `${queue}.fifo`, batchSize: 20 }],
      ["startingPosition", { ...mapping, startingPosition: "LATEST" }],
      ["startingPosition", { ...mapping, eventSourceArn: "arn:aws:kinesis:eu-west-1:111111111111:stream/s" }],
      ["functionResponseTypes", { ...mapping, functionResponseTypes: ["Everything"] }],
    ],
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    valid: [{ functionName: "f", maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 }],
    invalid: [
      ["functionName", {}],
      ["maximumRetryAttempts", { functionName: "f", maximumRetryAttempts: 3 }],
      ["maximumEventAgeInSeconds", { functionName: "f", maximumEventAgeInSeconds: 59 }],
    ],
  },
  "aws:sfn/stateMachine:StateMachine": {
    valid: [machine(done), { name: "m", roleArn: role, definition: unknown }],
    invalid: [
      ["definition", { name: "m", roleArn: role }],
      ["definition", { name: "m", roleArn: role, definition: "{" }],
      ["definition", machine(done, "B")],
      ["name", { ...machine(done), name: "a.b" }],
      ["type", { ...machine(done), type: "FAST" }],
      ["loggingConfiguration", { ...machine(done), loggingConfiguration: { level: "ALL" } }],
      [
        "loggingConfiguration",
        {
          ...machine(done),
          loggingConfiguration: { level: "ALL", logDestination: "arn:aws:logs:eu-west-1:111111111111:log-group:g" },
        },
      ],
    ],
  },
  "aws:sfn/alias:Alias": {
    valid: [{ name: "live", routingConfigurations: [{ stateMachineVersionArn: version, weight: 100 }] }],
    invalid: [
      ["routingConfigurations", { name: "live" }],
      ["routingConfigurations", { name: "live", routingConfigurations: [] }],
      [
        "routingConfigurations",
        { name: "live", routingConfigurations: [{ stateMachineVersionArn: version, weight: 90 }] },
      ],
      [
        "routingConfigurations",
        { name: "live", routingConfigurations: [{ stateMachineVersionArn: version.slice(0, -2), weight: 100 }] },
      ],
      ["name", { name: "1", routingConfigurations: [{ stateMachineVersionArn: version, weight: 100 }] }],
    ],
  },
};

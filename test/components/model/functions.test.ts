import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { functionStatements } from "../../../components/model/function-statements.ts";
import type { ModelSettings } from "../../../components/model/model-settings.ts";
import type { ModelFunctionName } from "../../../components/model/names.ts";
import { registryReaders } from "../../../components/model/registry-access.ts";
import { images, key, made, once, sagemaker, scope, settings } from "./fixture.ts";
import {
  allow,
  disks,
  functionLogs,
  list,
  packages,
  queue,
  read,
  readLake,
  readWithKey,
  role,
  toSageMaker,
  traces,
  useKey,
  write,
} from "./statements.ts";

const withoutReasons = (statements: ReturnType<typeof functionStatements>) =>
  statements.map(({ wildcardReason: _, ...statement }) => statement);
const of = (name: ModelFunctionName, change: Partial<ModelSettings> = {}) =>
  withoutReasons(functionStatements(scope, name, { ...settings, ...change }));

const common = (name: string) => [
  useKey("s3", "sqs"),
  allow("SendDeadLetters", ["sqs:SendMessage"], [queue]),
  functionLogs(name),
  traces,
];
const registry = "registry/slipway-dev-housing/*";
const mirror = [
  allow("SeeModels", ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], packages),
  read("ReadRunsAndRegistry", "runs/*", registry),
  write("WriteRegistry", registry),
  { ...read("ClearRegistry", registry), actions: ["s3:DeleteObject"] },
  list("runs/*", registry),
];
const [endpointArn, configurations] = [
  sagemaker("endpoint/slipway-dev-housing"),
  sagemaker("endpoint-config/slipway-dev-housing-*"),
];
const move = [
  allow("MoveEndpoint", ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"], [endpointArn, configurations]),
  allow("LookAtEndpoint", ["sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint"], [endpointArn]),
  allow("MakeConfigurations", ["sagemaker:CreateEndpointConfig", "sagemaker:DescribeEndpointConfig"], [configurations]),
  allow("MakeModels", ["sagemaker:CreateModel", "sagemaker:DescribeModel"], [sagemaker("model/slipway-dev-housing-*")]),
  allow("PassServingRole", ["iam:PassRole"], [role("serving")], toSageMaker),
];

describe("components/model: what functions may do", () => {
  it("training_handler: exactly this", () => {
    assert.deepEqual(of("training_handler"), [
      ...readLake(["_state"], ["_state", "houses"]),
      read("ReadInputs", "inputs/*"),
      write("WriteInputs", "inputs/*"),
      list("inputs/*"),
      allow(
        "StartPipeline",
        ["sagemaker:StartPipelineExecution"],
        [sagemaker("pipeline/slipway-dev-training-pipeline")],
      ),
      ...common("training-handler"),
    ]);
  });

  it("deploy_endpoint: exactly this", () => {
    assert.deepEqual(of("deploy_endpoint"), [...mirror, ...move, ...disks, ...common("deploy-endpoint")]);
  });

  it("deploy_endpoint: nothing on disks that are not its affair, nor on an endpoint that is not there", () => {
    const serverless = { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 } as const;
    assert.deepEqual(of("deploy_endpoint", { endpoint: serverless }), [
      ...mirror,
      ...move,
      ...common("deploy-endpoint"),
    ]);
    assert.deepEqual(of("deploy_endpoint", { endpoint: { kind: "none" } }), [...mirror, ...common("deploy-endpoint")]);
  });

  it("deploy_endpoint: the models of the environment before, where they are taken over", () => {
    const from = { environment: "staging", account: "333333333333" };
    const statements = of("deploy_endpoint", { promotion: { mode: "model", from } });
    assert.deepEqual(statements.find(({ sid }) => sid === "SeeModels")?.resources, [
      "arn:aws:sagemaker:us-east-1:333333333333:model-package-group/slipway-staging-housing",
      "arn:aws:sagemaker:us-east-1:333333333333:model-package/slipway-staging-housing/*",
    ]);
    assert.ok(statements.some(({ sid }) => sid === "ReadModelsOfOthers"));
  });

  it("services: the registry for both, models for the one that predicts", () => {
    const { api, predict } = registryReaders(scope, settings.promotion);
    assert.deepEqual(api, [read("ReadRegistry", registry), list(registry), readWithKey]);
    assert.deepEqual(predict, [
      read("ReadRegistry", registry, "runs/*/model.tar.gz"),
      list(registry, "runs/*"),
      readWithKey,
    ]);
  });
});

describe("components/model/ModelFunctions", () => {
  const retained = once(() => made());
  const functionOf = async (name: string, run = retained()) =>
    (await run)[1].get("aws:lambda/function:Function", `model-functions-${name}-function`);
  const variablesOf = async (name: string, run = retained()) =>
    ((await functionOf(name, run)).inputs.environment as { variables: Record<string, string> }).variables;
  const servingOf = async (run = retained()) =>
    JSON.parse((await variablesOf("deploy-endpoint", run)).SERVING ?? "null") as unknown;

  it("runs code by its content over layers, and keeps what fails", async () => {
    const { inputs, dependsOn } = await functionOf("training-handler");
    assert.deepEqual(
      [inputs.name, inputs.runtime, inputs.architectures, inputs.handler, inputs.publish],
      ["slipway-dev-training-handler", "python3.13", ["arm64"], "handler.handler", true],
    );
    assert.equal(inputs.s3Key, `code/functions/training_handler/${"0".repeat(64)}.zip`);
    assert.equal(inputs.sourceCodeHash, Buffer.from("0".repeat(64), "hex").toString("base64"));
    assert.equal((inputs.layers as string[]).length, 2);
    assert.deepEqual(inputs.deadLetterConfig, {
      targetArn: "arn:aws:sqs:us-east-1:111111111111:slipway-dev-model-dead-letters",
    });
    assert.deepEqual(inputs.loggingConfig, { logFormat: "JSON", logGroup: "/aws/lambda/slipway-dev-training-handler" });
    assert.ok(dependsOn.includes("aws:iam/rolePolicy:RolePolicy model-functions-training-handler-policy"));
    assert.ok(dependsOn.includes("aws:cloudwatch/logGroup:LogGroup model-functions-training-handler-logs"));
    assert.equal(((await functionOf("deploy-endpoint")).inputs.layers as string[]).length, 1);
  });

  it("tells training_handler what to start, with the very parameters of the definition", async () => {
    const [, { get }] = await retained();
    const { pipelineDefinition } = get("aws:sagemaker/pipeline:Pipeline", "model-training-pipeline").inputs;
    const { PIPELINE_PARAMETERS, ...rest } = await variablesOf("training-handler");
    const { Parameters } = JSON.parse(String(pipelineDefinition)) as { Parameters: unknown };
    assert.deepEqual(JSON.parse(PIPELINE_PARAMETERS ?? ""), Parameters);
    assert.deepEqual(rest, {
      ENVIRONMENT: "dev",
      MODEL_NAME: "housing",
      PIPELINE: "slipway-dev-training-pipeline",
      THRESHOLD_METRIC: "r2",
      CODE_DIGEST: `sha256:${"a".repeat(64)}`,
      MODEL_BUCKET: "slipway-dev-model-bucket-222222222222-us-east-1",
      PROCESSED_BUCKET: "slipway-dev-processed-bucket-222222222222-us-east-1",
      DATASET: "houses",
    });
  });

  it("tells deploy_endpoint how to serve: as the endpoint was made", async () => {
    const { SERVING, ...rest } = await variablesOf("deploy-endpoint");
    assert.deepEqual(rest, {
      ENVIRONMENT: "dev",
      MODEL_NAME: "housing",
      PACKAGE_GROUP: "slipway-dev-housing",
      MODEL_REGISTRY: "s3://slipway-dev-model-bucket-222222222222-us-east-1/registry/slipway-dev-housing",
    });
    assert.deepEqual(JSON.parse(SERVING ?? ""), {
      endpoint: "slipway-dev-housing",
      image: images.predict,
      roleArn: role("serving"),
      instances: { type: "ml.m5.large", count: 2 },
      isolated: true,
      network: { subnets: ["subnet-1", "subnet-2"], securityGroups: ["model-network-access-id"] },
      keyArn: key,
      capture: { percent: 20, destination: "s3://slipway-dev-model-bucket-222222222222-us-east-1/capture" },
      deployment: {
        strategy: "canary",
        percent: 10,
        waitSeconds: 1800,
        terminationWaitSeconds: 600,
        maximumSeconds: 4200,
        alarms: ["errors", "model-errors", "latency"].map((name) => `slipway-dev-model-endpoint-${name}`),
      },
    });
  });

  it("tells it of nothing that a serverless variant does not know, and of no endpoint where there is none", async () => {
    const serverless = { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 } as const;
    assert.deepEqual(await servingOf(made({ settings: { endpoint: serverless } })), {
      endpoint: "slipway-dev-housing",
      image: images.predict,
      roleArn: role("serving"),
      serverless: { memoryMb: 2048, maxConcurrency: 5 },
    });
    assert.equal(await servingOf(made({ settings: { endpoint: { kind: "none" } } })), null);
  });

  it("tells it to move everything at once, and to keep no requests, where that is wanted", async () => {
    const plain = {
      kind: "instances",
      instanceType: "ml.t2.medium",
      count: 1,
      terminationMinutes: 0,
      capturePercentage: 0,
    } as const;
    const serving = (await servingOf(made({ settings: { endpoint: plain, vpc: false } }))) as Record<string, unknown>;
    assert.deepEqual([serving.capture, serving.network], [undefined, undefined]);
    const { strategy, percent, waitSeconds } = serving.deployment as Record<string, unknown>;
    assert.deepEqual([strategy, percent, waitSeconds], ["all-at-once", undefined, 0]);
  });

  it("names the group by its ARN, where that is another account's", async () => {
    const from = { environment: "staging", account: "333333333333" };
    const { PACKAGE_GROUP, MODEL_REGISTRY } = await variablesOf(
      "deploy-endpoint",
      made({ settings: { promotion: { mode: "model", from } } }),
    );
    assert.equal(PACKAGE_GROUP, "arn:aws:sagemaker:us-east-1:333333333333:model-package-group/slipway-staging-housing");
    // Services read one place, wherever models come from.
    assert.equal(MODEL_REGISTRY, "s3://slipway-dev-model-bucket-222222222222-us-east-1/registry/slipway-dev-housing");
  });

  it("calls its layers otherwise than the data pipeline calls its own", async () => {
    const layers = (await retained())[1]
      .ofType("aws:lambda/layerVersion:LayerVersion")
      .map(({ inputs }) => inputs.layerName);
    assert.deepEqual(layers.sort(), ["slipway-dev-model-lakehouse", "slipway-dev-modelkit"]);
  });
});

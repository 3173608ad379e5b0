import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { deploymentSeconds } from "../../../components/model/endpoint.ts";
import { endpoint, images, key, made, once } from "./fixture.ts";

const retained = once(() => made());
const serverless = { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 } as const;
const onServerless = once(() => made({ settings: { endpoint: serverless } }));

const types = {
  endpoint: ["aws:sagemaker/endpoint:Endpoint", "model-endpoint-endpoint"],
  configuration: ["aws:sagemaker/endpointConfiguration:EndpointConfiguration", "model-endpoint-configuration"],
  model: ["aws:sagemaker/model:Model", "model-endpoint-model"],
} as const;

async function of(what: keyof typeof types, run = retained()) {
  const [, { get }] = await run;
  const [type, name] = types[what];
  return get(type, name);
}

describe("components/model/ModelEndpoint", () => {
  it("begins with the model in the image, isolated and in the network", async () => {
    const { inputs } = await of("model");
    assert.deepEqual(inputs.primaryContainer, { image: images.predict, environment: { MODEL_NAME: "housing" } });
    assert.equal(inputs.enableNetworkIsolation, true);
    assert.deepEqual(inputs.vpcConfig, {
      subnets: ["subnet-1", "subnet-2"],
      securityGroupIds: ["model-network-access-id"],
    });
    assert.equal(inputs.executionRoleArn, "arn:aws:iam::222222222222:role/slipway-dev-model-serving");
  });

  it("keeps a share of the requests, under the key, as are the disks", async () => {
    const { inputs } = await of("configuration");
    assert.deepEqual(inputs.productionVariants, [
      {
        variantName: "serving",
        modelName: "slipway-dev-housing-start",
        instanceType: "ml.m5.large",
        initialInstanceCount: 2,
        initialVariantWeight: 1,
      },
    ]);
    assert.equal(inputs.kmsKeyArn, key);
    assert.deepEqual(inputs.dataCaptureConfig, {
      enableCapture: true,
      initialSamplingPercentage: 20,
      destinationS3Uri: "s3://slipway-dev-model-bucket-222222222222-us-east-1/capture",
      kmsKeyId: key,
      captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
      captureContentTypeHeader: { jsonContentTypes: ["application/json"] },
    });
  });

  it("takes a new model on a tenth of its machines for half an hour, and goes back on an alarm", async () => {
    const { inputs } = await of("endpoint");
    assert.deepEqual(inputs.deploymentConfig, {
      blueGreenUpdatePolicy: {
        trafficRoutingConfiguration: {
          type: "CANARY",
          canarySize: { type: "CAPACITY_PERCENT", value: 10 },
          waitIntervalInSeconds: 1800,
        },
        terminationWaitInSeconds: 600,
        maximumExecutionTimeoutInSeconds: 4200,
      },
      autoRollbackConfiguration: {
        alarms: ["errors", "model-errors", "latency"].map((name) => ({
          alarmName: `slipway-dev-model-endpoint-${name}`,
        })),
      },
    });
  });

  it("is left alone once it is there: another release neither moves it nor takes away what it stands on", async () => {
    assert.deepEqual((await of("endpoint")).ignoreChanges, ["endpointConfigName", "deploymentConfig"]);
    assert.deepEqual((await of("configuration")).ignoreChanges, [
      "productionVariants",
      "dataCaptureConfig",
      "kmsKeyArn",
    ]);
    assert.deepEqual((await of("model")).ignoreChanges, ["primaryContainer", "enableNetworkIsolation", "vpcConfig"]);
  });

  it("has its log group before it writes to it", async () => {
    const { dependsOn } = await of("endpoint");
    assert.ok(dependsOn.includes("aws:cloudwatch/logGroup:LogGroup model-endpoint-logs"));
  });

  it("serverless: is asked for nothing that SageMaker refuses there", async () => {
    const configuration = (await of("configuration", onServerless())).inputs;
    assert.deepEqual(configuration, {
      name: "slipway-dev-housing-start",
      productionVariants: [
        {
          variantName: "serving",
          modelName: "slipway-dev-housing-start",
          initialVariantWeight: 1,
          serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 5 },
        },
      ],
    });
    const model = (await of("model", onServerless())).inputs;
    assert.deepEqual([model.enableNetworkIsolation, model.vpcConfig], [false, undefined]);
    assert.equal((await of("endpoint", onServerless())).inputs.deploymentConfig, undefined);
  });

  it("takes everything over at once without a canary, and asks for no key on disks that take none", async () => {
    const { canary: _, ...plain } = endpoint;
    const run = made({ settings: { endpoint: { ...plain, instanceType: "ml.g5.xlarge", capturePercentage: 0 } } });
    const { deploymentConfig } = (await of("endpoint", run)).inputs as {
      deploymentConfig: { blueGreenUpdatePolicy: { trafficRoutingConfiguration: unknown } };
    };
    assert.deepEqual(deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration, {
      type: "ALL_AT_ONCE",
      waitIntervalInSeconds: 0,
    });
    const { kmsKeyArn, dataCaptureConfig } = (await of("configuration", run)).inputs;
    assert.deepEqual([kmsKeyArn, dataCaptureConfig], [undefined, undefined]);
  });

  it("says how long a change of it may take", () => {
    const { canary: _, ...plain } = endpoint;
    assert.deepEqual(
      [deploymentSeconds(endpoint), deploymentSeconds(plain), deploymentSeconds(serverless)],
      [70 * 60, 40 * 60, 30 * 60],
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { parseStackOutputs } from "../../config/outputs.ts";
import program from "../../index.ts";
import { type Run, run } from "../support/harness.ts";
import { siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig } from "../support/stack-files.ts";

type StackName = "dev" | "staging" | "prod";
const accounts = { dev: "222222222222", staging: "333333333333", prod: "444444444444" };

const runs = new Map<StackName, Promise<Run>>();

async function runStack(stack: StackName): Promise<Run> {
  const known = runs.get(stack) ?? run(program, { stack, config: stackConfig(stack), stacks: siblingStacks });
  runs.set(stack, known);
  return await known;
}

async function outputsOf(stack: StackName) {
  const outputs = parseStackOutputs((await runStack(stack)).outputs, stack);
  assert.ok(outputs.kind === "environment" && outputs.model);
  return { ...outputs, model: outputs.model };
}

interface Variant {
  instanceType?: string;
  initialInstanceCount?: number;
  serverlessConfig?: unknown;
}

interface Definition {
  Parameters: { Name: string; DefaultValue?: unknown }[];
  Steps: {
    Arguments: { NetworkConfig?: Record<string, unknown>; IfSteps?: { Arguments: Record<string, unknown> }[] };
  }[];
}

function definitionOf({ get }: Run): Definition {
  const { pipelineDefinition } = get("aws:sagemaker/pipeline:Pipeline", "model-training-pipeline").inputs;
  return JSON.parse(String(pipelineDefinition)) as Definition;
}

describe("program: models", function () {
  this.timeout(60_000);

  const table = [
    { stack: "dev", serverless: true, count: undefined, state: "DISABLED", vpc: false, canary: undefined },
    { stack: "staging", serverless: false, count: 1, state: "DISABLED", vpc: true, canary: "ALL_AT_ONCE" },
    { stack: "prod", serverless: false, count: 2, state: "ENABLED", vpc: true, canary: "CANARY" },
  ] as const;

  for (const { stack, serverless, count, state, vpc, canary } of table) {
    it(`${stack}: ${serverless ? "a serverless endpoint" : `${count} machines`}, a schedule that is ${state}`, async () => {
      const done = await runStack(stack);
      const { productionVariants } = done.get(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "model-endpoint-configuration",
      ).inputs as { productionVariants: Variant[] };
      assert.equal(productionVariants[0]?.initialInstanceCount, count);
      assert.equal(productionVariants[0]?.serverlessConfig !== undefined, serverless);
      assert.equal(done.get("aws:scheduler/schedule:Schedule", "model-triggers-schedule").inputs.state, state);
      const { deploymentConfig } = done.get("aws:sagemaker/endpoint:Endpoint", "model-endpoint-endpoint").inputs as {
        deploymentConfig?: { blueGreenUpdatePolicy: { trafficRoutingConfiguration: { type: string } } };
      };
      assert.equal(deploymentConfig?.blueGreenUpdatePolicy.trafficRoutingConfiguration.type, canary);
    });

    it(`${stack}: jobs reach nothing, ${vpc ? "in the private subnets" : "in no network of ours"}`, async () => {
      const { Steps } = definitionOf(await runStack(stack));
      const network = Steps[0]?.Arguments.NetworkConfig;
      assert.equal(network?.EnableNetworkIsolation, true);
      assert.equal(network.VpcConfig !== undefined, vpc);
    });
  }

  it("asks the same of a model everywhere, and lets it serve by itself", async () => {
    for (const stack of ["dev", "staging", "prod"] as const) {
      const { Parameters, Steps } = definitionOf(await runStack(stack));
      assert.equal(Parameters.find(({ Name }) => Name === "Threshold")?.DefaultValue, 0.6);
      assert.equal(Steps.at(-1)?.Arguments.IfSteps?.[0]?.Arguments.ModelApprovalStatus, "Approved");
    }
  });

  it("trains with the very same code and image everywhere, on the lake of each environment", async () => {
    const texts = await Promise.all(
      (["dev", "staging", "prod"] as const).map(async (stack) => {
        const text = JSON.stringify(definitionOf(await runStack(stack)));
        assert.ok(text.includes(`s3://slipway-${stack}-model-bucket-${accounts[stack]}-us-east-1/code/model/`), stack);
        return [/code\/model\/[0-9a-f]{64}\.zip/u, /slipway\/model@sha256:[0-9a-f]{64}/u].map(
          (one) => one.exec(text)?.[0],
        );
      }),
    );
    assert.ok(texts[0]?.every((text) => text !== undefined));
    assert.deepEqual(texts[1], texts[0]);
    assert.deepEqual(texts[2], texts[0]);
  });

  it("tells where models are", async () => {
    const { model, ApiEndpoint, checks } = await outputsOf("prod");
    assert.equal(model.registry, "s3://slipway-prod-model-bucket-444444444444-us-east-1/registry/slipway-prod-housing");
    assert.deepEqual(
      [model.pipeline, model.packageGroup, model.endpoint],
      ["slipway-prod-training-pipeline", "slipway-prod-housing", "slipway-prod-housing"],
    );
    assert.deepEqual(Object.keys(model.functions).sort(), [
      "deploy_endpoint",
      "models_api",
      "traffic_hook_after",
      "traffic_hook_before",
      "training_handler",
    ]);
    assert.equal(model.shifts.length, 1);
    assert.match(String(ApiEndpoint), /^https:\/\//u);
    const endpoint = checks.find(({ kind }) => kind === "sagemaker-endpoint");
    assert.ok(endpoint?.kind === "sagemaker-endpoint");
    // Half an hour of a canary, ten minutes of the old machines, and half an hour for the new ones to come up.
    assert.equal(endpoint.timeoutSeconds, 70 * 60);
    const alarms = checks.find(({ name }) => name === "model-alarms");
    assert.ok(alarms?.kind === "alarm" && alarms.alarms.includes("slipway-prod-model-endpoint-errors"));
  });

  it("tells the services that list and predict where models are, and no other", async () => {
    const { manifests, model } = await outputsOf("dev");
    const variables = (service: string) => {
      const text = manifests?.files[`${service}/deployment.yaml`] ?? "";
      const { spec } = parse(text) as {
        spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
      };
      return spec.template.spec.containers[0]?.env ?? [];
    };
    for (const service of ["api", "predict"])
      assert.equal(variables(service).find(({ name }) => name === "MODEL_REGISTRY")?.value, model.registry);
    assert.ok(!variables("web").some(({ name }) => name === "MODEL_REGISTRY"));
  });
});

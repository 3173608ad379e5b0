import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import {
  ModelPipeline,
  type ModelPipelineArgs,
  validateModelPipeline,
} from "../../../components/model/model-pipeline.ts";
import { checkSchema } from "../../../config/outputs.ts";
import { promised, run } from "../../support/harness.ts";
import { args, arnOf, made, once, sagemaker, settings } from "./fixture.ts";

const retained = once(() => made());

describe("components/model/ModelPipeline: what it tells others", () => {
  it("says where everything is", async () => {
    const [pipeline] = await retained();
    const fn = (name: string) => arnOf("lambda", `function:slipway-dev-${name}`);
    const { shifts, ...rest } = await promised(pipeline.model);
    assert.deepEqual(rest, {
      bucket: "slipway-dev-model-bucket-222222222222-us-east-1",
      pipeline: "slipway-dev-training-pipeline",
      pipelineArn: sagemaker("pipeline/slipway-dev-training-pipeline"),
      packageGroup: "slipway-dev-housing",
      endpoint: "slipway-dev-housing",
      registry: "s3://slipway-dev-model-bucket-222222222222-us-east-1/registry/slipway-dev-housing",
      functions: {
        training_handler: fn("training-handler"),
        deploy_endpoint: fn("deploy-endpoint"),
        models_api: fn("models-api"),
        traffic_hook_before: fn("traffic-hook-before"),
        traffic_hook_after: fn("traffic-hook-after"),
      },
    });
    assert.equal(shifts.length, 1);
    assert.equal(pipeline.registry, rest.registry);
  });

  it("names no endpoint where there is none", async () => {
    const [pipeline] = await made({ settings: { endpoint: { kind: "none" } } });
    assert.ok(!("endpoint" in (await promised(pipeline.model))));
    const kinds = (await promised(pipeline.checks)).map(({ kind }) => kind);
    assert.ok(!kinds.includes("sagemaker-endpoint"));
  });

  it("declares checks that the driver understands", async () => {
    const checks = await promised((await retained())[0].checks);
    for (const check of checks) assert.deepEqual(checkSchema.parse(check), check);
    const [endpoint] = checks;
    assert.deepEqual(endpoint, {
      kind: "sagemaker-endpoint",
      name: "model-endpoint",
      region: "us-east-1",
      endpoint: "slipway-dev-housing",
      payload:
        '{"rows":[{"area":85,"bedrooms":3,"bathrooms":1,"age":20},{"area":140,"bedrooms":4,"bathrooms":2,"age":5}]}',
      predictions: 2,
      timeoutSeconds: 4200,
    });
    const alarms = checks.at(-1);
    assert.deepEqual(alarms, {
      kind: "alarm",
      name: "model-alarms",
      region: "us-east-1",
      alarms: [
        "slipway-dev-model-endpoint-errors",
        "slipway-dev-model-endpoint-model-errors",
        "slipway-dev-model-endpoint-latency",
        "slipway-dev-model-training-failed",
        "slipway-dev-model-dead-letters",
        "slipway-dev-inference-errors",
        "slipway-dev-inference-latency",
      ],
    });
  });
});

describe("components/model/ModelPipeline: bad arguments", () => {
  it("finds the problems of all its parts at once, at the component and without a stack trace", async () => {
    const wrong: ModelPipelineArgs = {
      ...args,
      artifacts: {
        ...args.artifacts,
        code: { ...args.artifacts.code, digest: "sha256:1" },
        functions: {},
        images: { ...args.artifacts.images, model: "model:latest" },
      },
      settings: { ...settings, threshold: 2, vpc: false, studio: { users: ["ada"] } },
    };
    const problems = validateModelPipeline(wrong);
    assert.deepEqual(
      problems.map((line) => line.slice(0, line.indexOf(":"))),
      [
        "`artifacts.code.digest`",
        "`artifacts.functions.training_handler`",
        "`artifacts.functions.deploy_endpoint`",
        "`artifacts.functions.models_api`",
        "`artifacts.functions.traffic_hook`",
        "`artifacts.images.model`",
        "`threshold`",
        "`vpc`",
      ],
    );
    await run(() => {
      assert.throws(
        () => new ModelPipeline("model", wrong),
        (error: unknown) => {
          assert.ok(pulumi.ResourceError.isInstance(error));
          assert.equal(error.message, `model cannot be built:\n${problems.join("\n")}`);
          assert.equal(error.hideStack, true);
          return true;
        },
      );
    });
  });

  it("finds an environment whose names are too long", () => {
    const problems = validateModelPipeline({
      ...args,
      environment: "a-very-long-name-of-an-environment-that-nobody-needs",
    });
    assert.ok(problems.length > 0);
    for (const line of problems) assert.match(line, /^`environment`: .* expected one whose names fit\./u);
  });

  it("finds nothing wrong with good arguments", () => assert.deepEqual(validateModelPipeline(args), []));
});

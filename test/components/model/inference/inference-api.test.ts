import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { checkSchema, environmentOutputsSchema } from "../../../../config/outputs.ts";
import { promised } from "../../../support/harness.ts";
import { made } from "./fixture.ts";

const functions = ["hook-after", "hook-before", "models-api"];

describe("components/model/InferenceApi", () => {
  it("makes an API, three functions, an alias, and what moves it, and nothing more", async () => {
    const { list } = await made();
    assert.deepEqual(
      list(),
      [
        "aws:apigatewayv2/api:Api api-gateway-api",
        "aws:apigatewayv2/integration:Integration api-gateway-integration",
        "aws:apigatewayv2/route:Route api-gateway-models-route",
        "aws:apigatewayv2/route:Route api-gateway-predict-route",
        "aws:apigatewayv2/stage:Stage api-gateway-stage",
        "aws:cloudwatch/logGroup:LogGroup api-gateway-access-logs",
        ...functions.map((name) => `aws:cloudwatch/logGroup:LogGroup api-${name}-logs`),
        "aws:cloudwatch/metricAlarm:MetricAlarm api-traffic-errors",
        "aws:cloudwatch/metricAlarm:MetricAlarm api-traffic-latency",
        "aws:codedeploy/application:Application api-traffic-application",
        "aws:codedeploy/deploymentConfig:DeploymentConfig api-traffic-steps",
        "aws:codedeploy/deploymentGroup:DeploymentGroup api-traffic-group",
        ...[...functions, "traffic"].map((name) => `aws:iam/role:Role api-${name}-role`),
        ...[...functions, "traffic"].map((name) => `aws:iam/rolePolicy:RolePolicy api-${name}-policy`),
        "aws:lambda/alias:Alias api-alias",
        ...functions.map((name) => `aws:lambda/function:Function api-${name}-function`),
        "aws:lambda/permission:Permission api-gateway-models-permission",
        "aws:lambda/permission:Permission api-gateway-predict-permission",
        "slipway:index:InferenceApi api",
        ...functions.map((name) => `slipway:index:InferenceFunction api-${name}`),
        "slipway:index:InferenceGateway api-gateway",
        "slipway:index:TrafficShift api-traffic",
      ].sort(),
    );
  });

  it("publishes a version of exactly the release's code, told where the models are", async () => {
    const { get } = await made();
    const api = get("aws:lambda/function:Function", "api-models-api-function");
    assert.deepEqual(api.inputs, {
      name: "slipway-dev-models-api",
      description: "Lists the models of the registry and passes questions on to the endpoint",
      runtime: "python3.13",
      architectures: ["arm64"],
      handler: "handler.handler",
      s3Bucket: "slipway-code",
      s3Key: "models_api.zip",
      sourceCodeHash: "models_api-hash",
      layers: ["arn:layer:modelkit:1"],
      role: "arn:aws:iam::111111111111:role/api-models-api-role",
      memorySize: 512,
      timeout: 29,
      environment: {
        variables: {
          ENVIRONMENT: "dev",
          MODEL_REGISTRY: "s3://slipway-dev-model-bucket/registry/slipway-dev-housing",
          ENDPOINT_NAME: "slipway-dev-housing",
        },
      },
      loggingConfig: { logFormat: "JSON", logGroup: "/aws/lambda/slipway-dev-models-api" },
      tracingConfig: { mode: "Active" },
      publish: true,
    });
    for (const needed of [
      "aws:cloudwatch/logGroup:LogGroup api-models-api-logs",
      "aws:iam/rolePolicy:RolePolicy api-models-api-policy",
    ])
      assert.ok(api.dependsOn.includes(needed), needed);
  });

  it("has one code for both hooks, told which of them it is", async () => {
    const { get } = await made();
    const hooks = ["before", "after"].map((phase) => get("aws:lambda/function:Function", `api-hook-${phase}-function`));
    assert.deepEqual(
      hooks.map(({ inputs }) => [inputs.name, inputs.s3Key, inputs.environment]),
      ["before", "after"].map((phase) => [
        `slipway-dev-traffic-hook-${phase}`,
        "traffic_hook.zip",
        {
          variables: { ENVIRONMENT: "dev", PHASE: phase, TARGET_FUNCTION: "slipway-dev-models-api", ALIAS: "live" },
        },
      ]),
    );
  });

  it("leaves the alias to CodeDeploy once it is made", async () => {
    const { get } = await made();
    const alias = get("aws:lambda/alias:Alias", "api-alias");
    assert.equal(alias.inputs.functionVersion, "3");
    assert.deepEqual(alias.ignoreChanges, ["functionVersion", "routingConfig"]);
  });

  it("answers two routes from the alias, one of them for signed requests only, and lets nobody else call it", async () => {
    const { get, ofType } = await made();
    assert.deepEqual(get("aws:apigatewayv2/integration:Integration", "api-gateway-integration").inputs, {
      apiId: "api-gateway-api-id",
      integrationType: "AWS_PROXY",
      integrationUri: "arn:invoke:live",
      integrationMethod: "POST",
      payloadFormatVersion: "2.0",
      timeoutMilliseconds: 30_000,
    });
    assert.deepEqual(
      ofType("aws:apigatewayv2/route:Route").map(({ inputs }) => [
        inputs.routeKey,
        inputs.authorizationType,
        inputs.target,
      ]),
      [
        ["GET /models", "NONE", "integrations/api-gateway-integration-id"],
        ["POST /predict", "AWS_IAM", "integrations/api-gateway-integration-id"],
      ],
    );
    assert.deepEqual(
      ofType("aws:lambda/permission:Permission").map(({ inputs }) => inputs),
      ["GET/models", "POST/predict"].map((route) => ({
        action: "lambda:InvokeFunction",
        function: "slipway-dev-models-api",
        qualifier: "live",
        principal: "apigateway.amazonaws.com",
        sourceArn: `arn:execution/*/${route}`,
      })),
    );
    const open = await made({ authorization: "none" });
    assert.deepEqual(
      open.ofType("aws:apigatewayv2/route:Route").map(({ inputs }) => inputs.authorizationType),
      ["NONE", "NONE"],
    );
  });

  it("logs each request under the key, takes only so many, and deploys itself after its routes", async () => {
    const { get } = await made({ throttling: { rate: 5, burst: 10 } });
    const stage = get("aws:apigatewayv2/stage:Stage", "api-gateway-stage");
    assert.equal(stage.inputs.name, "$default");
    assert.equal(stage.inputs.autoDeploy, true);
    assert.deepEqual(stage.inputs.defaultRouteSettings, {
      throttlingRateLimit: 5,
      throttlingBurstLimit: 10,
      detailedMetricsEnabled: true,
    });
    const { destinationArn, format } = stage.inputs.accessLogSettings as Record<string, string>;
    assert.match(destinationArn ?? "", /log-group:\/aws\/vendedlogs\/apigateway\/slipway-dev-inference$/u);
    const logged = JSON.parse(format ?? "") as Record<string, string>;
    for (const [key, value] of Object.entries(logged)) assert.match(value, /^\$context\./u, key);
    assert.doesNotMatch(format ?? "", /body|authorization|header/iu);
    for (const name of ["api-gateway-models-route", "api-gateway-predict-route"])
      assert.ok(stage.dependsOn.includes(`aws:apigatewayv2/route:Route ${name}`), name);
  });

  it("keeps every log under the key and for so long, in production even where it leaves the program", async () => {
    const groups = (result: Awaited<ReturnType<typeof made>>) => result.ofType("aws:cloudwatch/logGroup:LogGroup");
    for (const { inputs, protect } of groups(await made())) {
      assert.deepEqual([inputs.kmsKeyId, inputs.retentionInDays, protect], ["arn:key", 7, false]);
    }
    const kept = groups(await made({ removal: "retain" }));
    assert.deepEqual([...new Set(kept.map(({ protect, retainOnDelete }) => protect && retainOnDelete))], [true]);
  });

  it("lets a caller change what it is made of, without any other", async () => {
    const { get, ofType } = await made({
      transform: {
        function: { memorySize: 1024 },
        route: (route, opts, name) => ({
          args: name.includes("models") ? { ...route, authorizationType: "AWS_IAM" } : route,
          opts,
        }),
        api: { description: "Ours" },
        stage: { description: "All of it" },
      },
    });
    const sizes = ofType("aws:lambda/function:Function").map(({ inputs }) => inputs.memorySize);
    assert.deepEqual(sizes.sort(), [1024, 256, 256]);
    assert.equal(get("aws:apigatewayv2/route:Route", "api-gateway-models-route").inputs.authorizationType, "AWS_IAM");
    assert.equal(get("aws:apigatewayv2/api:Api", "api-gateway-api").inputs.description, "Ours");
    assert.equal(get("aws:apigatewayv2/stage:Stage", "api-gateway-stage").inputs.description, "All of it");
  });

  it("tells the driver what to shift and what to look at, in the words of the contract", async () => {
    const { api } = await made();
    assert.equal(await promised(api.apiEndpoint), "https://abc.execute-api.us-east-1.amazonaws.com");
    const shifts = await promised(api.shifts);
    assert.deepEqual(shifts, [
      {
        application: "slipway-dev-inference",
        deploymentGroup: "slipway-dev-inference",
        function: "slipway-dev-models-api",
        alias: "live",
        version: "3",
        hooks: { before: "slipway-dev-traffic-hook-before", after: "slipway-dev-traffic-hook-after" },
        minutes: 30,
        timeoutSeconds: 2700,
      },
    ]);
    const { shifts: contract } = environmentOutputsSchema.shape.model.unwrap().shape;
    assert.deepEqual(contract.parse(shifts), shifts);
    const checks = await promised(api.checks);
    assert.deepEqual(
      checks.map((check) => checkSchema.parse(check)),
      checks,
    );
    const [invoked, asked] = checks;
    assert.ok(invoked?.kind === "lambda");
    const event = JSON.parse(invoked.payload) as Record<string, unknown>;
    assert.deepEqual([event.version, event.routeKey, event.rawPath], ["2.0", "GET /models", "/models"]);
    assert.deepEqual([invoked.function, invoked.qualifier, invoked.status], ["slipway-dev-models-api", "live", 200]);
    assert.deepEqual(asked, {
      ...{ kind: "http", name: "inference-api", status: 200 },
      url: "https://abc.execute-api.us-east-1.amazonaws.com/models",
    });
    assert.deepEqual(await promised(pulumi.all(api.functions)), {
      models_api: "arn:slipway-dev-models-api",
      traffic_hook_before: "arn:slipway-dev-traffic-hook-before",
      traffic_hook_after: "arn:slipway-dev-traffic-hook-after",
    });
  });

  it("is not built from what cannot be right, all of it told at once", async () => {
    await assert.rejects(
      made({
        shift: { kind: "canary", percentage: 0, minutes: 1.5 },
        thresholds: { errorsPerMinute: -1, latencyMs: 0 },
        throttling: { rate: 0, burst: 1 },
      }),
      /api cannot be built:\n`shift\.percentage`: got 0,.*\n`shift\.minutes`: got 1\.5,.*\n`thresholds\.errorsPerMinute`: got -1,.*\n`thresholds\.latencyMs`: got 0,.*\n`throttling\.rate`: got 0,/u,
    );
  });
});

import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith, resource } from "./context.ts";
import { roleArn, roleFor } from "./data-resources.ts";
import {
  of,
  api,
  integration,
  authorizer,
  alarm,
  model,
  variant,
  serverless,
  configuration,
  endpoint,
  application,
  steps,
  group,
  scaled,
  target,
  domain,
} from "./model-resources.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);

describe("type tables: what the model pipeline's services refuse", () => {
  const trusted = roleFor("sagemaker.amazonaws.com");
  const stranger = roleFor("lambda.amazonaws.com");
  const deployer = roleFor("codedeploy.amazonaws.com");
  const guarded = (alarmName: string, canarySize?: Properties) => ({
    endpointConfigName: "c",
    deploymentConfig: {
      autoRollbackConfiguration: { alarms: [{ alarmName }] },
      ...(canarySize === undefined
        ? {}
        : { blueGreenUpdatePolicy: { trafficRoutingConfiguration: { type: "CANARY", canarySize } } }),
    },
  });
  const instances = (value: number) => ({ type: "INSTANCE_COUNT", value });
  const onServerless = { productionVariants: [serverless] };
  const logs = { accessLogSettings: { destinationArn: `arn:aws:logs:eu-west-1:${account}:log-group:/api:*` } };
  const route = { apiId: "api1", routeKey: "GET /" };
  const all = [application(), steps, alarm, deployer];
  const cases: [kind: string, inputs: Properties, there: CloudResource[], expected: RegExp | undefined][] = [
    ["sagemaker/Pipeline", { roleArn }, [trusted], undefined],
    ["sagemaker/Pipeline", { roleArn }, [stranger], /Could not assume role/],
    ["sagemaker/Model", { executionRoleArn: roleArn }, [stranger], /Could not assume role/],
    ["sagemaker/EndpointConfiguration", onServerless, [model()], undefined],
    ["sagemaker/EndpointConfiguration", onServerless, [model({ vpcConfig: {} })], /Vpc Config is not supported/],
    ["sagemaker/EndpointConfiguration", onServerless, [model({ enableNetworkIsolation: true })], /isolation is not/],
    ["sagemaker/Endpoint", guarded("a"), [alarm, configuration()], undefined],
    ["sagemaker/Endpoint", guarded("b"), [alarm, configuration()], /Alarm "b" .* does not exist/],
    ["sagemaker/Endpoint", guarded("a", instances(1)), [alarm, configuration()], undefined],
    ["sagemaker/Endpoint", guarded("a", instances(2)), [alarm, configuration()], /at most 50%.*\(2\), got 2/],
    ["sagemaker/UserProfile", { domainId: "d-1", singleSignOnUserValue: "ann" }, [domain("IAM")], /AuthMode IAM/],
    ["sagemaker/UserProfile", { domainId: "d-1" }, [domain("SSO")], /required for a Domain with AuthMode SSO/],
    ["sagemaker/UserProfile", { domainId: "d-1" }, [domain("IAM")], undefined],
    ["apigatewayv2/Stage", logs, [], /log group \/api of the access logs does not exist/],
    ["apigatewayv2/Stage", logs, [resource(of("cloudwatch/LogGroup"), "/api", {})], undefined],
    ["apigatewayv2/Route", { ...route, target: "integrations/i1" }, [integration], undefined],
    ["apigatewayv2/Route", { ...route, target: "integrations/i2" }, [integration], /Integration with Id i2/],
    ["apigatewayv2/Route", { ...route, authorizerId: "z2" }, [authorizer], /Invalid authorizer identifier/],
    ["codedeploy/DeploymentGroup", group, all, undefined],
    ["codedeploy/DeploymentGroup", group, [steps, alarm], /No application found for name: app/],
    ["codedeploy/DeploymentGroup", group, [application(), steps, alarm, trusted], /InvalidRoleException/],
    ["codedeploy/DeploymentGroup", group, [application(), steps, deployer], /alarm a does not exist/],
    ["codedeploy/DeploymentGroup", group, [application(), alarm, deployer], /No deployment configuration found/],
    ["codedeploy/DeploymentGroup", { ...group, deploymentStyle: {} }, all, /must be BLUE_GREEN/],
    [
      "codedeploy/DeploymentGroup",
      { ...group, deploymentConfigName: "CodeDeployDefault.OneAtATime" },
      all,
      /is for Server, the application for Lambda/,
    ],
    [
      "codedeploy/DeploymentGroup",
      { ...group, deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" },
      all,
      undefined,
    ],
    ["appautoscaling/Target", scaled, [endpoint, configuration()], undefined],
    ["appautoscaling/Target", scaled, [], /Could not find endpoint "e"/],
    ["appautoscaling/Target", scaled, [endpoint, configuration({ ...variant, variantName: "w" })], /no production/],
    ["appautoscaling/Target", scaled, [endpoint, configuration(serverless)], /is serverless/],
    ["appautoscaling/Policy", scaled, [target], undefined],
    ["appautoscaling/Policy", scaled, [], /No scalable target registered/],
    ["cloudwatch/EventBusPolicy", { eventBusName: "b" }, [], /Event bus b does not exist/],
  ];
  for (const [kind, inputs, there, expected] of cases)
    it(`${kind} ${JSON.stringify(inputs)} ${expected?.source ?? "is taken"} (${there.map(({ id }) => id).join()})`, () => {
      const reason = spec(of(kind)).refuseCreate?.(inputs, contextWith(there));
      if (expected === undefined) assert.equal(reason, undefined);
      else assert.match(String(reason), expected);
    });

  it("a quota that is lower than what was granted", () => {
    const quota = { serviceCode: "sagemaker", quotaCode: "L-1", value: 2 };
    const before = resource(of("servicequotas/ServiceQuota"), "sagemaker/L-1", {}, { value: 4 });
    const reasons = (there: CloudResource[]) =>
      spec(before.type)
        .validate?.(quota, contextWith(there))
        .map(({ reason }) => reason);
    assert.deepEqual(reasons([]), []);
    assert.match(String(reasons([before])), /greater than the current quota value \(4\)/);
  });
});

describe("type tables: what the model pipeline keeps and replaces", () => {
  const used: [subject: CloudResource, user: CloudResource, expected: RegExp][] = [
    [model(), configuration(), /Cannot delete model "m", it is in use by "c"/],
    [configuration(), endpoint, /Cannot delete endpoint configuration "c", it is in use by "e"/],
    [domain("IAM"), resource(of("sagemaker/UserProfile"), "u", { domainId: "d-1" }), /UserProfile/],
    [
      integration,
      resource(of("apigatewayv2/Route"), "r", { apiId: "api1", target: "integrations/i1" }),
      /referenced by/,
    ],
    [authorizer, resource(of("apigatewayv2/Route"), "r", { apiId: "api1", authorizerId: "z1" }), /referenced in route/],
    [application(), resource(of("codedeploy/DeploymentGroup"), "g", group), /still has deployment groups: g/],
    [steps, resource(of("codedeploy/DeploymentGroup"), "g", group), /still in use by g/],
  ];
  for (const [subject, user, expected] of used)
    it(`${subject.type} is not deleted while ${user.type} needs it`, () => {
      const { inUse } = spec(subject.type);
      assert.match(String(inUse?.(subject, contextWith([subject, user]))), expected);
      assert.equal(inUse?.(subject, contextWith([subject])), undefined);
    });

  it("takes away with an API what is in it, and nothing else", () => {
    const foreign = resource(integration.type, "i2", { apiId: "api2" });
    const there = [integration, authorizer, foreign];
    assert.deepEqual(spec(api.type).cascade?.(api, contextWith(there)), [integration, authorizer]);
  });

  const replaced: [kind: string, properties: string[], kept: string[]][] = [
    ["sagemaker/Pipeline", ["pipelineName"], ["pipelineDefinition", "roleArn"]],
    ["sagemaker/Model", ["name", "primaryContainer", "executionRoleArn"], ["tags"]],
    ["sagemaker/EndpointConfiguration", ["productionVariants", "dataCaptureConfig", "kmsKeyArn"], ["tags"]],
    [
      "sagemaker/Endpoint",
      ["name", "deploymentConfig.autoRollbackConfiguration"],
      ["endpointConfigName", "deploymentConfig", "deploymentConfig.blueGreenUpdatePolicy"],
    ],
    ["apigatewayv2/Route", ["apiId"], ["routeKey", "target"]],
    ["apigatewayv2/Stage", ["apiId", "name"], ["autoDeploy"]],
    ["codedeploy/DeploymentConfig", ["deploymentConfigName", "trafficRoutingConfig"], []],
    ["codedeploy/DeploymentGroup", [], ["deploymentConfigName", "alarmConfiguration"]],
  ];
  for (const [kind, properties, kept] of replaced)
    it(`${kind} is replaced when ${properties.join(", ") || "its region"} change, and not for ${kept.join(", ")}`, () => {
      const { replaceOn = [] } = spec(of(kind));
      assert.deepEqual(
        properties.filter((property) => !replaceOn.includes(property)),
        [],
      );
      assert.deepEqual(
        kept.filter((property) => replaceOn.includes(property)),
        [],
      );
    });
});

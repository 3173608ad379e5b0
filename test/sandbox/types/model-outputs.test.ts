import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith } from "./context.ts";
import { of, sagemaker, codedeploy, application, group, scaled } from "./model-resources.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);
const outputsOf = (type: string, inputs: Properties, there: CloudResource[] = []): Properties => {
  const context = contextWith(there);
  const id = spec(type).id(inputs, context);
  return { id, ...spec(type).outputs?.(inputs, id, context) };
};

describe("type tables: outputs of the model pipeline", () => {
  const expected: [kind: string, inputs: Properties, outputs: Record<string, unknown>, there?: CloudResource[]][] = [
    ["sagemaker/Pipeline", { pipelineName: "Train-It" }, { id: "Train-It", arn: `${sagemaker}:pipeline/train-it` }],
    [
      "sagemaker/ModelPackageGroup",
      { modelPackageGroupName: "slipway-dev-housing" },
      { id: "slipway-dev-housing", arn: `${sagemaker}:model-package-group/slipway-dev-housing` },
    ],
    ["sagemaker/ModelPackageGroupPolicy", { modelPackageGroupName: "g" }, { id: "g" }],
    ["sagemaker/Model", { name: "m" }, { id: "m", arn: `${sagemaker}:model/m` }],
    ["sagemaker/EndpointConfiguration", { name: "c" }, { arn: `${sagemaker}:endpoint-config/c` }],
    ["sagemaker/Endpoint", { name: "E" }, { id: "E", arn: `${sagemaker}:endpoint/e` }],
    ["sagemaker/Domain", {}, { id: /^d-[0-9a-f]{12}$/, url: /^https:\/\/d-.*\.studio\.eu-west-1\.sagemaker\.aws$/ }],
    [
      "sagemaker/UserProfile",
      { domainId: "d-1", userProfileName: "Ann" },
      { id: `${sagemaker}:user-profile/d-1/ann`, arn: `${sagemaker}:user-profile/d-1/ann` },
    ],
    [
      "sagemaker/MlflowTrackingServer",
      { trackingServerName: "t" },
      {
        id: "t",
        arn: `${sagemaker}:mlflow-tracking-server/t`,
        trackingServerUrl: /^https:\/\/t-/,
        mlflowVersion: /^3/,
      },
    ],
    [
      "apigatewayv2/Api",
      { name: "a", protocolType: "HTTP" },
      {
        id: /^[a-z0-9]{10}$/,
        apiEndpoint: /^https:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/,
        arn: /^arn:aws:apigateway:eu-west-1::\/apis\/[a-z0-9]{10}$/,
        executionArn: new RegExp(`^arn:aws:execute-api:eu-west-1:${account}:[a-z0-9]{10}$`),
      },
    ],
    [
      "apigatewayv2/Stage",
      { apiId: "api1", name: "$default", autoDeploy: true },
      {
        id: "api1/$default",
        invokeUrl: "https://api1.execute-api.eu-west-1.amazonaws.com/",
        executionArn: `arn:aws:execute-api:eu-west-1:${account}:api1/$default`,
        deploymentId: /^[0-9a-f]{6}$/,
      },
    ],
    [
      "apigatewayv2/Stage",
      { apiId: "api1", name: "v1" },
      { invokeUrl: "https://api1.execute-api.eu-west-1.amazonaws.com/v1", deploymentId: "" },
    ],
    ["apigatewayv2/Route", { apiId: "api1", routeKey: "GET /" }, { id: /^[0-9a-f]{7}$/ }],
    ["apigatewayv2/Integration", { apiId: "api1" }, { id: /^[0-9a-f]{7}$/, timeoutMilliseconds: 30_000 }],
    ["apigatewayv2/Authorizer", { authorizerType: "REQUEST" }, { authorizerResultTtlInSeconds: 300 }],
    ["codedeploy/Application", { name: "app" }, { id: "app", arn: `${codedeploy}:application:app` }],
    [
      "codedeploy/DeploymentConfig",
      { deploymentConfigName: "own" },
      { id: "own", arn: `${codedeploy}:deploymentconfig:own`, deploymentConfigId: /^[0-9a-f-]{36}$/ },
    ],
    [
      "codedeploy/DeploymentGroup",
      group,
      { id: /^[0-9a-f-]{36}$/, arn: `${codedeploy}:deploymentgroup:app/g`, computePlatform: "Lambda" },
      [application()],
    ],
    [
      "appautoscaling/Target",
      scaled,
      {
        id: "endpoint/e/variant/v/sagemaker:variant:DesiredInstanceCount",
        roleArn: /AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint$/,
      },
    ],
    ["appautoscaling/Policy", { ...scaled, name: "p" }, { id: "p", arn: /:policyName\/p$/, alarmArns: [] }],
    [
      "servicequotas/ServiceQuota",
      { serviceCode: "sagemaker", quotaCode: "L-1" },
      {
        id: "sagemaker/L-1",
        arn: `arn:aws:servicequotas:eu-west-1:${account}:sagemaker/L-1`,
        requestStatus: "APPROVED",
      },
    ],
    ["cloudwatch/EventBusPolicy", { policy: "{}" }, { id: "default" }],
    ["cloudwatch/EventPermission", { statementId: "s", eventBusName: "b" }, { id: "b/s" }],
  ];
  for (const [kind, inputs, outputs, there = []] of expected)
    it(`${kind} of ${JSON.stringify(inputs)}`, () => {
      const found = outputsOf(of(kind), inputs, there);
      for (const [property, value] of Object.entries(outputs)) {
        if (value instanceof RegExp) assert.match(String(found[property]), value, property);
        else assert.deepEqual(found[property], value, property);
      }
    });
});

import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const account = "111111111111";
const role = `arn:aws:iam::${account}:role/r`;
const fn = `arn:aws:lambda:eu-west-1:${account}:function:f`;
const invoke = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${fn}:live/invocations`;
const logs = {
  destinationArn: `arn:aws:logs:eu-west-1:${account}:log-group:api`,
  format: '{"id":"$context.requestId"}',
};
const stage = { apiId: "a", name: "$default" };
const route = { apiId: "a", routeKey: "GET /models" };
const proxy = { apiId: "a", integrationType: "AWS_PROXY", integrationUri: invoke };
const jwt = {
  ...{ apiId: "a", name: "n", authorizerType: "JWT", identitySources: ["$request.header.Authorization"] },
  jwtConfiguration: { audiences: ["x"], issuer: "https://id.example.com" },
};
const lambda = { deploymentConfigName: "c", computePlatform: "Lambda" };
const canary = (percentage: unknown, interval: unknown) => ({
  ...lambda,
  trafficRoutingConfig: { type: "TimeBasedCanary", timeBasedCanary: { percentage, interval } },
});
const linear = (percentage: number, interval: number) => ({
  ...lambda,
  trafficRoutingConfig: { type: "TimeBasedLinear", timeBasedLinear: { percentage, interval } },
});
const group = { appName: "a", deploymentGroupName: "g", serviceRoleArn: role };
const dimension = {
  ...{ resourceId: "endpoint/e/variant/v", serviceNamespace: "sagemaker" },
  scalableDimension: "sagemaker:variant:DesiredInstanceCount",
};
const tracking = { targetValue: 70, predefinedMetricSpecification: { predefinedMetricType: "X" } };
const policy = {
  ...dimension,
  ...{ name: "p", policyType: "TargetTrackingScaling", targetTrackingScalingPolicyConfiguration: tracking },
};
const busPolicy = (Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action, Resource: "*" }] });

/** The API in front of a model: HTTP APIs, CodeDeploy, scaling, quotas. */
export const inferenceCases: Readonly<Record<string, InputCases>> = {
  "aws:apigatewayv2/api:Api": {
    valid: [
      { name: "a", protocolType: "HTTP", corsConfiguration: { allowOrigins: ["*"], maxAge: 300 } },
      { name: "a", protocolType: "WEBSOCKET", routeSelectionExpression: "$request.body.action" },
    ],
    invalid: [
      ["protocolType", { name: "a" }],
      ["protocolType", { name: "a", protocolType: "REST" }],
      ["name", { name: "a".repeat(129), protocolType: "HTTP" }],
      ["routeSelectionExpression", { protocolType: "WEBSOCKET" }],
      [
        "corsConfiguration",
        { protocolType: "HTTP", corsConfiguration: { allowOrigins: ["*"], allowCredentials: true } },
      ],
      ["corsConfiguration", { protocolType: "HTTP", corsConfiguration: { maxAge: 86_401 } }],
      ["ipAddressType", { protocolType: "HTTP", ipAddressType: "ipv6" }],
    ],
  },
  "aws:apigatewayv2/stage:Stage": {
    valid: [stage, { ...stage, accessLogSettings: logs, defaultRouteSettings: { throttlingRateLimit: 10.5 } }],
    invalid: [
      ["apiId", { name: "$default" }],
      ["name", { ...stage, name: "$other" }],
      ["accessLogSettings", { ...stage, accessLogSettings: { ...logs, format: "$context.status" } }],
      ["accessLogSettings", { ...stage, accessLogSettings: { ...logs, destinationArn: "arn:aws:s3:::b" } }],
      ["defaultRouteSettings", { ...stage, defaultRouteSettings: { throttlingBurstLimit: -1 } }],
      ["routeSettings", { ...stage, routeSettings: [{ routeKey: "GET /", loggingLevel: "ALL" }] }],
    ],
  },
  "aws:apigatewayv2/route:Route": {
    valid: [
      route,
      { ...route, routeKey: "$default" },
      { ...route, routeKey: "ANY /{proxy+}", target: "integrations/i", authorizationType: "AWS_IAM" },
      { ...route, authorizationType: "JWT", authorizerId: unknown, authorizationScopes: ["read"] },
    ],
    invalid: [
      ["routeKey", { ...route, routeKey: "/models" }],
      ["routeKey", { ...route, routeKey: "FETCH /models" }],
      ["target", { ...route, target: "i" }],
      ["authorizationType", { ...route, authorizationType: "BASIC" }],
      ["authorizerId", { ...route, authorizationType: "CUSTOM" }],
      ["authorizationScopes", { ...route, authorizationScopes: ["read"] }],
    ],
  },
  "aws:apigatewayv2/integration:Integration": {
    valid: [
      proxy,
      { ...proxy, integrationUri: fn, integrationMethod: "POST", payloadFormatVersion: "2.0", timeoutMilliseconds: 50 },
      { ...proxy, integrationUri: unknown },
      { apiId: "a", integrationType: "HTTP_PROXY", integrationMethod: "GET", integrationUri: "https://example.com" },
    ],
    invalid: [
      ["integrationType", { ...proxy, integrationType: "LAMBDA" }],
      ["integrationUri", { ...proxy, integrationUri: undefined }],
      ["integrationUri", { ...proxy, integrationUri: "arn:aws:states:eu-west-1:1:stateMachine:m" }],
      ["integrationMethod", { ...proxy, integrationMethod: "GET" }],
      ["timeoutMilliseconds", { ...proxy, timeoutMilliseconds: 30_001 }],
      ["payloadFormatVersion", { ...proxy, payloadFormatVersion: "3.0" }],
      ["connectionId", { ...proxy, connectionType: "VPC_LINK" }],
    ],
  },
  "aws:apigatewayv2/authorizer:Authorizer": {
    valid: [jwt, { apiId: "a", name: "n", authorizerType: "REQUEST", authorizerUri: invoke }],
    invalid: [
      ["authorizerType", { ...jwt, authorizerType: "TOKEN" }],
      ["jwtConfiguration", { ...jwt, jwtConfiguration: undefined }],
      ["jwtConfiguration", { ...jwt, jwtConfiguration: { issuer: "http://id.example.com" } }],
      ["identitySources", { ...jwt, identitySources: ["a", "b"] }],
      ["authorizerUri", { apiId: "a", name: "n", authorizerType: "REQUEST" }],
      ["authorizerResultTtlInSeconds", { ...jwt, authorizerResultTtlInSeconds: 3_601 }],
    ],
  },
  "aws:codedeploy/application:Application": {
    valid: [{ name: "a", computePlatform: "Lambda" }],
    invalid: [
      ["computePlatform", { name: "a", computePlatform: "Kubernetes" }],
      ["name", { name: "a:b" }],
    ],
  },
  "aws:codedeploy/deploymentConfig:DeploymentConfig": {
    valid: [
      canary(10, 30),
      canary(99, 2_880),
      linear(10, 10),
      { ...lambda, trafficRoutingConfig: { type: "AllAtOnce" } },
      { deploymentConfigName: "c", minimumHealthyHosts: { type: "HOST_COUNT", value: 1 } },
      canary(unknown, unknown),
    ],
    invalid: [
      ["deploymentConfigName", { ...canary(10, 30), deploymentConfigName: "CodeDeployDefault.Own" }],
      ["computePlatform", { ...canary(10, 30), computePlatform: "Edge" }],
      ["trafficRoutingConfig", canary(0, 30)],
      ["trafficRoutingConfig", canary(100, 30)],
      ["trafficRoutingConfig", canary(10, 0)],
      ["trafficRoutingConfig", canary(10, 2_881)],
      ["trafficRoutingConfig", canary(10, undefined)],
      ["trafficRoutingConfig", linear(1, 60)],
      ["trafficRoutingConfig", lambda],
      [
        "trafficRoutingConfig",
        {
          ...lambda,
          trafficRoutingConfig: { type: "TimeBasedLinear", timeBasedCanary: { percentage: 1, interval: 1 } },
        },
      ],
      ["trafficRoutingConfig", { ...lambda, trafficRoutingConfig: { type: "Random" } }],
      ["minimumHealthyHosts", { deploymentConfigName: "c" }],
      ["minimumHealthyHosts", { ...canary(10, 30), minimumHealthyHosts: { value: 1 } }],
    ],
  },
  "aws:codedeploy/deploymentGroup:DeploymentGroup": {
    valid: [group, { ...group, alarmConfiguration: { enabled: true, alarms: ["a"] } }],
    invalid: [
      ["serviceRoleArn", { ...group, serviceRoleArn: undefined }],
      ["deploymentGroupName", { ...group, deploymentGroupName: "a:b" }],
      ["alarmConfiguration", { ...group, alarmConfiguration: { enabled: true, alarms: [] } }],
      ["alarmConfiguration", { ...group, alarmConfiguration: { alarms: Array.from({ length: 11 }, () => "a") } }],
      ["autoRollbackConfiguration", { ...group, autoRollbackConfiguration: { enabled: true } }],
      ["autoRollbackConfiguration", { ...group, autoRollbackConfiguration: { enabled: true, events: ["BORED"] } }],
      ["deploymentStyle", { ...group, deploymentStyle: { deploymentType: "PURPLE" } }],
    ],
  },
  "aws:appautoscaling/target:Target": {
    valid: [{ ...dimension, minCapacity: 1, maxCapacity: 4 }],
    invalid: [
      ["maxCapacity", { ...dimension, minCapacity: 4, maxCapacity: 1 }],
      ["minCapacity", { ...dimension, minCapacity: -1, maxCapacity: 1 }],
      ["resourceId", { ...dimension, minCapacity: 1, maxCapacity: 1, resourceId: "e" }],
      ["serviceNamespace", { ...dimension, minCapacity: 1, maxCapacity: 1, serviceNamespace: "ecs" }],
    ],
  },
  "aws:appautoscaling/policy:Policy": {
    valid: [
      policy,
      {
        ...policy,
        policyType: undefined,
        targetTrackingScalingPolicyConfiguration: undefined,
        stepScalingPolicyConfiguration: {},
      },
    ],
    invalid: [
      ["policyType", { ...policy, policyType: "Guess" }],
      ["stepScalingPolicyConfiguration", { ...policy, policyType: "StepScaling" }],
      ["targetTrackingScalingPolicyConfiguration", { ...policy, policyType: "StepScaling" }],
      [
        "targetTrackingScalingPolicyConfiguration",
        { ...policy, targetTrackingScalingPolicyConfiguration: { targetValue: 1 } },
      ],
      ["scalableDimension", { ...policy, scalableDimension: "count" }],
    ],
  },
  "aws:servicequotas/serviceQuota:ServiceQuota": {
    valid: [{ serviceCode: "sagemaker", quotaCode: "L-F678F1CE", value: 4 }],
    invalid: [
      ["value", { serviceCode: "sagemaker", quotaCode: "L-F678F1CE", value: -1 }],
      ["quotaCode", { serviceCode: "sagemaker", quotaCode: "ml.m5.large for endpoints", value: 1 }],
      ["serviceCode", { quotaCode: "L-F678F1CE", value: 1 }],
    ],
  },
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": {
    valid: [{ policy: busPolicy("events:PutEvents") }],
    invalid: [
      ["policy", {}],
      ["policy", { policy: busPolicy("sqs:SendMessage") }],
    ],
  },
  "aws:cloudwatch/eventPermission:EventPermission": {
    valid: [{ principal: "222222222222", statementId: "dev" }],
    invalid: [
      ["principal", { principal: "dev", statementId: "dev" }],
      ["statementId", { principal: "*", statementId: "a b" }],
      ["action", { principal: "*", statementId: "dev", action: "events:DeleteRule" }],
    ],
  },
};

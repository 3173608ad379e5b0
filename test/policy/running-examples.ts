import { subject } from "./subjects.ts";
import { pair, type Example } from "./examples.ts";

const variants = (variant: object) => ({ productionVariants: [variant] });
const CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const serverless = subject(CONFIGURATION, variants({ serverlessConfig: { maxConcurrency: 1 } }), {
  dependsOn: [subject("aws:sagemaker/model:Model", {}).urn],
});
const captured = { kmsKeyArn: "k", dataCaptureConfig: { enableCapture: true, kmsKeyId: "k" } };
const alarmed = { deploymentConfig: { autoRollbackConfiguration: { alarms: [{ alarmName: "a" }] } } };
const notebook = { directInternetAccess: "Disabled", rootAccess: "Disabled", kmsKeyId: "k" };

const models: Record<string, Example> = {
  "sagemaker-endpoint-encrypted": {
    good: [subject(CONFIGURATION, captured), { ...serverless, name: "other", urn: `${serverless.urn}-other` }],
    bad: [subject(CONFIGURATION, { ...captured, dataCaptureConfig: { enableCapture: true } })],
    property: "dataCaptureConfig.kmsKeyId",
  },
  "sagemaker-endpoint-rollback": {
    good: [
      subject("aws:sagemaker/endpoint:Endpoint", alarmed),
      serverless,
      subject("aws:sagemaker/endpoint:Endpoint", {}, { name: "small", dependsOn: [serverless.urn] }),
    ],
    bad: [subject("aws:sagemaker/endpoint:Endpoint", {})],
    property: "deploymentConfig.autoRollbackConfiguration.alarms",
  },
  "sagemaker-model-isolated": {
    good: [subject("aws:sagemaker/model:Model", { enableNetworkIsolation: true }, { name: "big" }), serverless],
    bad: [subject("aws:sagemaker/model:Model", {})],
    property: "enableNetworkIsolation",
  },
  "sagemaker-notebook-closed": pair(
    "aws:sagemaker/notebookInstance:NotebookInstance",
    notebook,
    { ...notebook, rootAccess: "Enabled" },
    "rootAccess",
  ),
  "sagemaker-endpoint-instances": pair(
    CONFIGURATION,
    variants({ initialInstanceCount: 2 }),
    variants({ initialInstanceCount: 1 }),
    "productionVariants.0.initialInstanceCount",
  ),
};

const MACHINE = "aws:sfn/stateMachine:StateMachine";
const GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const machine = (level: string) => ({ loggingConfiguration: { level }, tracingConfiguration: { enabled: true } });
const group = (...events: string[]) => ({
  autoRollbackConfiguration: { enabled: true, events },
  alarmConfiguration: { alarms: ["errors"] },
});
const eventPattern = (value: object) => ({ eventPattern: JSON.stringify(value) });

const workflows: Record<string, Example> = {
  "sfn-logging": pair(MACHINE, machine("ALL"), machine("OFF"), "loggingConfiguration.level"),
  "sfn-no-data-in-logs": pair(
    MACHINE,
    { loggingConfiguration: { includeExecutionData: false } },
    { loggingConfiguration: { includeExecutionData: true } },
    "loggingConfiguration.includeExecutionData",
  ),
  "sfn-encrypted": pair(
    MACHINE,
    { encryptionConfiguration: { type: "CUSTOMER_MANAGED_KMS_KEY" } },
    {},
    "encryptionConfiguration.type",
  ),
  "codedeploy-rollback": pair(
    GROUP,
    group("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"),
    group("DEPLOYMENT_FAILURE"),
    "autoRollbackConfiguration.events",
  ),
  "codedeploy-gradual": {
    good: [
      subject(GROUP, { deploymentConfigName: "slipway-canary" }),
      subject(GROUP, { deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" }, { stack: "dev" }),
    ],
    bad: [subject(GROUP, { deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce" })],
    property: "deploymentConfigName",
  },
  "events-dead-letters": {
    good: [
      subject("aws:cloudwatch/eventTarget:EventTarget", { deadLetterConfig: { arn: "q" } }),
      subject("aws:scheduler/schedule:Schedule", { target: { deadLetterConfig: { arn: "q" } } }),
    ],
    bad: [subject("aws:scheduler/schedule:Schedule", { target: {}, deadLetterConfig: { arn: "q" } })],
    property: "target.deadLetterConfig.arn",
  },
  "events-pattern-source": pair(
    "aws:cloudwatch/eventRule:EventRule",
    eventPattern({ source: ["aws.s3"] }),
    eventPattern({ "detail-type": ["Object Created"] }),
    "eventPattern",
  ),
};

const FUNCTION = "aws:lambda/function:Function";
const handler = subject(FUNCTION, {}, { name: "handler" });
const kept = subject(FUNCTION, { deadLetterConfig: { targetArn: "q" } }, { name: "kept" });
const started = (urn: string) => subject("aws:cloudwatch/eventTarget:EventTarget", {}, { dependsOn: [urn] });
const CLUSTER = "aws:eks/cluster:Cluster";
const service = { principal: "events.amazonaws.com" };
const stage = { accessLogSettings: { destinationArn: "l" }, defaultRouteSettings: { throttlingRateLimit: 50 } };
const domain = (securityPolicy: string) => ({ domainNameConfiguration: { securityPolicy } });

const compute: Record<string, Example> = {
  "lambda-dead-letters": {
    good: [kept, started(kept.urn), handler],
    bad: [handler, started(handler.urn)],
    property: "deadLetterConfig.targetArn",
  },
  "lambda-log-group": pair(FUNCTION, { loggingConfig: { logGroup: "g" } }, {}, "loggingConfig.logGroup"),
  "lambda-traced": pair(FUNCTION, { tracingConfig: { mode: "Active" } }, {}, "tracingConfig.mode"),
  "lambda-caller": pair(
    "aws:lambda/permission:Permission",
    { ...service, sourceArn: "arn:rule" },
    service,
    "sourceArn",
  ),
  "lambda-url-closed": pair(
    "aws:lambda/functionUrl:FunctionUrl",
    { authorizationType: "AWS_IAM" },
    { authorizationType: "NONE" },
    "authorizationType",
  ),
  "apigateway-authorised": pair(
    "aws:apigatewayv2/route:Route",
    { authorizationType: "AWS_IAM" },
    { authorizationType: "NONE" },
    "authorizationType",
  ),
  "apigateway-stage": pair(
    "aws:apigatewayv2/stage:Stage",
    stage,
    { ...stage, defaultRouteSettings: {} },
    "defaultRouteSettings.throttlingRateLimit",
  ),
  "apigateway-tls": pair(
    "aws:apigatewayv2/domainName:DomainName",
    domain("TLS_1_2"),
    domain("TLS_1_0"),
    "domainNameConfiguration.securityPolicy",
  ),
  "log-retention": pair("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 30 }, {}, "retentionInDays"),
  "eks-logging": pair(
    CLUSTER,
    { enabledClusterLogTypes: ["audit", "authenticator"] },
    { enabledClusterLogTypes: ["api", "audit"] },
    "enabledClusterLogTypes",
  ),
  "eks-secrets-encrypted": pair(
    CLUSTER,
    { encryptionConfig: { provider: { keyArn: "k" } } },
    {},
    "encryptionConfig.provider.keyArn",
  ),
};

const endpoint = (endpointPublicAccess: boolean, ...publicAccessCidrs: string[]) => ({
  vpcConfig: { endpointPublicAccess, publicAccessCidrs },
});
const ingress = (cidrIpv4: string) => ({ cidrIpv4, fromPort: 443 });
const balancer = (annotations: object) => ({ spec: { type: "LoadBalancer" }, metadata: { annotations } });

const network: Record<string, Example> = {
  "eks-endpoint-private": {
    good: [subject(CLUSTER, endpoint(false)), subject(CLUSTER, endpoint(true, "203.0.113.0/24"), { stack: "dev" })],
    bad: [subject(CLUSTER, endpoint(true, "203.0.113.0/24"))],
    property: "vpcConfig.endpointPublicAccess",
  },
  "sg-ingress-closed": pair(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ingress("10.0.0.0/16"),
    ingress("0.0.0.0/0"),
    "cidrIpv4",
  ),
  "lb-internal": pair("aws:lb/loadBalancer:LoadBalancer", { internal: true }, { internal: false }, "internal"),
  "service-internal": pair(
    "kubernetes:core/v1:Service",
    balancer({ "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" }),
    balancer({}),
    "spec.type",
  ),
};

const CONNECTION = "mongodbatlas:index/streamConnection:StreamConnection";
const kafka = (protocol: string) => ({ type: "Kafka", security: { protocol } });
const role = (name: string) => ({ type: "Cluster", dbRoleToExecute: { role: name } });

const streams: Record<string, Example> = {
  "atlas-connection-tls": pair(CONNECTION, kafka("SASL_SSL"), kafka("SASL_PLAINTEXT"), "security.protocol"),
  "atlas-connection-role": pair(CONNECTION, role("readWriteAnyDatabase"), role("atlasAdmin"), "dbRoleToExecute.role"),
  "atlas-processor-dead-letters": pair(
    "mongodbatlas:index/streamProcessor:StreamProcessor",
    { state: "STARTED", options: { dlq: { connectionName: "shop" } } },
    { state: "STARTED", options: {} },
    "options.dlq",
  ),
  "atlas-alerts-somebody": pair(
    "mongodbatlas:index/alertConfiguration:AlertConfiguration",
    { enabled: true, notifications: [{ typeName: "EMAIL" }] },
    { enabled: true, notifications: [] },
    "notifications.0",
  ),
  "atlas-tier-bound": pair(
    "mongodbatlas:index/streamWorkspace:StreamWorkspace",
    { streamConfig: { maxTierSize: "SP50" } },
    { streamConfig: { tier: "SP10" } },
    "streamConfig.maxTierSize",
  ),
};

/** Examples of rules about what runs. */
export const runningExamples: Readonly<Record<string, Example>> = {
  ...models,
  ...workflows,
  ...compute,
  ...network,
  ...streams,
};

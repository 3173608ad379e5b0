const buckets = ["logs", "model"];
const functions = ["deploy-endpoint", "training-handler"];
const steps = ["evaluate", "pipeline", "preprocess", "serving", "train"];

/** Names with something before and after them. */
const each = (before: string, names: readonly string[], after = "") => names.map((name) => `${before}${name}${after}`);

const roles = [
  ...each("model-functions-", functions),
  ...each("model-inference-", ["hook-after", "hook-before", "models-api", "traffic"]),
  ...each("model-roles-", steps),
  "model-triggers-schedule",
  "model-triggers-upkeep",
];

const alarms = [
  "dead-letters",
  "endpoint-errors",
  "endpoint-latency",
  "endpoint-model-errors",
  ...each("function-errors-", functions),
  "training-failed",
];

const bucketParts: readonly [type: string, part: string][] = [
  ["bucket:Bucket", "bucket"],
  ["bucketLifecycleConfiguration:BucketLifecycleConfiguration", "lifecycle"],
  ["bucketOwnershipControls:BucketOwnershipControls", "ownership"],
  ["bucketPolicy:BucketPolicy", "policy"],
  ["bucketPublicAccessBlock:BucketPublicAccessBlock", "public-access"],
  ["bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "encryption"],
  ["bucketVersioning:BucketVersioning", "versioning"],
];

const byType: readonly [type: string, names: readonly string[]][] = [
  ["apigatewayv2/api:Api", ["model-inference-gateway-api"]],
  ["apigatewayv2/integration:Integration", ["model-inference-gateway-integration"]],
  ["apigatewayv2/route:Route", each("model-inference-gateway-", ["models", "predict"], "-route")],
  ["apigatewayv2/stage:Stage", ["model-inference-gateway-stage"]],
  ["cloudwatch/eventRule:EventRule", each("model-triggers-", ["packages", "ready"])],
  ["cloudwatch/eventTarget:EventTarget", each("model-triggers-", ["packages", "ready"], "-target")],
  [
    "cloudwatch/logGroup:LogGroup",
    [
      "model-endpoint-logs",
      ...each("model-functions-", functions, "-logs"),
      ...each("model-inference-", ["gateway-access", "hook-after", "hook-before", "models-api"], "-logs"),
      ...each("model-training-", ["processing", "training"], "-logs"),
    ],
  ],
  [
    "cloudwatch/metricAlarm:MetricAlarm",
    [...each("model-alarms-", alarms), ...each("model-inference-traffic-", ["errors", "latency"])],
  ],
  ["codedeploy/application:Application", ["model-inference-traffic-application"]],
  ["codedeploy/deploymentConfig:DeploymentConfig", ["model-inference-traffic-steps"]],
  ["codedeploy/deploymentGroup:DeploymentGroup", ["model-inference-traffic-group"]],
  ["ec2/securityGroup:SecurityGroup", ["model-network-access"]],
  ["iam/role:Role", each("", roles, "-role")],
  ["iam/rolePolicy:RolePolicy", each("", roles, "-policy")],
  ["kms/alias:Alias", ["model-encryption-alias"]],
  ["kms/key:Key", ["model-encryption-key"]],
  ["lambda/alias:Alias", ["model-inference-alias"]],
  [
    "lambda/function:Function",
    [
      ...each("model-functions-", functions, "-function"),
      ...each("model-inference-", ["hook-after", "hook-before", "models-api"], "-function"),
    ],
  ],
  ["lambda/layerVersion:LayerVersion", each("model-functions-", ["lakehouse", "modelkit"])],
  [
    "lambda/permission:Permission",
    [
      ...each("model-inference-gateway-", ["models", "predict"], "-permission"),
      ...each("model-triggers-", ["packages", "ready"], "-permission"),
    ],
  ],
  ...bucketParts.map(([type, part]): [string, string[]] => [`s3/${type}`, each("model-buckets-", buckets, `-${part}`)]),
  ["s3/bucketLogging:BucketLogging", ["model-buckets-model-logging"]],
  [
    "s3/bucketObjectv2:BucketObjectv2",
    [
      ...each("model-code-functions-", ["deploy-endpoint", "models-api", "traffic-hook", "training-handler"]),
      ...each("model-code-layers-", ["lakehouse", "modelkit"]),
      "model-code-training",
    ],
  ],
  ["sagemaker/endpoint:Endpoint", ["model-endpoint-endpoint"]],
  ["sagemaker/endpointConfiguration:EndpointConfiguration", ["model-endpoint-configuration"]],
  ["sagemaker/model:Model", ["model-endpoint-model"]],
  ["sagemaker/modelPackageGroup:ModelPackageGroup", ["model-training-models"]],
  ["sagemaker/pipeline:Pipeline", ["model-training-pipeline"]],
  ["scheduler/schedule:Schedule", ["model-triggers-schedule", "model-triggers-upkeep"]],
  ["sqs/queue:Queue", ["model-dead-letters"]],
  ["sqs/queuePolicy:QueuePolicy", ["model-dead-letters-policy"]],
  ["vpc/securityGroupEgressRule:SecurityGroupEgressRule", ["model-network-https"]],
];

const componentsByKind: readonly [kind: string, names: readonly string[]][] = [
  ["EncryptionKey", ["model-encryption"]],
  ["InferenceApi", ["model-inference"]],
  ["InferenceFunction", each("model-inference-", ["hook-after", "hook-before", "models-api"])],
  ["InferenceGateway", ["model-inference-gateway"]],
  ["ModelAlarms", ["model-alarms"]],
  ["ModelBuckets", ["model-buckets"]],
  ["ModelCode", ["model-code"]],
  ["ModelEndpoint", ["model-endpoint"]],
  ["ModelFunctions", ["model-functions"]],
  ["ModelPipeline", ["model"]],
  ["ModelRoles", ["model-roles"]],
  ["ModelSubnets", ["model-network"]],
  ["ModelTriggers", ["model-triggers"]],
  ["SecureBucket", each("model-buckets-", buckets)],
  ["TrafficShift", ["model-inference-traffic"]],
  ["Training", ["model-training"]],
];

/** Everything that the pipeline of the fixture consists of, by type and name. */
export const resources: readonly string[] = [
  ...byType.flatMap(([type, names]) => names.map((name) => `aws:${type} ${name}`)),
  ...componentsByKind.flatMap(([kind, names]) => names.map((name) => `slipway:index:${kind} ${name}`)),
].sort();

import { arnOf, bucket, sagemaker } from "./fixture.ts";

/** Statements as policies have them, written out for comparison and made by nothing of the product. */
export function allow(sid: string, actions: string[], resources: string[], conditions?: Record<string, unknown>) {
  return { sid, actions, resources, ...(conditions && { conditions }) };
}

const under = (...keys: string[]) => keys.map((key) => `${bucket}/${key}`);
export const read = (sid: string, ...keys: string[]) => allow(sid, ["s3:GetObject"], under(...keys));
export const write = (sid: string, ...keys: string[]) =>
  allow(sid, ["s3:PutObject", "s3:AbortMultipartUpload"], under(...keys));
export const list = (...prefixes: string[]) =>
  allow("ListModels", ["s3:ListBucket"], [bucket], { StringLikeIfExists: { "s3:prefix": prefixes } });

const via = (...services: string[]) => ({
  StringEquals: { "kms:ViaService": services.map((service) => `${service}.us-east-1.amazonaws.com`) },
});
export const useKey = (...services: string[]) =>
  allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], ["arn:key"], via(...services));
export const readWithKey = allow("UseKey", ["kms:Decrypt"], ["arn:key"], via("s3"));
export const disks = [
  allow("EncryptDisks", ["kms:CreateGrant"], ["arn:key"], { Bool: { "kms:GrantIsForAWSResource": "true" } }),
  allow("LookAtKey", ["kms:DescribeKey"], ["arn:key"]),
];

const lake = "arn:aws:s3:::slipway-dev-processed-bucket-222222222222-us-east-1";
export const readLake = (read: string[], listed = read) => [
  allow(
    "ReadLake",
    ["s3:GetObject"],
    read.map((folder) => `${lake}/${folder}/*`),
  ),
  allow("ListLake", ["s3:ListBucket"], [lake], {
    StringLikeIfExists: { "s3:prefix": listed.map((folder) => `${folder}/*`) },
  }),
  allow("UseKeyOfLake", ["kms:Decrypt"], ["arn:lake-key"], via("s3")),
];

export const pull = (...repositories: string[]) => [
  allow(
    "PullImages",
    ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    repositories.map((name) => `arn:aws:ecr:us-east-1:111111111111:repository/slipway/${name}`),
  ),
  allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
];

const groupOf = (group: string) => [
  arnOf("logs", `log-group:${group}`),
  `${arnOf("logs", `log-group:${group}`)}:log-stream:*`,
];
export const logsOf = (group: string) =>
  allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"], groupOf(group));
export const functionLogs = (name: string) =>
  allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], groupOf(`/aws/lambda/slipway-dev-${name}`));
export const metrics = (namespace: string) =>
  allow("PutMetrics", ["cloudwatch:PutMetricData"], ["*"], { StringEquals: { "cloudwatch:namespace": [namespace] } });
export const traces = allow("WriteTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]);

export const network = [
  allow(
    "AttachToNetwork",
    ["ec2:CreateNetworkInterface"],
    ["network-interface", "subnet", "security-group"].map((kind) => arnOf("ec2", `${kind}/*`)),
  ),
  allow(
    "LeaveNetwork",
    ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"],
    [arnOf("ec2", "network-interface/*")],
  ),
  allow(
    "LookAtNetwork",
    ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"].map((what) => `ec2:Describe${what}`),
    ["*"],
  ),
];

export const packages = [
  sagemaker("model-package-group/slipway-dev-housing"),
  sagemaker("model-package/slipway-dev-housing/*"),
];
export const role = (name: string) => `arn:aws:iam::222222222222:role/slipway-dev-model-${name}`;
export const toSageMaker = { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } };
export const queue = arnOf("sqs", "slipway-dev-model-dead-letters");

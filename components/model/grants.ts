import type * as pulumi from "@pulumi/pulumi";
import { writeLogs } from "../data/grants.ts";
import { type DataScope, arnOf } from "../data/state-machine/names.ts";
import type { Statement } from "../shared/iam.ts";
import { partitionOf } from "../shared/naming.ts";
import type { ModelScope } from "./model-scope.ts";
import { modelBucketArn } from "./names.ts";

const objects = (scope: DataScope, prefixes: readonly string[]) =>
  prefixes.map((prefix) => `${modelBucketArn(scope)}/${prefix}`);

/** Objects of the model bucket; patterns as IAM has them. */
export function readObjects(scope: DataScope, sid: string, prefixes: readonly string[]): Statement {
  return { sid, actions: ["s3:GetObject"], resources: objects(scope, prefixes) };
}

export function writeObjects(scope: DataScope, sid: string, prefixes: readonly string[]): Statement {
  return { sid, actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: objects(scope, prefixes) };
}

/**
 * Listing, and being told that an object is missing: S3 says "forbidden" instead of "not found" to who may not list, and
 * that check carries no prefix, so the condition may only bind requests that have one.
 */
export function listObjects(scope: DataScope, prefixes: readonly string[]): Statement {
  return listBucket("ListModels", modelBucketArn(scope), prefixes);
}

function listBucket(sid: string, bucket: string, prefixes: readonly string[]): Statement {
  return {
    sid,
    actions: ["s3:ListBucket"],
    resources: [bucket],
    conditions: { StringLikeIfExists: { "s3:prefix": prefixes } },
  };
}

const lakeArn = ({ lake, region }: ModelScope) => `arn:${partitionOf(region)}:s3:::${lake.bucket}`;

/** Objects of the lake, by folder; whoever reads them also has to be told which there are. */
export function readLake(scope: ModelScope, folders: readonly string[], listed = folders): Statement[] {
  return [
    {
      sid: "ReadLake",
      actions: ["s3:GetObject"],
      resources: folders.map((folder) => `${lakeArn(scope)}/${folder}/*`),
    },
    listBucket(
      "ListLake",
      lakeArn(scope),
      listed.map((folder) => `${folder}/*`),
    ),
    throughService(scope, "UseKeyOfLake", ["kms:Decrypt"], scope.lake.keyArn, ["s3"]),
  ];
}

function throughService(
  { region }: DataScope,
  sid: string,
  actions: readonly string[],
  keyArn: pulumi.Input<string>,
  services: readonly string[],
): Statement {
  const suffix = partitionOf(region) === "aws-cn" ? ".cn" : "";
  const via = services.map((service) => `${service}.${region}.amazonaws.com${suffix}`);
  return { sid, actions, resources: [keyArn], conditions: { StringEquals: { "kms:ViaService": via } } };
}

/** The key, but only through services that work on behalf of the role. */
export function useKey(scope: ModelScope, services: readonly string[] = ["s3"]): Statement {
  return throughService(scope, "UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], scope.keyArn, services);
}

/** The key for what is only read. */
export function readWithKey(scope: ModelScope): Statement {
  return throughService(scope, "UseKey", ["kms:Decrypt"], scope.keyArn, ["s3"]);
}

/** Disks of SageMaker's machines: it gives the service that keeps them a grant on the key. */
export function encryptDisks(scope: ModelScope): Statement[] {
  return [
    {
      sid: "EncryptDisks",
      actions: ["kms:CreateGrant"],
      resources: [scope.keyArn],
      conditions: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
    { sid: "LookAtKey", actions: ["kms:DescribeKey"], resources: [scope.keyArn] },
  ];
}

const imageForm = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^@:]+)@sha256:[0-9a-f]{64}$/;

/**
 * ARN of the repository that an image is in.
 * @throws RangeError for what is no image of ECR by digest.
 */
export function repositoryArn(image: string): string {
  const [, account = "", region = "", repository = ""] = imageForm.exec(image) ?? [];
  if (repository === "") throw new RangeError(`"${image}" is no image of ECR by digest.`);
  return `arn:${partitionOf(region)}:ecr:${region}:${account}:repository/${repository}`;
}

/** Whether something is an image of ECR by digest. */
export function isImage(image: string): boolean {
  return imageForm.test(image);
}

/** Images that a machine starts. */
export function pullImages(images: readonly string[]): Statement[] {
  return [
    {
      sid: "PullImages",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [...new Set(images.map(repositoryArn))],
    },
    {
      sid: "LogInToRegistry",
      actions: ["ecr:GetAuthorizationToken"],
      resources: ["*"],
      wildcardReason: "a token is for the registry as a whole",
    },
  ];
}

/** Network interfaces of machines in the environment's subnets. */
export function joinNetwork(scope: DataScope): Statement[] {
  const own = (kind: string) => arnOf(scope, "ec2", `${kind}/*`);
  return [
    {
      sid: "AttachToNetwork",
      actions: ["ec2:CreateNetworkInterface"],
      resources: [own("network-interface"), own("subnet"), own("security-group")],
    },
    {
      sid: "LeaveNetwork",
      actions: [
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
      ],
      resources: [own("network-interface")],
    },
    {
      sid: "LookAtNetwork",
      actions: [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
      wildcardReason: "what is described has no resource",
    },
  ];
}

/** Streams of groups that are there already. */
export function logTo(scope: DataScope, groups: readonly string[]): Statement {
  const { actions, ...rest } = writeLogs(groups.map((group) => arnOf(scope, "logs", `log-group:${group}`)));
  return { ...rest, actions: [...actions, "logs:DescribeLogStreams"] };
}

import type { Statement } from "../shared/iam.ts";
import { partitionOf } from "../shared/naming.ts";
import {
  type BucketRole,
  type DatabaseRole,
  type LakeScope,
  lakeBucketArn,
  lakeDatabase,
  lakeSecret,
} from "./lake-scope.ts";
import { arnOf } from "./state-machine/names.ts";

/** Who the pipeline's events say they are from. */
export const eventSource = "slipway.data";

/** Tag of data that no published table consists of any more. */
export const supersededTag = { key: "slipway:superseded", value: "true" } as const;

/** Each prefix in the root of live runs and in that of any verification run. */
export function inEveryRoot(prefixes: readonly string[]): string[] {
  return [...prefixes, ...prefixes.map((prefix) => `verification/*/${prefix}`)];
}

const below = (scope: LakeScope, role: BucketRole, prefixes: readonly string[]) =>
  inEveryRoot(prefixes).map((prefix) => `${lakeBucketArn(scope, role)}/${prefix}*`);

/** Objects below prefixes that end with a slash. */
export function readBelow(scope: LakeScope, role: BucketRole, sid: string, prefixes: readonly string[]): Statement {
  return { sid, actions: ["s3:GetObject"], resources: below(scope, role, prefixes) };
}

export function writeBelow(scope: LakeScope, role: BucketRole, sid: string, prefixes: readonly string[]): Statement {
  return { sid, actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: below(scope, role, prefixes) };
}

/** Documents of an earlier attempt that must not outlive it. */
export function deleteBelow(scope: LakeScope, role: BucketRole, sid: string, prefixes: readonly string[]): Statement {
  return { sid, actions: ["s3:DeleteObject"], resources: below(scope, role, prefixes) };
}

/**
 * Listing, and being told that an object is missing: S3 says "forbidden" instead of "not found" to who may not list, and
 * that check carries no prefix, so the condition may only bind requests that have one.
 */
export function listBelow(scope: LakeScope, role: BucketRole, sid: string, prefixes: readonly string[]): Statement {
  return {
    sid,
    actions: ["s3:ListBucket"],
    resources: [lakeBucketArn(scope, role)],
    conditions: { StringLikeIfExists: { "s3:prefix": inEveryRoot(prefixes).map((prefix) => `${prefix}*`) } },
  };
}

/** Telling which data of live runs is superseded: finding it and tagging it, with that one tag. */
export function tagSuperseded(scope: LakeScope): Statement[] {
  const bucket = lakeBucketArn(scope, "processed");
  const folders = scope.datasets.map((dataset) => `${dataset}/run=*`);
  return [
    {
      sid: "ListData",
      actions: ["s3:ListBucket"],
      resources: [bucket],
      conditions: { StringLike: { "s3:prefix": folders } },
    },
    {
      sid: "TagSuperseded",
      actions: ["s3:PutObjectTagging"],
      resources: folders.map((folder) => `${bucket}/${folder}`),
      conditions: { "ForAllValues:StringEquals": { "s3:RequestObjectTagKeys": [supersededTag.key] } },
    },
  ];
}

/** Statements on folders that Spark works with. */
export interface FolderGrants {
  read(sid: string): Statement;
  write(sid: string): Statement;
  /** Listing, for whoever writes also of uploads that are not complete. */
  list(sid: string, uploads?: "with-uploads"): Statement;
}

/**
 * Folders as Spark works with them: it looks for files in the place of each folder above, and renames and clears away what
 * it wrote.
 */
export function folders(scope: LakeScope, role: BucketRole, names: readonly string[]): FolderGrants {
  const bucket = lakeBucketArn(scope, role);
  const paths = (some: readonly string[]) => some.flatMap((name) => [name, `${name}/*`]);
  const objects = (some: readonly string[]) => paths(some).map((path) => `${bucket}/${path}`);
  const seen = [...names, "verification"];
  return {
    read: (sid) => ({ sid, actions: ["s3:GetObject"], resources: objects(seen) }),
    write: (sid) => ({
      sid,
      actions: ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      resources: objects(inEveryRoot(names)),
    }),
    list: (sid, uploads) => ({
      sid,
      actions: ["s3:ListBucket", ...(uploads === undefined ? [] : ["s3:ListBucketMultipartUploads"])],
      resources: [bucket],
      conditions: { StringLikeIfExists: { "s3:prefix": paths(seen) } },
    }),
  };
}

function endpointOf({ region }: LakeScope, service: string): string {
  return `${service}.${region}.amazonaws.com${partitionOf(region) === "aws-cn" ? ".cn" : ""}`;
}

/** The key, but only through services that work on behalf of the role. */
export function useKey(scope: LakeScope, services: readonly string[]): Statement {
  return {
    sid: "UseKey",
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: [scope.keyArn],
    conditions: { StringEquals: { "kms:ViaService": services.map((service) => endpointOf(scope, service)) } },
  };
}

/** Catalog, databases and tables that a request on tables of these databases touches. Glue checks all three. */
export function catalogArns(scope: LakeScope, roles: readonly DatabaseRole[]): string[] {
  const databases = roles.map((role) => lakeDatabase(scope, role));
  return [
    arnOf(scope, "glue", "catalog"),
    ...databases.map((database) => arnOf(scope, "glue", `database/${database}`)),
    ...databases.flatMap((database) =>
      scope.datasets.map((table) => arnOf(scope, "glue", `table/${database}/${table}`)),
    ),
  ];
}

export function readTables(scope: LakeScope, roles: readonly DatabaseRole[]): Statement {
  return {
    sid: "ReadTables",
    actions: ["glue:GetTable", "glue:GetPartitions"],
    resources: catalogArns(scope, roles),
  };
}

/** Partitions come and go with the data. */
export function changePartitions(scope: LakeScope, roles: readonly DatabaseRole[]): Statement {
  return {
    sid: "ChangePartitions",
    actions: ["glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:DeletePartition"],
    resources: catalogArns(scope, roles),
  };
}

/** Published tables belong to the program; the copies of them that runs work on belong to the runs. */
export function keepCopies(scope: LakeScope, role: Exclude<DatabaseRole, "live">): Statement {
  return {
    sid: "KeepCopiesOfTables",
    actions: ["glue:CreateTable", "glue:UpdateTable"],
    resources: catalogArns(scope, [role]),
  };
}

export function putMetrics(namespaces: readonly string[]): Statement {
  return {
    sid: "PutMetrics",
    actions: ["cloudwatch:PutMetricData"],
    resources: ["*"],
    wildcardReason: "metrics have no ARNs, the namespace is what bounds them",
    conditions: { StringEquals: { "cloudwatch:namespace": namespaces } },
  };
}

export function writeTraces(): Statement {
  return {
    sid: "WriteTraces",
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    resources: ["*"],
    wildcardReason: "traces have no ARNs that a policy could name",
  };
}

/** Streams of groups that are there already. */
export function writeLogs(groupArns: readonly string[]): Statement {
  return {
    sid: "WriteLogs",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: groupArns.flatMap((arn) => [arn, `${arn}:log-stream:*`]),
  };
}

/** Word of what happened on the account's default bus, in the name of the pipeline only. */
export function putEvents(scope: LakeScope): Statement {
  return {
    sid: "PutEvents",
    actions: ["events:PutEvents"],
    resources: [arnOf(scope, "events", "event-bus/default")],
    conditions: { StringEquals: { "events:source": eventSource } },
  };
}

/** The value of one secret. AWS ends its ARN with six letters that nobody knows before. */
export function readSecret(scope: LakeScope, name: string): Statement {
  return {
    sid: `ReadSecret${name.replaceAll(/(^|-)(\w)/g, (_, _dash, letter: string) => letter.toUpperCase())}`,
    actions: ["secretsmanager:GetSecretValue"],
    resources: [arnOf(scope, "secretsmanager", `secret:${lakeSecret(scope, name)}-??????`)],
  };
}

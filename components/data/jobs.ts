import type { Statement } from "../shared/iam.ts";
import type { TableFormat } from "./functions.ts";
import { catalogArns, folders, putMetrics, readSecret, useKey } from "./grants.ts";
import { icebergCatalog, icebergFolder, icebergMark } from "./iceberg.ts";
import {
  type LakeScope,
  jobLogGroups,
  jobLogPrefix,
  jobNames,
  lakeBucket,
  lakeBucketArn,
  lakeDatabase,
  logGroupArn,
} from "./lake-scope.ts";
import type { AnyJob } from "./state-machine/pipeline-definition.ts";

/** A job and, beside it, all that it may do. */
export interface JobDefinition {
  description: string;
  /** What it needs beside what every job needs. */
  statements(scope: LakeScope): Statement[];
}

const delivered = (scope: LakeScope) => scope.datasets.filter((dataset) => !scope.derived.includes(dataset));
const notes = ["_runs", "_state"];

/** Names of the jobs of a pipeline whose published tables have this format. */
export function jobNamesOf(tableFormat: TableFormat): readonly AnyJob[] {
  return tableFormat === "iceberg" ? [...jobNames, "commit_iceberg"] : jobNames;
}

/** The table of jobs. */
export const jobDefinitions: Readonly<Record<AnyJob, JobDefinition>> = {
  raw_to_processed: {
    description: "Casts, checks, deduplicates and partitions what was delivered; sets bad rows aside",
    statements: (scope) => {
      const raw = folders(scope, "raw", ["incoming"]);
      const tables = folders(scope, "processed", [...delivered(scope), ...notes]);
      const rows = folders(scope, "quarantine", ["rows"]);
      return [
        raw.read("ReadDeliveries"),
        raw.list("ListDeliveries"),
        tables.read("ReadTablesAndNotes"),
        tables.list("ListTablesAndNotes", "with-uploads"),
        folders(scope, "processed", [...delivered(scope), "_runs"]).write("WriteCandidate"),
        rows.read("ReadRowsSetAside"),
        rows.list("ListRowsSetAside", "with-uploads"),
        rows.write("SetRowsAside"),
      ];
    },
  },
  daily_features: {
    description: "Aggregates orders, products and customers per day and category",
    statements: (scope) => {
      const all = folders(scope, "processed", [...scope.datasets, ...notes]);
      return [
        all.read("ReadTablesAndNotes"),
        all.list("ListTablesAndNotes", "with-uploads"),
        folders(scope, "processed", [...scope.derived, "_runs"]).write("WriteCandidate"),
      ];
    },
  },
  quality: {
    description: "Holds the candidate against the quality rules of its datasets",
    statements: (scope) => {
      const all = folders(scope, "processed", [...scope.datasets, ...notes]);
      return [
        all.read("ReadTablesAndNotes"),
        all.list("ListTablesAndNotes", "with-uploads"),
        folders(scope, "processed", ["_runs"]).write("WriteQuality"),
      ];
    },
  },
  commit_iceberg: {
    description: "Takes what is published over into the Iceberg tables, one commit per table",
    statements: (scope) => {
      const all = folders(scope, "processed", [...scope.datasets, ...notes, icebergFolder]);
      const processed = lakeBucketArn(scope, "processed");
      return [
        all.read("ReadTablesAndNotes"),
        all.list("ListTablesAndNotes", "with-uploads"),
        // Published tables are those of live runs only, so no verification has a part of this.
        {
          sid: "WriteTables",
          actions: ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
          resources: [`${processed}/${icebergFolder}/*`],
        },
        { sid: "WriteMark", actions: ["s3:PutObject"], resources: [`${processed}/${icebergMark}`] },
        {
          sid: "CommitToTables",
          actions: ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"],
          resources: catalogArns(scope, ["live"]),
        },
      ];
    },
  },
};

/** What a job may use besides the lake. */
export interface JobNeeds {
  /** Keys of the objects that are its code. */
  codeKeys: readonly string[];
  /** Names of the secrets that it reads. */
  secrets: readonly string[];
}

/** All that a job may do. Its own code is named object by object. */
export function jobStatements(scope: LakeScope, job: AnyJob, { codeKeys, secrets }: JobNeeds): Statement[] {
  const groups = Object.values(jobLogGroups(scope, job)).map((group) => logGroupArn(scope, group));
  return [
    {
      sid: "ReadCode",
      actions: ["s3:GetObject"],
      resources: codeKeys.map((key) => `${lakeBucketArn(scope, "code")}/${key}`),
    },
    ...jobDefinitions[job].statements(scope),
    ...secrets.map((secret) => readSecret(scope, secret)),
    useKey(scope, secrets.length > 0 ? ["s3", "secretsmanager"] : ["s3"]),
    {
      sid: "WriteEncryptedLogs",
      // Glue ties the key of its security configuration to the groups, whether or not they have it already.
      actions: ["logs:CreateLogGroup", "logs:AssociateKmsKey", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: groups.flatMap((arn) => [arn, `${arn}:log-stream:*`]),
    },
    putMetrics(["Glue"]),
  ];
}

/** What every run of a job is told; the state machine adds the run, its mode and its prefix. */
export function jobArguments(
  scope: LakeScope,
  job: AnyJob,
  tableFormat: TableFormat,
  libraryKey: string,
): Record<string, string> {
  return {
    "--environment": scope.environment,
    "--raw_bucket": lakeBucket(scope, "raw"),
    "--processed_bucket": lakeBucket(scope, "processed"),
    "--quarantine_bucket": lakeBucket(scope, "quarantine"),
    "--database": lakeDatabase(scope, "live"),
    "--staging_database": lakeDatabase(scope, "staging"),
    "--verification_database": lakeDatabase(scope, "verification"),
    "--table_format": tableFormat,
    "--extra-py-files": `s3://${lakeBucket(scope, "code")}/${libraryKey}`,
    "--job-bookmark-option": "job-bookmark-disable",
    "--enable-metrics": "true",
    "--enable-continuous-cloudwatch-log": "true",
    "--custom-logGroup-prefix": jobLogPrefix(scope, job),
    ...(job === "commit_iceberg" && { "--datalake-formats": "iceberg", "--conf": icebergCatalog(scope) }),
  };
}

import type * as pulumi from "@pulumi/pulumi";
import { bucketName, databaseName, functionLogGroup, limited, partitionOf, secretName } from "../shared/naming.ts";
import { problem } from "../shared/validation.ts";
import { type DataScope, arnOf, dataName } from "./state-machine/names.ts";
import type { AnyJob, PipelineFunction, PipelineJob } from "./state-machine/pipeline-definition.ts";

export type BucketRole = "raw" | "processed" | "quarantine" | "code" | "results" | "logs";
export type DatabaseRole = "live" | "staging" | "verification";

/**
 * Where everything of one lake is. Names are decided before anything exists, so policies can name exactly what they allow
 * and previews show them whole.
 */
export interface LakeScope extends DataScope {
  keyArn: pulumi.Input<string>;
  /** Names of all datasets. */
  datasets: readonly string[];
  /** Names of those that jobs make from others. */
  derived: readonly string[];
}

export const bucketRoles: readonly BucketRole[] = ["raw", "processed", "quarantine", "code", "results", "logs"];
export const functionNames: readonly PipelineFunction[] = [
  "validate",
  "catalog",
  "quality_gate",
  "publish",
  "quarantine",
];
/** Those that every pipeline has. */
export const jobNames: readonly PipelineJob[] = ["raw_to_processed", "daily_features", "quality"];

export function lakeBucket({ environment, account, region }: DataScope, role: BucketRole): string {
  return bucketName(`${environment}-${role}-bucket`, account, region);
}

export function lakeBucketArn(scope: DataScope, role: BucketRole): string {
  return `arn:${partitionOf(scope.region)}:s3:::${lakeBucket(scope, role)}`;
}

export function lakeDatabase({ environment }: DataScope, role: DatabaseRole): string {
  return databaseName(environment, role === "live" ? "lakehouse" : `lakehouse_${role}`);
}

/** Name of a function, and of the role of a job: the shortest limit that any of them has. */
export function runnableName({ environment }: DataScope, name: string): string {
  return limited("function", dataName(environment, name.replaceAll("_", "-")));
}

export function runnableLogGroup(scope: DataScope, name: string): string {
  return functionLogGroup(runnableName(scope, name));
}

/** Name of the security configuration of all jobs; Glue makes it a part of the names of their log groups. */
export function securityName({ environment }: DataScope): string {
  return dataName(environment, "encrypted");
}

/** What the two log groups of a job begin with, as its argument says it. */
export function jobLogPrefix(scope: DataScope, job: AnyJob): string {
  return `/aws-glue/jobs/${runnableName(scope, job)}`;
}

/**
 * Log groups of a job under a prefix of its own and with encrypted logs. The scheme is Glue's; made beforehand, they get a
 * retention instead of being kept for ever.
 */
export function jobLogGroups(scope: DataScope, job: AnyJob): Record<"output" | "error", string> {
  const group = (kind: string) =>
    limited("logGroup", `${jobLogPrefix(scope, job)}/${securityName(scope)}-role/${runnableName(scope, job)}/${kind}`);
  return { output: group("output"), error: group("error") };
}

/** Name of the queue of events that functions failed on. */
export function deadLetterQueue({ environment }: DataScope): string {
  return dataName(environment, "function-dead-letters");
}

export function lakeSecret({ environment }: DataScope, name: string): string {
  return secretName(environment, "data", name);
}

export function logGroupArn(scope: DataScope, group: string): string {
  return arnOf(scope, "logs", `log-group:${group}`);
}

/** Problems of the names that follow from the arguments, one line each. */
export function validateNames(scope: DataScope): string[] {
  const names: (() => string)[] = [
    ...bucketRoles.map((role) => () => lakeBucket(scope, role)),
    () => lakeDatabase(scope, "verification"),
    ...[...functionNames, ...jobNames].map((name) => () => runnableName(scope, name)),
  ];
  return names.flatMap((name) => {
    try {
      name();
      return [];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [problem("environment", scope.environment, "one whose names fit", `Shorten it: ${error.message}`)];
    }
  });
}

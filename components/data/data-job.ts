import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { logGroup } from "../shared/log-group.ts";
import type { Removal } from "../shared/protection.ts";
import { type Transform, transform } from "../shared/transform.ts";
import { type DataArtifacts, codeKey, codeOf } from "./code.ts";
import type { TableFormat } from "./functions.ts";
import { jobArguments, jobDefinitions, jobStatements } from "./jobs.ts";
import { type LakeScope, jobLogGroups, lakeBucket, runnableName } from "./lake-scope.ts";
import type { SecretDefinitions } from "./lake-security.ts";
import { serviceRole } from "./roles.ts";
import type { AnyJob } from "./state-machine/pipeline-definition.ts";

export interface JobSettings {
  /** Size of one worker and how many of them. */
  workers: { type: string; count: number };
  /** FLEX runs on spare capacity: cheaper, and it may have to wait. Defaults to STANDARD. */
  executionClass?: "STANDARD" | "FLEX" | undefined;
  /** Minutes after which a run is ended. */
  timeoutMinutes: number;
  tableFormat: TableFormat;
}

export interface DataJobArgs extends JobSettings {
  scope: LakeScope;
  /** Which of the pipeline's jobs this is. */
  job: AnyJob;
  artifacts: Pick<DataArtifacts, "jobLibrary" | "jobScripts">;
  secrets: SecretDefinitions;
  /** Name of the configuration that encrypts what the job writes. */
  securityConfiguration: pulumi.Input<string>;
  logRetentionDays: number;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { job?: Transform<aws.glue.JobArgs> };
}

/** Keys of the script and of the library beside it. */
function codeKeys({ artifacts, job }: Pick<DataJobArgs, "artifacts" | "job">): [script: string, library: string] {
  return [
    codeKey("scripts", job, codeOf(artifacts.jobScripts, job).digest),
    codeKey("libraries", "lakehouse", artifacts.jobLibrary.digest),
  ];
}

/** What Glue is told of a job, apart from its role and what encrypts it. */
export function jobArgs(args: Omit<DataJobArgs, "securityConfiguration">): Omit<aws.glue.JobArgs, "roleArn"> {
  const { scope, job, workers, timeoutMinutes, executionClass = "STANDARD" } = args;
  const [script, library] = codeKeys(args);
  return {
    name: runnableName(scope, job),
    description: jobDefinitions[job].description,
    glueVersion: "5.1",
    command: { name: "glueetl", pythonVersion: "3", scriptLocation: `s3://${lakeBucket(scope, "code")}/${script}` },
    workerType: workers.type,
    numberOfWorkers: workers.count,
    executionClass,
    timeout: timeoutMinutes,
    // The state machine decides what is tried again: a run that Glue repeats on its own has the same inputs.
    maxRetries: 0,
    // A verification does not wait for a live run; two live ones cannot hurt each other, only one publishes. Commits to the
    // same tables would: one after the other they both succeed.
    executionProperty: { maxConcurrentRuns: job === "commit_iceberg" ? 1 : 2 },
    jobRunQueuingEnabled: true,
    defaultArguments: jobArguments(scope, job, args.tableFormat, library),
  };
}

/** One Spark job with a role and log groups of its own. */
export class DataJob extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: DataJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("DataJob", name, opts);
    const { scope, removal = "retain" } = args;
    const logs = Object.entries(jobLogGroups(scope, args.job)).map(([kind, group]) =>
      logGroup(
        `${name}-${kind}-logs`,
        { name: group, keyArn: scope.keyArn, retentionDays: args.logRetentionDays, removal },
        this,
      ),
    );
    const secrets = Object.entries(args.secrets).filter(([, { readers }]) => readers.includes(args.job));
    const { role, policy } = serviceRole(this, name, {
      service: "glue.amazonaws.com",
      account: scope.account,
      statements: jobStatements(scope, args.job, {
        codeKeys: codeKeys(args),
        secrets: secrets.map(([secret]) => secret),
      }),
      // Glue makes the name of the role a part of the names of the log groups.
      roleName: runnableName(scope, args.job),
    });
    const made = new aws.glue.Job(
      ...transform(
        args.transform?.job,
        `${name}-job`,
        { ...jobArgs(args), roleArn: role.arn, securityConfiguration: args.securityConfiguration },
        // Glue makes the groups itself, kept for ever, when they are not there yet.
        childOf(this, { dependsOn: [...logs, policy] }),
      ),
    );
    this.name = made.name;
    this.arn = made.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}

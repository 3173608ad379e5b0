import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { EncryptionKey, usedByLogs } from "../shared/encryption-key.ts";
import { partitionOf } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";
import { assertValid } from "../shared/validation.ts";
import { PipelineAlarms } from "./alarms.ts";
import { Alerts, type Publisher, usedByAlerts } from "./alerts.ts";
import { type DataArtifacts, LakeCode, validateArtifacts } from "./code.ts";
import { PipelineDashboard } from "./dashboard.ts";
import { DataFunctions } from "./data-functions.ts";
import { DataJobs } from "./data-jobs.ts";
import { type DataCheck, type DataOutputs, criticalAlarms, dataChecks } from "./data-outputs.ts";
import { type DataSettings, executionMinutes, validateSettings } from "./data-settings.ts";
import { type DatasetDefinition, validateDatasets } from "./dataset.ts";
import { LakeBuckets } from "./lake-buckets.ts";
import { LakeCatalog } from "./lake-catalog.ts";
import { LakeCrawler } from "./lake-crawler.ts";
import { type LakeScope, lakeBucket, validateNames } from "./lake-scope.ts";
import { LakeSecurity, type SecretDefinitions } from "./lake-security.ts";
import { QueryWorkgroup } from "./query-workgroup.ts";
import type { DataScope } from "./state-machine/names.ts";
import { PipelineStateMachine } from "./state-machine/pipeline-state-machine.ts";
import { usedByLogDelivery } from "./state-machine/role.ts";
import { Triggers } from "./triggers.ts";

export interface DataPipelineArgs extends DataScope {
  datasets: readonly DatasetDefinition[];
  artifacts: DataArtifacts;
  settings: DataSettings;
  /** How long things stay; superseded data is what no published table consists of any more. */
  lifetimes: { logRetentionDays: number; keyDeletionDays: number; supersededDays: number; removal: Removal };
  /** Defaults to one for the credentials of the source. */
  secrets?: SecretDefinitions;
  /** Who beside alarms and the pipeline may send warnings. Defaults to nobody. */
  publishers?: readonly Publisher[];
}

const defaultSecrets: SecretDefinitions = {
  "source-credentials": {
    description: "Credentials of the source that deliveries come from",
    readers: ["raw_to_processed"],
  },
};

/** Problems of the arguments, one line each. */
export function validateDataPipeline(args: DataPipelineArgs): string[] {
  return [
    ...validateNames(args),
    ...validateDatasets(args.datasets),
    ...validateArtifacts(args.artifacts, args.settings.tableFormat),
    ...validateSettings(args.settings),
  ];
}

/** The lakehouse of one environment: from delivered files to published tables, and word of what went wrong. */
export class DataPipeline extends SlipwayComponent {
  readonly rawBucket: pulumi.Output<string>;
  readonly processedBucket: pulumi.Output<string>;
  readonly stateMachineArn: pulumi.Output<string>;
  readonly data: pulumi.Output<DataOutputs>;
  readonly checks: pulumi.Output<DataCheck[]>;
  /** Published tables: the bucket that they are in, and the key that opens it. */
  readonly lake: { bucket: string; keyArn: pulumi.Input<string> };
  /** Names of the alarms that wake somebody up. */
  readonly criticalAlarms: readonly string[];
  /** ARNs of the topics that alarms go to, by severity. */
  readonly topics: Alerts["topics"];

  constructor(name: string, args: DataPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("DataPipeline", name, opts);
    assertValid(this, name, validateDataPipeline(args));
    const scope = this.addScope(name, args);
    const lake = this.addLake(name, args, scope);
    const work = this.addWork(name, args, scope, lake);
    const run = this.addRun(name, args, scope, work, lake.buckets.raw.name);
    this.rawBucket = lake.buckets.raw.name;
    this.processedBucket = lake.buckets.processed.name;
    this.stateMachineArn = run.machine.arn;
    this.lake = { bucket: lakeBucket(scope, "processed"), keyArn: scope.keyArn };
    this.criticalAlarms = run.critical;
    this.topics = run.alerts.topics;
    const { datasets, settings } = args;
    const { versionArn: machineVersionArn } = run.machine;
    this.checks = dataChecks({ scope, datasets, settings, machineVersionArn, alarms: run.critical });
    this.data = pulumi.output({
      quarantineBucket: lake.buckets.quarantine.name,
      codeBucket: lake.buckets.code.name,
      databases: lake.catalog.databases,
      stateMachine: run.machine.name,
      workgroup: lake.workgroup.name,
      jobs: Object.values(work.jobs.jobs).map((job) => job.name),
      functions: Object.fromEntries(Object.entries(work.functions.functions).map(([key, { arn }]) => [key, arn])),
      topics: run.alerts.topics,
    });
    this.registerOutputs({ data: this.data, checks: this.checks });
  }

  /** The key of everything, and the names that follow from where this is. */
  private addScope(name: string, args: DataPipelineArgs): LakeScope {
    const { environment, account, region, datasets, lifetimes, publishers } = args;
    const place: DataScope = { environment, account, region };
    const logs = usedByLogs(account, region, partitionOf(region));
    const key = new EncryptionKey(
      `${name}-encryption`,
      {
        ...place,
        purpose: "data",
        statements: [logs, usedByLogDelivery(place), ...usedByAlerts(place, publishers)],
        deletionDays: lifetimes.keyDeletionDays,
        removal: lifetimes.removal,
      },
      childOf(this),
    );
    const names = (some: readonly DatasetDefinition[]) => some.map((dataset) => dataset.name);
    const derived = datasets.filter(({ source }) => source === "derived");
    return { ...place, keyArn: key.arn, datasets: names(datasets), derived: names(derived) };
  }

  /** Where data, code and answers are, and how they are found and protected. */
  private addLake(name: string, args: DataPipelineArgs, scope: LakeScope) {
    const { datasets, artifacts, settings, lifetimes, secrets = defaultSecrets } = args;
    const { tableFormat, scanLimitGb, infrequentDays, crawlers } = settings;
    const { removal, supersededDays, keyDeletionDays: recoveryDays } = lifetimes;
    const days = { infrequentDays, supersededDays };
    const buckets = new LakeBuckets(`${name}-lake`, { ...scope, ...days, removal }, childOf(this));
    const code = new LakeCode(
      `${name}-code`,
      { bucket: buckets.code.name, artifacts, tableFormat },
      // Objects that arrive before the bucket is set up would be neither versioned nor under the key.
      childOf(this, { dependsOn: [buckets] }),
    );
    const catalog = new LakeCatalog(
      `${name}-catalog`,
      { ...scope, datasets, tableFormat, removal },
      childOf(this, { dependsOn: [buckets] }),
    );
    const security = new LakeSecurity(`${name}-security`, { ...scope, secrets, recoveryDays, removal }, childOf(this));
    const workgroup = new QueryWorkgroup(
      `${name}-queries`,
      { ...scope, resultsBucket: buckets.results.name, scanLimitGb, removal },
      childOf(this),
    );
    if (crawlers) new LakeCrawler(`${name}-crawler`, { scope, database: catalog.databases.staging }, childOf(this));
    return { buckets, code, catalog, security, workgroup };
  }

  /** What the state machine calls. */
  private addWork(
    name: string,
    args: DataPipelineArgs,
    scope: LakeScope,
    { code, security }: { code: LakeCode; security: LakeSecurity },
  ) {
    const { artifacts, settings, lifetimes, secrets = defaultSecrets } = args;
    const { logRetentionDays, removal } = lifetimes;
    const { tableFormat, workers, executionClass, timeoutMinutes } = settings;
    const common = { scope, logRetentionDays, removal, tableFormat };
    const functions = new DataFunctions(
      `${name}-functions`,
      { ...common, code: code.functions, layer: code.layer },
      childOf(this),
    );
    const jobs = new DataJobs(
      `${name}-jobs`,
      {
        ...common,
        ...{ workers, executionClass, timeoutMinutes, artifacts, secrets },
        securityConfiguration: security.configuration,
      },
      // A job refers to its script by name only, and fails when it starts without it.
      childOf(this, { dependsOn: [code] }),
    );
    return { functions, jobs };
  }

  /** What runs the work, starts it, watches it and tells of it. */
  private addRun(
    name: string,
    args: DataPipelineArgs,
    scope: LakeScope,
    work: { functions: DataFunctions; jobs: DataJobs },
    rawBucket: pulumi.Output<string>,
  ) {
    const { settings, lifetimes, publishers = [] } = args;
    const { logRetentionDays, removal } = lifetimes;
    const { subscribers, pollSeconds, objectTrigger, schedule, alarms: thresholds } = settings;
    const { functions, deadLetterQueue: functionDeadLetterQueue } = work.functions;
    const { jobs } = work.jobs;
    const alerts = new Alerts(`${name}-alerts`, { ...scope, subscribers, publishers }, childOf(this));
    const { topics } = alerts;
    const timeoutMinutes = executionMinutes(settings);
    const machine = new PipelineStateMachine(
      `${name}-pipeline`,
      { ...scope, functions, jobs, topics, pollSeconds, timeoutMinutes, logRetentionDays, removal },
      childOf(this),
    );
    const stateMachineArn = machine.arn;
    const triggers = new Triggers(
      `${name}-triggers`,
      { ...scope, stateMachineArn, rawBucket, objectTrigger, schedule },
      childOf(this),
    );
    const { deadLetterQueue, deadLetterQueueArn } = triggers;
    const queues = { deadLetterQueue, functionDeadLetterQueue };
    const watched = { ...scope, stateMachineArn, functions, jobs, ...queues, thresholds };
    const { alarms } = new PipelineAlarms(`${name}-alarms`, { ...watched, topics, deadLetterQueueArn }, childOf(this));
    new PipelineDashboard(`${name}-page`, { ...watched, alarms }, childOf(this));
    return { machine, alerts, critical: criticalAlarms(watched) };
  }
}

import type * as pulumi from "@pulumi/pulumi";
import { type AlarmSpecArgs, alarmSpecs } from "./alarms-specs.ts";
import { type TableCheck, tableCheck } from "./catalog.ts";
import { type DataSettings, executionMinutes } from "./data-settings.ts";
import type { DatasetDefinition } from "./dataset.ts";
import { type DatabaseRole, lakeBucket } from "./lake-scope.ts";
import { type DataScope, dataName } from "./state-machine/names.ts";
import type { Severity } from "./state-machine/pipeline-definition.ts";

/** What others need to know of the pipeline beside its two buckets and its state machine. */
export interface DataOutputs {
  quarantineBucket: string;
  codeBucket: string;
  databases: Record<DatabaseRole, string>;
  stateMachine: string;
  workgroup: string;
  jobs: string[];
  /** ARNs by name. */
  functions: Record<string, string>;
  topics: Record<Severity, string>;
}

interface MachineCheck {
  kind: "state-machine";
  name: string;
  region: string;
  /** Of the version that was deployed. */
  arn: string;
  /** Folder below the program's root with deliveries and what they must become. */
  sample: string;
  rawBucket: string;
  processedBucket: string;
  quarantineBucket: string;
  timeoutSeconds: number;
}

interface AlarmCheck {
  kind: "alarm";
  name: string;
  region: string;
  alarms: string[];
}

/** What the driver must see: the sample through the whole pipeline, its tables, and silence afterwards. */
export type DataCheck = MachineCheck | TableCheck | AlarmCheck;

/** Names of the alarms that wake somebody up. */
export function criticalAlarms(args: AlarmSpecArgs): string[] {
  return alarmSpecs(args)
    .filter(({ severity }) => severity === "critical")
    .map(({ key }) => dataName(args.environment, key));
}

/** The checks of one pipeline. */
export function dataChecks(args: {
  scope: DataScope;
  datasets: readonly DatasetDefinition[];
  settings: Pick<DataSettings, "tableFormat" | "timeoutMinutes">;
  machineVersionArn: pulumi.Output<string>;
  alarms: string[];
}): pulumi.Output<DataCheck[]> {
  const { scope, datasets, settings, alarms } = args;
  const { region } = scope;
  const tables = datasets.map((dataset) => tableCheck(scope, dataset, settings.tableFormat));
  return args.machineVersionArn.apply((arn): DataCheck[] => [
    {
      kind: "state-machine",
      name: "data-pipeline",
      region,
      arn,
      sample: "data/samples/1k",
      rawBucket: lakeBucket(scope, "raw"),
      processedBucket: lakeBucket(scope, "processed"),
      quarantineBucket: lakeBucket(scope, "quarantine"),
      timeoutSeconds: executionMinutes(settings) * 60,
    },
    ...tables,
    { kind: "alarm", name: "data-alarms", region, alarms },
  ]);
}

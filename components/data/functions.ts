import type { Statement } from "../shared/iam.ts";
import { metricNamespace } from "./alarms-specs.ts";
import {
  changePartitions,
  deleteBelow,
  keepCopies,
  listBelow,
  putEvents,
  putMetrics,
  readBelow,
  readTables,
  tagSuperseded,
  useKey,
  writeBelow,
  writeLogs,
  writeTraces,
} from "./grants.ts";
import {
  type LakeScope,
  deadLetterQueue,
  lakeBucket,
  lakeDatabase,
  logGroupArn,
  runnableLogGroup,
} from "./lake-scope.ts";
import { arnOf } from "./state-machine/names.ts";
import type { PipelineFunction } from "./state-machine/pipeline-definition.ts";

export type TableFormat = "parquet" | "iceberg";

/** A function and, beside it, all that it may do. */
export interface FunctionDefinition {
  description: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** What it needs beside what every function needs. */
  statements(scope: LakeScope): Statement[];
}

/** Notes of a run: what it was to do, what came out of it. */
const runs = ["_runs/"];
/** The pointer, its snapshots and the ledger of deliveries. */
const state = ["_state/"];

const readRun = (scope: LakeScope) => readBelow(scope, "processed", "ReadRun", runs);
const writeRun = (scope: LakeScope) => writeBelow(scope, "processed", "WriteRun", runs);
const readState = (scope: LakeScope) => readBelow(scope, "processed", "ReadState", state);
const listNotes = (scope: LakeScope) => listBelow(scope, "processed", "ListNotes", [...runs, ...state]);
const reportMetrics = () => putMetrics([metricNamespace]);

/** Whatever follows from a snapshot that is published. Any run finishes what one before it did not live to do. */
const finish = (scope: LakeScope): Statement[] => [
  writeBelow(
    scope,
    "processed",
    "FinishPublished",
    ["deliveries/", "seen/", "shown.json"].map((part) => `_state/${part}`),
  ),
  readTables(scope, ["live", "verification"]),
  changePartitions(scope, ["live", "verification"]),
  keepCopies(scope, "verification"),
  reportMetrics(),
  putEvents(scope),
  ...tagSuperseded(scope),
];

/** Notes of runs that were given up and whose data is to be tagged. Whoever finds one does that and takes it away. */
const givenUp = ["_state/given-up/"];
const takeNote = (scope: LakeScope) => writeBelow(scope, "processed", "NoteGivenUp", givenUp);
const dropNote = (scope: LakeScope) => deleteBelow(scope, "processed", "ForgetGivenUp", givenUp);

/** The table of functions. */
export const functionDefinitions: Readonly<Record<PipelineFunction, FunctionDefinition>> = {
  validate: {
    description: "Looks at what was delivered and decides what a run takes, skips and rejects",
    memoryMb: 1024,
    timeoutSeconds: 900,
    statements: (scope) => [
      readBelow(scope, "raw", "ReadDeliveries", ["incoming/"]),
      // A copy takes the tags of its original along.
      { ...readBelow(scope, "raw", "ReadTags", ["incoming/"]), actions: ["s3:GetObjectTagging"] },
      listBelow(scope, "raw", "ListDeliveries", ["incoming/"]),
      setFilesAside(scope),
      readRun(scope),
      writeRun(scope),
      deleteBelow(scope, "processed", "ClearRun", runs),
      readState(scope),
      listNotes(scope),
      dropNote(scope),
      ...finish(scope),
    ],
  },
  catalog: {
    description: "Registers the candidate in the staging database",
    memoryMb: 512,
    timeoutSeconds: 300,
    statements: (scope) => [
      readRun(scope),
      readState(scope),
      listNotes(scope),
      readTables(scope, ["live", "staging"]),
      changePartitions(scope, ["staging"]),
      keepCopies(scope, "staging"),
    ],
  },
  quality_gate: {
    description: "Tells whether the candidate meets the quality rules",
    memoryMb: 256,
    timeoutSeconds: 60,
    statements: (scope) => [readRun(scope), listNotes(scope)],
  },
  publish: {
    description: "Moves the pointer to the candidate and brings the catalog up to it",
    memoryMb: 512,
    timeoutSeconds: 300,
    statements: (scope) => [
      readRun(scope),
      writeRun(scope),
      readState(scope),
      listNotes(scope),
      writeBelow(scope, "processed", "MovePointer", ["_state/current.json", "_state/snapshots/"]),
      takeNote(scope),
      dropNote(scope),
      ...finish(scope),
    ],
  },
  quarantine: {
    description: "Records that a candidate was refused",
    memoryMb: 256,
    timeoutSeconds: 300,
    statements: (scope) => [
      readRun(scope),
      writeRun(scope),
      readState(scope),
      listNotes(scope),
      takeNote(scope),
      dropNote(scope),
      reportMetrics(),
      ...tagSuperseded(scope),
    ],
  },
};

function setFilesAside(scope: LakeScope): Statement {
  const write = writeBelow(scope, "quarantine", "SetFilesAside", ["files/"]);
  return { ...write, actions: [...write.actions, "s3:PutObjectTagging"] };
}

/** All that a function may do. */
export function functionStatements(scope: LakeScope, name: PipelineFunction): Statement[] {
  return [
    ...functionDefinitions[name].statements(scope),
    useKey(scope, ["s3", "sqs"]),
    { sid: "SendDeadLetters", actions: ["sqs:SendMessage"], resources: [arnOf(scope, "sqs", deadLetterQueue(scope))] },
    writeLogs([logGroupArn(scope, runnableLogGroup(scope, name))]),
    writeTraces(),
  ];
}

/** What every function is told of where it runs: names, never values that only the program could know. */
export function functionVariables(scope: LakeScope, tableFormat: TableFormat): Record<string, string> {
  return {
    ENVIRONMENT: scope.environment,
    RAW_BUCKET: lakeBucket(scope, "raw"),
    PROCESSED_BUCKET: lakeBucket(scope, "processed"),
    QUARANTINE_BUCKET: lakeBucket(scope, "quarantine"),
    DATABASE: lakeDatabase(scope, "live"),
    STAGING_DATABASE: lakeDatabase(scope, "staging"),
    VERIFICATION_DATABASE: lakeDatabase(scope, "verification"),
    METRIC_NAMESPACE: metricNamespace,
    EVENT_BUS: "default",
    TABLE_FORMAT: tableFormat,
  };
}

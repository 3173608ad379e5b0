/** JSON as SageMaker reads it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Something of the execution that is known only when it runs. */
export interface Reference {
  readonly Get: string;
}

/** Texts and references made one text. */
export interface Join {
  readonly "Std:Join": { readonly On: string; readonly Values: readonly (string | Reference)[] };
}

/** A value out of a property file, which a step wrote as JSON. */
export interface JsonGet {
  readonly "Std:JsonGet": { readonly PropertyFile: Reference; readonly Path: string };
}

/** A text that is known now or once the execution runs. */
export type Text = string | Reference | Join;

export type Parameter = { readonly name: string; readonly description: string } & (
  | { readonly type: "String"; readonly default?: string; readonly values?: readonly string[] }
  | { readonly type: "Integer" | "Float"; readonly default?: number }
);

/** Machines of one job. */
export interface Compute {
  /** E.g. `ml.m5.large`. */
  instanceType: string;
  volumeGb: number;
  timeoutMinutes: number;
}

/** Where jobs run, what they may reach and under which key they write. */
export interface Surroundings {
  /** Containers reach nothing; SageMaker itself brings and fetches their files. */
  isolated: boolean;
  /** Key of volumes and outputs. Absent, SageMaker uses its own. */
  keyArn?: string;
  network?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] };
}

interface Job extends Surroundings {
  readonly name: string;
  readonly description: string;
  readonly roleArn: string;
  readonly image: string;
  readonly compute: Compute;
  readonly environment?: Readonly<Record<string, string>>;
  /** Days for which the outcome of the same inputs is taken again. Absent, the step always runs. */
  readonly cacheDays?: number;
}

export interface ProcessingInput {
  readonly name: string;
  readonly from: Text;
  /** Folder in the container. */
  readonly to: string;
  /** Whether `from` is what to bring or a list of it. Defaults to the former. */
  readonly type?: "S3Prefix" | "ManifestFile";
}

export interface ProcessingOutput {
  readonly name: string;
  /** Folder in the container. */
  readonly from: string;
  readonly to: Text;
}

/** A JSON file of an output that conditions can read. */
export interface PropertyFile {
  readonly name: string;
  readonly output: string;
  readonly path: string;
}

export interface ProcessingStep extends Job {
  readonly kind: "processing";
  readonly entrypoint: readonly string[];
  readonly arguments: readonly Text[];
  readonly inputs: readonly ProcessingInput[];
  readonly outputs: readonly ProcessingOutput[];
  readonly propertyFiles: readonly PropertyFile[];
}

export interface Channel {
  readonly from: Text;
  readonly contentType: string;
}

/** A number that training prints, found by a regular expression. */
export interface MetricDefinition {
  readonly name: string;
  readonly regex: string;
}

interface Training extends Job {
  /** Channels by name: folders that the code reads. */
  readonly channels: Readonly<Record<string, Channel>>;
  /** Channels that the code cannot do without. */
  readonly needs: readonly string[];
  readonly hyperparameters: Readonly<Record<string, Text>>;
  readonly metrics: readonly MetricDefinition[];
  readonly outputPath: Text;
}

export interface TrainingStep extends Training {
  readonly kind: "training";
  readonly entrypoint: readonly string[];
}

/** Every combination of the grid is trained; the best by the objective is the step's model. */
export interface TuningStep extends Training {
  readonly kind: "tuning";
  readonly grid: Readonly<Record<string, readonly string[]>>;
  /** One of `metrics`, to be as high as it gets. */
  readonly objective: string;
  readonly parallel: number;
}

export type ApprovalStatus = "Approved" | "PendingManualApproval" | "Rejected";

export interface RegisterStep {
  readonly kind: "register";
  readonly name: string;
  readonly description: string;
  readonly packageGroup: string;
  readonly approval: ApprovalStatus;
  /** Image that serves the model. */
  readonly image: string;
  readonly model: Text;
  /** JSON with the metrics of the model. */
  readonly statistics: Text;
  readonly metadata: Readonly<Record<string, Text>>;
  readonly contentTypes: readonly string[];
  readonly instanceTypes: readonly string[];
}

export interface Condition {
  readonly left: JsonGet;
  readonly operator: "GreaterThanOrEqualTo";
  readonly right: Reference | number;
}

export interface ConditionStep {
  readonly kind: "condition";
  readonly name: string;
  readonly description: string;
  /** All of them have to hold. */
  readonly conditions: readonly Condition[];
  readonly then: readonly Step[];
  readonly otherwise: readonly Step[];
}

export type Step = ProcessingStep | TrainingStep | TuningStep | RegisterStep | ConditionStep;

/** A whole pipeline, before it is JSON. */
export interface PipelineDefinition {
  readonly parameters: readonly Parameter[];
  readonly steps: readonly Step[];
}

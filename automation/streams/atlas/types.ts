import type { DeadLetterQueue, Tier } from "../../../streams/engine/files/documents.ts";
import type { Stage } from "../../../streams/engine/files/project.ts";

/** What Atlas calls the states of a processor. PROVISIONING is on the way to STARTED, and comes again whenever the tier moves. */
export const processorStates = [
  "INIT",
  "CREATING",
  "CREATED",
  "PROVISIONING",
  "STARTED",
  "STOPPING",
  "STOPPED",
  "FAILED",
  "DROPPED",
] as const;
export type ProcessorState = (typeof processorStates)[number];

/** Where processors are: a workspace of a project. */
export interface AtlasPlace {
  projectId: string;
  workspace: string;
}

/** Tiers between which Atlas moves a processor by itself. */
export interface Autoscaling {
  minTier: Tier;
  maxTier: Tier;
}

/** How far a partition of Kafka was read. */
export interface KafkaPartition {
  topic?: string;
  partition: number;
  /** The next document to be read after a restart. */
  checkpointOffset: number;
  /** The next document to be read now. */
  currentOffset: number;
  /** Documents that wait; absent where Atlas does not say. */
  lag?: number;
}

/** Figures of a processor since it was made; 0 where Atlas tells none, as of one that never ran. */
export interface AtlasStats {
  inputMessageCount: number;
  inputMessageSize: number;
  outputMessageCount: number;
  outputMessageSize: number;
  dlqMessageCount: number;
  dlqMessageSize: number;
  memoryUsageBytes: number;
  stateSize: number;
  addedParallelism?: number;
  scaleFactor?: number;
  lastMessageIn?: string;
  watermark?: string;
  /** Microseconds, of the last thirty seconds; the length of a window is part of it. */
  latency?: { p50: number; p99: number };
  /** The change stream's resume token, as Atlas wrote it. */
  changeStreamState?: unknown;
  /** Seconds that a change stream is behind. */
  changeStreamLagSeconds?: number;
  kafkaPartitions?: readonly KafkaPartition[];
  /** Everything as Atlas wrote it: the object is open. */
  raw: Readonly<Record<string, unknown>>;
}

export interface AtlasProcessor {
  name: string;
  state: ProcessorState;
  pipeline: readonly Stage[];
  /** The pipeline as compact JSON, keys in the order in which the API wrote them. */
  text: string;
  dlq?: DeadLetterQueue;
  tier?: Tier;
  /** The tier that it runs on where autoscaling moved it. */
  effectiveTier?: Tier;
  autoscaling?: Autoscaling;
  failoverEnabled?: boolean;
  stats: AtlasStats;
  /** Why it is FAILED, where Atlas says so. */
  errorMsg?: string;
}

export interface AtlasWorkspace {
  name: string;
  provider: string;
  region: string;
  tier?: Tier;
  maxTier?: Tier;
}

/** A connection as Atlas shows it: secrets are never among it. */
export interface AtlasConnection {
  name: string;
  type: string;
  /** PENDING, READY, DELETING or FAILED; absent where Atlas does not say. */
  state?: string;
  /** Everything as Atlas wrote it. */
  raw: Readonly<Record<string, unknown>>;
}

/** An entry of a project's activity feed. */
export interface AtlasEvent {
  id: string;
  type: string;
  at: string;
  /** Who did it, where somebody did. */
  by?: string;
  raw: Readonly<Record<string, unknown>>;
}

export interface NewProcessor {
  name: string;
  pipeline: readonly Stage[];
  /** The pipeline as JSON; sent in place of `pipeline`, as keys that are whole numbers keep their place only here. */
  text?: string | undefined;
  dlq?: DeadLetterQueue | undefined;
  tier?: Tier | undefined;
  failoverEnabled?: boolean | undefined;
}

export interface ProcessorChange {
  pipeline?: readonly Stage[] | undefined;
  text?: string | undefined;
  dlq?: DeadLetterQueue | undefined;
  tier?: Tier | undefined;
  failoverEnabled?: boolean | undefined;
  /** Atlas' default is true. */
  resumeFromCheckpoint?: boolean | undefined;
}

export interface StartOptions {
  tier?: Tier | undefined;
  resumeFromCheckpoint?: boolean | undefined;
  /** ISO 8601; only of a change stream, without a checkpoint. */
  startAtOperationTime?: string | undefined;
  autoscaling?: Autoscaling | undefined;
}

export interface NewWorkspace {
  provider: string;
  region: string;
  tier?: Tier | undefined;
  maxTier?: Tier | undefined;
}

/** A connection with its secrets resolved, in the words of the API. */
export type ConnectionDefinition = Readonly<Record<string, unknown>> & { name: string; type: string };

/** What `auditEvents` is asked for. */
export interface EventQuery {
  /** ISO 8601. */
  since?: string | undefined;
  types?: readonly string[] | undefined;
}

/** The stream processing of one workspace in the Atlas Admin API. Every call may reject with an `AtlasError`. */
export interface AtlasStreams {
  readonly place: AtlasPlace;
  /** Base URL, for messages. */
  readonly address: string;
  /** Undefined where there is none. */
  workspace(): Promise<AtlasWorkspace | undefined>;
  connections(): Promise<AtlasConnection[]>;
  processors(): Promise<AtlasProcessor[]>;
  /** Undefined where there is none. */
  processor(name: string): Promise<AtlasProcessor | undefined>;
  createProcessor(processor: NewProcessor): Promise<AtlasProcessor>;
  modifyProcessor(name: string, change: ProcessorChange): Promise<AtlasProcessor>;
  startProcessor(name: string, options?: StartOptions): Promise<void>;
  stopProcessor(name: string): Promise<void>;
  /** All of its state is gone; one that is not there is deleted already. */
  deleteProcessor(name: string): Promise<void>;
  createWorkspace(workspace: NewWorkspace): Promise<void>;
  createConnection(connection: ConnectionDefinition): Promise<void>;
  updateConnection(name: string, connection: ConnectionDefinition): Promise<void>;
  /** Who did what in the project, the newest first. */
  auditEvents(query?: EventQuery): Promise<AtlasEvent[]>;
}

/** How Atlas is reached. */
export interface AtlasOptions {
  place: AtlasPlace;
  /** Where address and credentials come from. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The environment whose keys of the form `ATLAS_PUBLIC_KEY_<ENVIRONMENT>` count. */
  environmentName?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Told what is waited for, where Atlas asks to come back later. */
  say?: ((line: string) => void) | undefined;
  fetch?: typeof fetch | undefined;
  /** Waits so many milliseconds; tests hand in their own. */
  wait?: ((ms: number) => Promise<void>) | undefined;
}

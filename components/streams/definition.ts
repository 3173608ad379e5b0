import type { DeadLetterQueue, Tier } from "../../streams/engine/files/documents.ts";

/** A connection with its variables filled in. */
export interface ConnectionSpec {
  /** In the words of the file, which are the provider's. */
  value: Readonly<Record<string, unknown>> & { name: string; type: string };
  /** Top-level keys that hold a secret. */
  secrets: readonly string[];
}

/** How one processor runs. */
export interface ProcessorSpec {
  /** Of its pipeline and its dead letter queue. */
  digest: string;
  /** Where it is not in place, the driver hands over from version to version. */
  rollout: "in-place" | "blue-green" | "canary";
  state: "STARTED" | "STOPPED" | "CREATED";
  tier?: Tier | undefined;
  autoscaling?: { minTier: Tier; maxTier: Tier } | undefined;
  failover: boolean;
  /** JSON text, keys as they were written. */
  pipeline: string;
  dlq?: DeadLetterQueue | undefined;
  expect?: { dlqRate?: number | undefined } | undefined;
}

/** Where a workspace is. */
export interface Place {
  provider: "AWS" | "AZURE" | "GCP";
  region: string;
}

/** Limits above which Atlas tells people. */
export interface AlertLimits {
  dlqMessages?: number | undefined;
  kafkaLag?: number | undefined;
  changeStreamLagSeconds?: number | undefined;
  /** What Atlas calls these figures. */
  metrics: { deadLetters: string; kafkaLag: string; changeStreamLag: string };
  subscribers: readonly string[];
}

/** A workspace and everything that processors in it may name. */
export interface WorkspaceSpec extends Place {
  projectId: string;
  workspace: string;
  failoverRegions: readonly Place[];
  tier: Tier;
  maxTier: Tier;
  connections: readonly ConnectionSpec[];
}

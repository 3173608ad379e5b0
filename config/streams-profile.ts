import type { Tier } from "../streams/engine/files/documents.ts";

/** Limits above which Atlas tells people; without one it keeps quiet about that. */
export interface StreamAlerts {
  /** Documents in dead letter queues. */
  dlqMessages?: number;
  /** Messages of Kafka that wait. */
  kafkaLag?: number;
  /** Seconds that a change stream is behind. */
  changeStreamLagSeconds?: number;
  /** What Atlas calls these figures. Only that of Kafka is in its public documents: a stack file can correct the others. */
  metrics: { deadLetters: string; kafkaLag: string; changeStreamLag: string };
  /** Mail addresses; without any, the owners of the Atlas project. */
  subscribers: readonly string[];
}

/** How stream processing runs in an environment whose stack file does not say otherwise. */
export interface StreamsProfile {
  /** How changed processors take over, but for those whose policy says otherwise. */
  rollout: "in-place" | "blue-green";
  provider: "AWS" | "AZURE" | "GCP";
  /** The largest tier that the workspace starts, where neither the stack file nor `config.env` has one. */
  maxTier: Tier;
  alerts: StreamAlerts;
}

const metrics = {
  deadLetters: "STREAM_PROCESSOR_DLQ_MESSAGE_COUNT",
  kafkaLag: "STREAM_PROCESSOR_KAFKA_LAG",
  changeStreamLag: "STREAM_PROCESSOR_CHANGE_STREAM_LAG",
};

/** Stream processing as an environment has it that says nothing else. */
export const streamsDefaults = {
  rollout: "in-place",
  provider: "AWS",
  maxTier: "SP30",
  alerts: { dlqMessages: 100, kafkaLag: 100_000, changeStreamLagSeconds: 600, metrics, subscribers: [] },
} satisfies StreamsProfile;

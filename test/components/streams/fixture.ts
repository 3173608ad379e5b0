import type { ConnectionSpec, ProcessorSpec } from "../../../components/streams/definition.ts";
import { StreamsPipeline, type StreamsPipelineArgs } from "../../../components/streams/streams-pipeline.ts";
import { type Run, type RunOptions, run } from "../../support/harness.ts";

export const projectId = "0123456789abcdef01234567";

export const types = {
  workspace: "mongodbatlas:index/streamWorkspace:StreamWorkspace",
  connection: "mongodbatlas:index/streamConnection:StreamConnection",
  processor: "mongodbatlas:index/streamProcessor:StreamProcessor",
  alert: "mongodbatlas:index/alertConfiguration:AlertConfiguration",
} as const;

export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

/** A pipeline whose keys any reading and writing would put into another order. */
export const pipeline =
  '[{"$source":{"connectionName":"events","topic":"orders"}},{"$project":{"b":1,"2":1,"a":1,"1":1}},{"$merge":{"into":{"connectionName":"warehouse","db":"d","coll":"c"}}}]';

/** One that reads a change stream. */
export const mirror = pipeline.replace('"events","topic":"orders"', '"warehouse"');

export const processor: ProcessorSpec = {
  digest: digest("a"),
  rollout: "in-place",
  state: "STARTED",
  tier: "SP5",
  failover: false,
  pipeline,
};

export const dlq = { connectionName: "warehouse", db: "dlq", coll: "orders" };

const dbRoleToExecute = { role: "readWriteAnyDatabase", type: "BUILT_IN" };

export const connections: readonly ConnectionSpec[] = [
  {
    value: {
      name: "events",
      type: "Kafka",
      bootstrapServers: "kafka:9092",
      authentication: { mechanism: "SCRAM-512", username: "u", password: "p" },
      security: { protocol: "SASL_SSL" },
    },
    secrets: ["authentication"],
  },
  {
    value: { name: "geocoder", type: "Https", url: "https://g.example.com", headers: { Key: "k" } },
    secrets: ["headers"],
  },
  { value: { name: "warehouse", type: "Cluster", clusterName: "w", dbRoleToExecute }, secrets: [] },
];

const metrics = {
  deadLetters: "STREAM_PROCESSOR_DLQ_MESSAGE_COUNT",
  kafkaLag: "STREAM_PROCESSOR_KAFKA_LAG",
  changeStreamLag: "STREAM_PROCESSOR_CHANGE_STREAM_LAG",
};

export const args: StreamsPipelineArgs = {
  projectId,
  workspace: "dev-streams",
  provider: "AWS",
  region: "VIRGINIA_USA",
  failoverRegions: [],
  tier: "SP5",
  maxTier: "SP30",
  connections,
  processors: { orders: processor },
  restart: [],
  features: [],
  alerts: { dlqMessages: 10, kafkaLag: 1000, changeStreamLagSeconds: 60, metrics, subscribers: [] },
  removal: "destroy",
};

/** Stream processing of the fixture, changed, as it is registered. */
export async function made(
  change: Partial<StreamsPipelineArgs> = {},
  options: RunOptions = {},
): Promise<[StreamsPipeline, Run]> {
  const pipelines: StreamsPipeline[] = [];
  const done = await run(() => void pipelines.push(new StreamsPipeline("streams", { ...args, ...change })), options);
  return [pipelines[0]!, done];
}

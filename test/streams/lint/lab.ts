import { loadStreams } from "../../../streams/engine/files/project.ts";
import type { Finding } from "../../../streams/engine/finding.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";

/** Connections of every kind, none of which any rule finds fault with. */
export const connections = JSON.stringify([
  { name: "kafka", type: "Kafka", bootstrapServers: "b:9092" },
  cluster("atlas"),
  cluster("other"),
  { name: "web", type: "Https", url: "https://example.com" },
  { name: "lambda", type: "AWSLambda" },
  { name: "kinesis", type: "AWSKinesisDataStreams" },
  { name: "bucket", type: "S3" },
  { name: "solar", type: "Sample" },
  { name: "schemas", type: "SchemaRegistry" },
]);

function cluster(name: string) {
  return { name, type: "Cluster", clusterName: name, dbRoleToExecute: { role: "streams", type: "CUSTOM" } };
}

export const dlq = { connectionName: "atlas", db: "ops", coll: "dlq" };
export const kafka = { $source: { connectionName: "kafka", topic: "orders" } };
export const watch = { $source: { connectionName: "atlas", db: "shop", coll: "orders" } };
export const merge = { $merge: { into: { connectionName: "other", db: "shop", coll: "totals" }, on: "id" } };
export const group = { $group: { _id: "$id", n: { $sum: 1 } } };
export const minute = { size: 1, unit: "minute" };

/** A window of a minute over some stages. */
export const tumbling = (pipeline: unknown[] = [group], more: object = {}) => ({
  $tumblingWindow: { interval: minute, pipeline, ...more },
});

export interface Lab {
  /** The pipeline; a text where its order or its form matters. */
  pipeline: unknown[] | string;
  options?: object;
  name?: string;
  files?: Record<string, string>;
  environment?: string;
}

/** Lints one processor, `p`, one stage to a line: stage N stands in line N + 2. */
export function lintOne({ pipeline, options = { dlq }, name, files = {}, environment }: Lab): Finding[] {
  const stages = typeof pipeline === "string" ? pipeline : pipeline.map((stage) => JSON.stringify(stage)).join(",\n");
  const head = name === undefined ? "" : `"name": ${JSON.stringify(name)}, `;
  const text = `{${head}"pipeline": [\n${stages}],\n"options": ${JSON.stringify(options)}}`;
  const project = loadStreams({ "processors/p.json": text, "connections/all.json": connections, ...files });
  return lint(project, { environment }).filter(({ rule }) => rule !== "connections/unused");
}

/** What was found, in short: rule, line, path, and a mark for warnings. */
export const short = (findings: readonly Finding[]) =>
  findings.map(({ rule, line, path, severity }) => [rule, line, severity === "warning" ? `${path} (warning)` : path]);

import { advise } from "../streams/engine/advise/advise.ts";
import { shippedPrices } from "../streams/engine/catalogue/prices.ts";
import { loadStreams } from "../streams/engine/files/project.ts";
import { lint } from "../streams/engine/lint/lint.ts";
import { median } from "./measure.ts";
import type { Row } from "./report.ts";

const rounds = 5;

/** Processors as repositories have them: a source, a few stages with expressions, a window in half of them, a sink and its queue. */
function generatedProcessors(count: number): Record<string, string> {
  const files: Record<string, string> = {
    "connections/all.json": JSON.stringify([
      { name: "kafka", type: "Kafka", bootstrapServers: "broker:9092" },
      { name: "atlas", type: "Cluster", clusterName: "main", dbRoleToExecute: { role: "streams", type: "CUSTOM" } },
    ]),
    "environments/dev/config.env": "WORKSPACE_NAME=dev\nDEFAULT_TIER=SP10\nMAX_TIER=SP30\n",
  };
  for (let index = 0; index < count; index += 1)
    files[`processors/processor-${index}.json`] = JSON.stringify(processor(index), null, 2);
  return files;
}

function processor(index: number): object {
  const into = { connectionName: "atlas", db: "shop", coll: `totals_${index}` };
  const group = { _id: { shop: "$shop", start: { $meta: "stream.window.start" } }, sum: { $sum: "$price" } };
  const window = { interval: { size: 5, unit: "minute" }, pipeline: [{ $group: group }, { $sort: { sum: -1 } }] };
  const name = { $concat: ["$first", " ", { $toUpper: "$last" }] };
  const stages = [
    { $validate: { validator: { $jsonSchema: { required: ["id", "price"] } }, validationAction: "dlq" } },
    { $match: { price: { $gt: 0 }, $expr: { $lt: ["$price", { $multiply: ["$limit", 2] }] } } },
    { $set: { name, tags: { $map: { input: "$tags", as: "tag", in: { $toLower: "$$tag" } } } } },
    { $lookup: { from: into, localField: "customer", foreignField: "_id", as: "customer", parallelism: 4 } },
    ...(index % 2 === 0 ? [{ $tumblingWindow: window }] : [{ $project: { _id: "$id", name: 1, price: 1 } }]),
  ];
  const source = { connectionName: "kafka", topic: "orders", partitionIdleTimeout: { size: 1, unit: "minute" } };
  const dlq = { connectionName: "atlas", db: "ops", coll: "dlq" };
  return { pipeline: [{ $source: source }, ...stages, { $merge: { into, on: "_id" } }], options: { dlq } };
}

function seconds(work: () => void): number {
  work();
  return median(
    Array.from({ length: rounds }, () => {
      const start = performance.now();
      work();
      return (performance.now() - start) / 1000;
    }),
  );
}

/** From texts of files to findings, and to advice with its difference from a base. */
export function streamsLint(): Row[] {
  const [many, few] = [generatedProcessors(500), generatedProcessors(50)];
  const reading = seconds(() => void loadStreams(many));
  const linting = seconds(() => void lint(loadStreams(many)));
  const options = { prices: shippedPrices, region: "us-east-1" };
  const advising = seconds(() => {
    for (let version = 0; version < 2; version += 1) advise(loadStreams(few), options);
  });
  return [
    {
      ...{ name: "streams lint, 500 processors", value: linting, unit: "s", target: 1 },
      detail: `reading included, ${(reading * 1000).toFixed(0)} ms of it`,
    },
    {
      ...{ name: "streams advise, 50 processors against a base", value: advising * 1000, unit: "ms", target: 500 },
      detail: "both versions read and advised on",
    },
  ];
}

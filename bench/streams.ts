import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { Aggregator } from "mingo";
import { createSimulator } from "../streams/engine/simulator/simulator.ts";
import { median } from "./measure.ts";
import type { Row } from "./report.ts";

const execute = promisify(execFile);
const say = (line: string) => void process.stderr.write(`${line}\n`);

type Doc = Record<string, unknown>;

/** Documents of a stream, as many as a processor sees in a minute or so. */
const documents = Array.from({ length: 30_000 }, (_, index): Doc => ({
  _id: index,
  user: { id: index % 500, name: `user ${index % 500}`, tags: ["a", "b", `t${index % 7}`] },
  amount: (index * 37) % 1000,
  currency: index % 3 === 0 ? "EUR" : "USD",
  lines: [
    { sku: `s${index % 50}`, price: (index % 90) + 0.5, quantity: 1 + (index % 4) },
    { sku: `s${index % 31}`, price: index % 11, quantity: 1 },
  ],
  at: new Date(1_767_225_600_000 + index * 1000),
}));

/** Pipelines without a window, as processors have them. */
const pipelines: Readonly<Record<string, readonly Doc[]>> = {
  filter: [{ $match: { amount: { $gte: 100 }, currency: "EUR", "user.tags": "t3" } }],
  shape: [
    { $project: { _id: 1, user: "$user.name", total: { $sum: "$lines.price" }, day: { $dayOfMonth: "$at" } } },
    { $match: { total: { $gt: 10 } } },
  ],
  enrich: [
    { $addFields: { net: { $multiply: ["$amount", 0.8] }, vip: { $in: ["t3", "$user.tags"] } } },
    { $set: { class: { $cond: [{ $gte: ["$net", 500] }, "high", { $ifNull: ["$kind", "low"] }] } } },
    { $unset: ["user", "at"] },
  ],
  unwind: [
    { $unwind: "$lines" },
    { $match: { "lines.quantity": { $gt: 1 } } },
    { $replaceRoot: { newRoot: { $mergeObjects: ["$lines", { order: "$_id", user: "$user.id" }] } } },
  ],
};

const rounds = 7;
/** Milliseconds of some work. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function simulated(stages: readonly Doc[]): void {
  const source = { $source: { connectionName: "k", topic: "t" } };
  const sink = { $emit: { connectionName: "k", topic: "out" } };
  const running = createSimulator([source, ...stages, sink], { retain: false });
  for (const document of documents) running.push(document);
}

/** The same documents through the same stages: in turns, so that a machine that slows down slows both. */
function stateless(): Row[] {
  return Object.entries(pipelines).map(([name, stages]) => {
    const bare = () => void new Aggregator(stages as Doc[]).run(documents);
    const times: [number, number][] = [];
    for (let round = 0; round <= rounds; round += 1) times.push([timed(() => simulated(stages)), timed(bare)]);
    // The first round warms both up.
    const [own, plain] = [0, 1].map((which) => median(times.slice(1).map((pair) => pair[which] ?? 0))) as [
      number,
      number,
    ];
    const rate = (ms: number) => `${Math.round(documents.length / ms)}k documents/s`;
    return {
      name: `streams, ${name}: simulator against bare mingo`,
      value: own / plain,
      unit: "ratio",
      // 0.8 of mingo's documents per second.
      target: 1.25,
      detail: `${rate(own)} against ${rate(plain)}`,
    };
  });
}

interface Peak {
  seconds: number;
  peakBytes: number;
}

/** Memory is measured in a process of its own, which collects its garbage before it looks. */
async function peakOf(events: number, window: string): Promise<Peak> {
  const script = path.join(import.meta.dirname, "streams", "window.ts");
  const { stdout } = await execute(process.execPath, ["--expose-gc", script, String(events), window]);
  return JSON.parse(stdout) as Peak;
}

const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

async function windows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const window of ["group", "sort"]) {
    say(`  a million events through a tumbling window with $${window}`);
    const small = await peakOf(100_000, window);
    const large = await peakOf(1_000_000, window);
    rows.push({
      name: `streams, $${window} in a window: peak memory of 1M events against 100k`,
      value: large.peakBytes / small.peakBytes,
      unit: "ratio",
      target: 1.25,
      detail: `${mebibytes(large.peakBytes)} against ${mebibytes(small.peakBytes)}, 1M events in ${large.seconds.toFixed(1)} s`,
    });
  }
  return rows;
}

/** What the simulator of stream processors costs: time without windows, memory with them. */
export async function streamSimulator(): Promise<Row[]> {
  return [...stateless(), ...(await windows())];
}

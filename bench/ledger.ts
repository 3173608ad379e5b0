import { deploymentLog } from "../automation/metrics/attempts.ts";
import { measure } from "../automation/metrics/four-keys.ts";
import type { CommitNode } from "../automation/metrics/lead-time.ts";
import type { LedgerRecord } from "../automation/promotion/ledger-records.ts";
import { median } from "./measure.ts";
import type { Row } from "./report.ts";

const sizes = [25_000, 100_000] as const;
const rounds = 5;
const budget = 0.3;
const minute = 60_000;
const end = Date.parse("2026-06-01T00:00:00Z");

const idOf = (number: number, length: number) => number.toString(16).padStart(length, "0");

/** The nth record: deployments that pass, every tenth of which fails and is rolled back. */
function record(index: number, count: number): LedgerRecord {
  const deployment = Math.floor(index / 4);
  const envelope = {
    schema: 1 as const,
    environment: "prod",
    sequence: index + 1,
    previous: index === 0 ? null : idOf(index, 64),
    at: new Date(end - (count - index) * minute).toISOString(),
    by: "bench",
    hash: idOf(index + 1, 64),
  };
  const subject = { release: idOf(deployment, 64), commit: idOf(deployment, 40) };
  const fails = deployment % 10 === 9;
  const facts = { ...envelope, ...subject, seconds: 60 };
  switch (index % 4) {
    case 0:
      return { ...envelope, kind: "approved", release: subject.release };
    case 1:
      return { ...facts, kind: "promoted", verb: "promote", resources: 40, changes: {} };
    case 2:
      return fails
        ? { ...facts, kind: "failed", stage: "verify", error: "x" }
        : { ...facts, kind: "verified", checks: [] };
    default:
      return fails
        ? { ...facts, kind: "rolled-back", release: idOf(deployment - 1, 64), reason: "x" }
        : { ...facts, kind: "verified", checks: [] };
  }
}

/** A history in which every deployment brings one commit more. */
function history(deployments: number): Map<string, CommitNode> {
  const graph = new Map<string, CommitNode>();
  for (let index = 0; index < deployments; index += 1)
    graph.set(idOf(index, 40), {
      time: end - (deployments - index) * 5 * minute,
      parents: index === 0 ? [] : [idOf(index - 1, 40)],
    });
  return graph;
}

function seconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** Ledger records, already read and checked, to the four keys over all of them, lead times included. */
export function ledgerFolds(): Row[] {
  const times = new Map<number, number>();
  for (const size of sizes) {
    const records = Array.from({ length: size }, (_, index) => record(index, size));
    const graph = history(size / 4);
    const once = () => void measure(deploymentLog("prod", records), graph, 3650, end);
    once();
    times.set(size, median(Array.from({ length: rounds }, () => seconds(once))));
  }
  const [small, large] = sizes.map((size) => times.get(size) ?? 0) as [number, number];
  return [
    {
      name: `metrics, ${sizes[1]} ledger records into the four keys`,
      value: large,
      unit: "s",
      target: budget,
      detail: `${sizes[1] / 4} commits walked for the lead time`,
    },
    {
      name: `metrics, time per record at ${sizes[1]} against ${sizes[0]}`,
      value: large / small / (sizes[1] / sizes[0]),
      unit: "ratio",
      target: 1.5,
      detail: `${(large * 1000).toFixed(0)} ms against ${(small * 1000).toFixed(0)} ms`,
    },
  ];
}

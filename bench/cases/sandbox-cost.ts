import { rm } from "node:fs/promises";
import { measure, median } from "../measure.ts";
import { generateProject, useEmptyProvider, type Project } from "../project.ts";
import type { Row } from "../report.ts";

const sizes = [50, 200, 1000] as const;
const rounds = { 50: 5, 200: 3, 1000: 1 } as const;
const up = ["up", "--yes", "--skip-preview", "--suppress-progress"];

/**
 * What one resource costs in the sandbox as the stack grows. The engine writes the whole state after each step, which
 * grows with the stack by itself; the same run against an empty provider shows that part, and it is taken off.
 */
export async function sandboxCost(say: (line: string) => void): Promise<Row[]> {
  const costs: { size: number; own: number; whole: number }[] = [];
  for (const size of sizes) {
    say(`sandbox cost: ${size} resources`);
    const [sandbox, empty] = [await generateProject(size), await generateProject(size)];
    try {
      await useEmptyProvider(empty);
      const [whole, engine] = [[] as number[], [] as number[]];
      for (let round = 0; round < rounds[size]; round++) {
        whole.push(await updateSeconds(sandbox, round));
        engine.push(await updateSeconds(empty, round));
      }
      const own = Math.max(0, median(whole) - median(engine));
      costs.push({ size, own: (own / size) * 1000, whole: (median(whole) / size) * 1000 });
    } finally {
      for (const { root } of [sandbox, empty]) await rm(root, { recursive: true, force: true });
    }
  }
  return rowsOf(costs);
}

/** A create the first time, an update of every resource after that. */
async function updateSeconds(project: Project, round: number): Promise<number> {
  return (await measure(await project.raw(up, { BENCH_REVISION: String(round) }))).seconds;
}

function rowsOf(costs: readonly { size: number; own: number; whole: number }[]): Row[] {
  const rows = costs.map(({ size, own, whole }): Row => ({
    name: `sandbox's own cost at ${size} resources`,
    value: own,
    unit: "ms per resource",
    detail: `${whole.toFixed(1)} ms with the engine's own`,
  }));
  const [small, large] = [costs[0], costs.at(-1)];
  if (small === undefined || large === undefined) return rows;
  const growth = { name: "sandbox cost per resource, 1000 against 50", unit: "ratio", target: 1 } as const;
  const detail = `${large.own.toFixed(2)} ms against ${small.own.toFixed(2)} ms`;
  return [...rows, { ...growth, value: large.own / small.own, detail }];
}

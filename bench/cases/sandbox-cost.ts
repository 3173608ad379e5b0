import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { median } from "../measure.ts";
import { prepareBenchSandbox, type BenchSandbox } from "../project.ts";
import { startProvider } from "../provider-client.ts";
import type { Row } from "../report.ts";

const sizes = [50, 200, 1000] as const;
const rounds = 5;
/** As many calls in flight as the engine has on a small machine. */
const parallel = 8;
/** Long enough for the compiler of V8 to have seen every path that is timed. */
const warmUp = 300;

/**
 * What a resource costs in the sandbox as the stack grows, and what the same calls cost against a provider that does
 * nothing. The plugins are driven without the engine, which writes its whole state after each step and would hide them.
 */
export async function sandboxCost(): Promise<Row[]> {
  const costs = new Map<number, { sandbox: number[]; empty: number[] }>();
  for (let round = 0; round < rounds; round++)
    for (const size of sizes) {
      const cost = costs.get(size) ?? { sandbox: [], empty: [] };
      costs.set(size, cost);
      const directory = await mkdtemp(path.join(tmpdir(), "slipway-bench-cost-"));
      try {
        const sandbox = await prepareBenchSandbox(directory);
        cost.sandbox.push(await millisecondsPerResource(sandbox, "sandbox", size));
        cost.empty.push(await millisecondsPerResource(sandbox, "empty", size));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    }
  return rowsOf([...costs].map(([size, { sandbox, empty }]) => ({ size, own: median(sandbox), none: median(empty) })));
}

async function millisecondsPerResource(sandbox: BenchSandbox, kind: keyof BenchSandbox, size: number): Promise<number> {
  const provider = await startProvider(sandbox[kind], "us-east-1");
  const createAll = async (prefix: string, region: string, count: number) => {
    let next = 0;
    const worker = async () => {
      for (let index = next++; index < count; index = next++)
        await provider.create("aws:s3/bucket:Bucket", `${prefix}-${index}`, { bucket: `${prefix}-${index}`, region });
    };
    await Promise.all(Array.from({ length: parallel }, worker));
  };
  try {
    // In another region, so that what it leaves behind is not part of the cloud that is measured.
    await createAll("warm-up", "eu-west-1", warmUp);
    const start = performance.now();
    await createAll("bucket", "us-east-1", size);
    return (performance.now() - start) / size;
  } finally {
    provider.close();
  }
}

function rowsOf(costs: readonly { size: number; own: number; none: number }[]): Row[] {
  const rows = costs.map(({ size, own, none }): Row => {
    const detail = `${none.toFixed(2)} ms with a provider that does nothing`;
    return { name: `sandbox, ${size} resources`, value: own, unit: "ms per resource", detail };
  });
  const [small, large] = [costs[0], costs.at(-1)];
  if (small === undefined || large === undefined) return rows;
  const growth = { name: "sandbox cost per resource, 1000 against 50", unit: "ratio", target: 1 } as const;
  const detail = `${large.own.toFixed(2)} ms against ${small.own.toFixed(2)} ms`;
  return [...rows, { ...growth, value: large.own / small.own, detail }];
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { acquireLease } from "../automation/lease/lease.ts";
import { thisProcess } from "../automation/lease/machine.ts";
import { DirectoryStore } from "../automation/store/directory.ts";
import { contend } from "../test/lease/contend.ts";
import { median } from "./measure.ts";
import type { Row } from "./report.ts";

const attempts = 1000;
const rounds = 20;

/** How many of 1,000 drivers that try at once get the lease, and what taking and giving it back costs a single one. */
export async function leaseCost(): Promise<Row[]> {
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-bench-lease-"));
  try {
    const { fences, seconds } = await contend(path.join(directory, "crowd"), attempts, {});
    const detail = `five processes, the last answer after ${seconds.toFixed(2)} s`;
    return [
      {
        name: `lease holders out of ${attempts} attempts at once`,
        value: fences.length,
        unit: "holders",
        target: 1,
        detail,
      },
      await oneHolder(path.join(directory, "alone")),
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function oneHolder(directory: string): Promise<Row> {
  const store = new DirectoryStore(directory);
  const holder = { who: "bench", verb: "up", ...thisProcess(), startedAt: new Date().toISOString() };
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const result = await acquireLease(store, { environment: "dev", holder });
    if (!result.ok) throw new Error("the lease was not free");
    result.lease.assertHeld();
    await result.lease.release();
    times.push(performance.now() - start);
  }
  return {
    name: "lease taken, checked and given back",
    value: median(times),
    unit: "ms",
    target: 200,
    detail: "in a directory",
  };
}

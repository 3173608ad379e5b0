import { setTimeout as delay } from "node:timers/promises";
import { runStacks } from "../automation/deploy/stack-graph.ts";
import type { Row } from "./report.ts";

const stacks = 12;
const atATime = 6;
const taskMs = 250;

/** How close twelve stacks, six at a time, come to the ideal: two rounds of one stack's time. The work is waiting, as a cloud's is. */
export async function stackParallelism(): Promise<Row[]> {
  const tasks = Array.from({ length: stacks }, (_, index) => ({
    stack: `stack-${index}`,
    needs: [],
    run: () => delay(taskMs),
  }));
  const started = performance.now();
  await runStacks(tasks, atATime);
  const took = performance.now() - started;
  const ideal = (stacks / atATime) * taskMs;
  return [
    {
      name: `${stacks} stacks, ${atATime} at a time, against the ideal`,
      value: took / ideal,
      unit: "ratio",
      target: 1.25,
      detail: `${took.toFixed(0)} ms against ${ideal} ms`,
    },
  ];
}

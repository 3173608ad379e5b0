import { ExitCode, SlipwayError } from "../errors.ts";

/** Work on one stack, after the work on the stacks it needs. */
export interface StackTask<T> {
  stack: string;
  needs: readonly string[];
  run(): Promise<T>;
}

/** What became of it. A failure never hides the others, and what needed it is skipped with the reason. */
export type StackOutcome<T> =
  | { stack: string; state: "done"; value: T }
  | { stack: string; state: "failed"; error: unknown }
  | { stack: string; state: "skipped"; because: string };

/**
 * Runs the tasks side by side, at most `limit` at a time, each as soon as what it needs is done. Outcomes come in the order of the tasks. A need
 * that is no task counts as done; a circle of needs is refused before anything runs.
 */
export async function runStacks<T>(tasks: readonly StackTask<T>[], limit: number): Promise<StackOutcome<T>[]> {
  refuseCircles(tasks);
  const byStack = new Map(tasks.map((task) => [task.stack, task]));
  const outcomes = new Map<string, StackOutcome<T>>();
  const running = new Map<string, Promise<void>>();
  const start = (task: StackTask<T>) => {
    const ended = outcomeOf(task).then((outcome) => {
      outcomes.set(task.stack, outcome);
      running.delete(task.stack);
    });
    running.set(task.stack, ended);
  };
  for (;;) {
    for (const task of tasks) {
      if (outcomes.has(task.stack) || running.has(task.stack)) continue;
      const needs = task.needs.filter((need) => byStack.has(need));
      const missed = needs.find((need) => outcomes.has(need) && outcomes.get(need)?.state !== "done");
      if (missed !== undefined) outcomes.set(task.stack, skipped(task.stack, missed));
      else if (running.size < limit && needs.every((need) => outcomes.has(need))) start(task);
    }
    if (outcomes.size === tasks.length) return tasks.map(({ stack }) => outcomes.get(stack) as StackOutcome<T>);
    if (running.size > 0) await Promise.race(running.values());
  }
}

const skipped = (stack: string, because: string) => ({ stack, state: "skipped" as const, because });

async function outcomeOf<T>({ stack, run }: StackTask<T>): Promise<StackOutcome<T>> {
  try {
    return { stack, state: "done", value: await run() };
  } catch (error) {
    return { stack, state: "failed", error };
  }
}

function refuseCircles(tasks: readonly Pick<StackTask<unknown>, "stack" | "needs">[]): void {
  const settled = new Set<string>();
  let left = tasks.map(({ stack, needs }) => ({
    stack,
    needs: needs.filter((need) => tasks.some((task) => task.stack === need)),
  }));
  while (left.length > 0) {
    const free = left.filter(({ needs }) => needs.every((need) => settled.has(need)));
    if (free.length === 0)
      throw new SlipwayError(
        ExitCode.usage,
        `These stacks need each other: ${left.map(({ stack }) => stack).join(", ")}.`,
        {
          where: "config/promotion.yaml",
          next: "Take one of the needs away.",
        },
      );
    for (const { stack } of free) settled.add(stack);
    left = left.filter(({ stack }) => !settled.has(stack));
  }
}

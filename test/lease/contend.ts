import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

export interface Contention {
  /** Numbers of the leases that were given. */
  fences: number[];
  /** Whom those saw that got none. */
  refusedBy: string[];
  attempts: number;
  /** From the starting shot to the last answer. */
  seconds: number;
}

const PROCESSES = 5;

/** Lets several processes try to take one lease at the same moment, each many times at once. */
export async function contend(
  store: string,
  attempts: number,
  environment: Record<string, string>,
): Promise<Contention> {
  const script = join(import.meta.dirname, "contender-process.ts");
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, [script, store, "dev", String(attempts / PROCESSES)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...environment },
    }),
  );
  try {
    await Promise.all(children.map(nextLine));
    const answers = children.map(nextLine);
    const start = performance.now();
    for (const child of children) child.stdin.write("go\n");
    const lines = await Promise.all(answers);
    const seconds = (performance.now() - start) / 1000;
    const parsed = lines.map((line) => JSON.parse(line) as Contention);
    return {
      fences: parsed.flatMap(({ fences }) => fences),
      refusedBy: [...new Set(parsed.flatMap(({ refusedBy }) => refusedBy))],
      attempts: parsed.reduce((sum, each) => sum + each.attempts, 0),
      seconds,
    };
  } finally {
    for (const child of children) child.stdin.destroy();
    await Promise.all(children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, "exit")));
  }
}

/** The next line of a process; one that ends without it is a failure and not a silence. */
async function nextLine(child: ChildProcessByStdio<Writable, Readable, null>): Promise<string> {
  const ended = once(child, "exit").then(([code]: unknown[]) => {
    throw new Error(`a contender ended with ${String(code)}`);
  });
  const said = once(child.stdout, "data").then(([line]: unknown[]) => String(line));
  return Promise.race([said, ended]);
}

import { spawn } from "node:child_process";

export interface Command {
  command: string;
  args: readonly string[];
  cwd: string;
  environment: NodeJS.ProcessEnv;
}

export interface Measured {
  seconds: number;
  /** stdout and stderr, for what the command says about itself. */
  output: string;
}

/** Runs a command to its end and measures it. Rejects with its output when it fails: a failed run has no time. */
export function measure({ command, args, cwd, environment }: Command): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = (performance.now() - start) / 1000;
      const output = Buffer.concat(chunks).toString("utf8");
      if (code === 0) resolve({ seconds, output });
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output.slice(-4000)}`));
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("there is no median of nothing");
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Median of two commands that take turns, so that a machine that slows down slows both. The order swaps every pair. */
export async function inTurns(
  pairs: number,
  first: (index: number) => Promise<number>,
  second: (index: number) => Promise<number>,
): Promise<[first: number, second: number]> {
  const times: [number[], number[]] = [[], []];
  for (let index = 0; index < pairs; index++) {
    const order = index % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) times[which].push(await (which === 0 ? first : second)(index));
  }
  return [median(times[0]), median(times[1])];
}

import { setTimeout as delay } from "node:timers/promises";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { duration } from "../../report/time.ts";
import type { AtlasProcessor, AtlasStreams, ProcessorState } from "./types.ts";

export interface WaitOptions {
  timeoutMs: number;
  pollMs?: number;
  signal?: AbortSignal | undefined;
  /** Told each state on the way, and that it still waits. */
  say?: ((line: string) => void) | undefined;
  /** Milliseconds that count up, and a pause; tests hand in their own. */
  clock?: { now(): number; sleep(ms: number): Promise<void> };
}

const sayAgainMs = 30_000;

/**
 * Waits until a processor is in one of the states. FAILED is final unless it is waited for: Atlas has tried for five minutes by then.
 * @throws SlipwayError: not found, failed with Atlas' reason, timeout, or cancelled
 */
export async function waitForState(
  client: Pick<AtlasStreams, "processor">,
  name: string,
  states: readonly ProcessorState[],
  options: WaitOptions,
): Promise<AtlasProcessor> {
  const { timeoutMs, pollMs = 2000, signal, say } = options;
  const clock = options.clock ?? realClock(signal);
  const started = clock.now();
  let last: { state: string; said: number } | undefined;
  for (;;) {
    const processor = await client.processor(name);
    if (processor === undefined) throw gone(name);
    if (states.includes(processor.state)) return processor;
    if (processor.state === "FAILED" || processor.state === "DROPPED") throw failed(processor);
    const elapsed = clock.now() - started;
    if (last?.state !== processor.state || elapsed - last.said >= sayAgainMs) {
      say?.(`${name} is ${processor.state}, ${duration(elapsed / 1000)}; waiting for ${states.join(" or ")}`);
      last = { state: processor.state, said: elapsed };
    }
    if (elapsed + pollMs > timeoutMs) throw late(processor, states, elapsed);
    await clock.sleep(pollMs);
    if (signal?.aborted) throw new SlipwayError(ExitCode.cancelled, `It was cancelled while ${name} was waited for.`);
  }
}

const realClock = (signal: AbortSignal | undefined) => ({
  now: () => performance.now(),
  sleep: (ms: number) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
});

const look = "./slipway streams status <environment>";

const gone = (name: string) =>
  new SlipwayError(ExitCode.notFound, `There is no processor ${name} in Atlas any more.`, { next: look });

const failed = ({ name, state, errorMsg }: AtlasProcessor) =>
  new SlipwayError(ExitCode.resourceFailed, `${name} is ${state}: ${errorMsg ?? "Atlas gives no reason"}`, {
    where: `stream processor ${name}`,
    next: errorMsg === undefined ? "Read the workspace's operational logs in Atlas." : "Correct it and deploy again.",
  });

const late = ({ name, state }: AtlasProcessor, states: readonly string[], elapsed: number) =>
  new SlipwayError(
    ExitCode.timeout,
    `${name} is still ${state} after ${duration(elapsed / 1000)}, not ${states.join(" or ")}.`,
    { where: `stream processor ${name}`, next: `It may still get there: ${look}` },
  );

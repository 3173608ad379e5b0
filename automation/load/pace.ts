import { Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { setTimeout as delay } from "node:timers/promises";

/** What is asked of an address, how often and for how long. */
export interface Load {
  url: string;
  /** Requests a second. */
  rate: number;
  seconds: number;
  signal: AbortSignal;
  /** A request without an answer ends then. */
  patienceMs?: number;
}

/** What came of one request. */
export interface Asked {
  /** From the moment at which it was due, so that one that had to wait for others counts its waiting. */
  milliseconds: number;
  /** Why it counts as a failure, e.g. `status 503`. */
  problem: string | undefined;
}

const PATIENCE_MS = 10_000;
/** Connections at a time: what a server cannot answer queues here, and counts as slow. */
const SOCKETS = 128;

/**
 * Sends requests at an even pace whatever the answers are like: a server that slows down would otherwise be asked less, and look better than
 * it is. Ends when the last one was answered or given up. @throws the signal's reason
 */
export async function pace({ url, rate, seconds, signal, patienceMs = PATIENCE_MS }: Load): Promise<Asked[]> {
  const secure = url.startsWith("https:");
  const agent = new (secure ? TlsAgent : PlainAgent)({ keepAlive: true, maxSockets: SOCKETS });
  const ask = secure ? tlsRequest : plainRequest;
  const started = performance.now();
  const asked: Promise<Asked>[] = [];
  const one = (due: number) =>
    new Promise<Asked>((resolve) => {
      const end = (problem?: string) => resolve({ milliseconds: performance.now() - due, problem });
      const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
      const outgoing = ask(url, { agent, signal: limit }, (answer) => {
        const { statusCode = 0 } = answer;
        answer.on("error", () => end("cut off"));
        answer.on("end", () => end(statusCode >= 200 && statusCode < 400 ? undefined : `status ${statusCode}`));
        answer.resume();
      });
      outgoing.on("error", ({ code, name }: NodeJS.ErrnoException) => {
        if (name === "AbortError") end(`no answer within ${patienceMs / 1000} s`);
        else end(code ?? "no connection");
      });
      outgoing.end();
    });
  try {
    for (let index = 0; index < rate * seconds; index += 1) {
      const due = started + (index * 1000) / rate;
      const early = due - performance.now();
      if (early > 0) await delay(early, undefined, { signal });
      asked.push(one(due));
    }
    const answers = await Promise.all(asked);
    signal.throwIfAborted();
    return answers;
  } finally {
    agent.destroy();
  }
}

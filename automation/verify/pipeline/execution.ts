import { setTimeout as delay } from "node:timers/promises";
import type { HistoryEvent, SFNClient } from "@aws-sdk/client-sfn";
import type { AwsClientConfig } from "../check-kind.ts";

/** How an execution ended. */
export type ExecutionEnd = { succeeded: true } | { succeeded: false; reason: string };

export interface ExecutionRequest {
  stateMachine: string;
  /** Name of the execution; one name runs once. */
  name: string;
  input: Record<string, string>;
  timeoutSeconds: number;
  signal: AbortSignal;
  /** Told each state once, when it is first seen: a poll that goes round and round is no news. */
  onState(state: string): void;
}

const firstPause = 200;
const longestPause = 2_000;

/**
 * Starts an execution and waits for its end. One that takes too long, or that nobody wants any more, is stopped.
 * @throws Error when the service refuses to start it or to speak of it.
 */
export async function runExecution(config: AwsClientConfig, request: ExecutionRequest): Promise<ExecutionEnd> {
  const { SFNClient, StartExecutionCommand } = await import("@aws-sdk/client-sfn");
  const client = new SFNClient(config);
  try {
    const start = { stateMachineArn: request.stateMachine, name: request.name, input: JSON.stringify(request.input) };
    const { executionArn = "" } = await client.send(new StartExecutionCommand(start), { abortSignal: request.signal });
    return await follow(client, executionArn, request);
  } finally {
    client.destroy();
  }
}

async function follow(client: SFNClient, executionArn: string, request: ExecutionRequest): Promise<ExecutionEnd> {
  const { DescribeExecutionCommand } = await import("@aws-sdk/client-sfn");
  const deadline = performance.now() + request.timeoutSeconds * 1000;
  const seen = new Set<string>();
  let [pause, state] = [firstPause, "its start"];
  try {
    for (;;) {
      const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status === "SUCCEEDED") return { succeeded: true };
      if (status !== "RUNNING") {
        const reason = failureReason(await history(client, executionArn), { status: status ?? "FAILED", error, cause });
        return { succeeded: false, reason };
      }
      const [entered] = (await history(client, executionArn, 20)).flatMap(
        (event) => event.stateEnteredEventDetails?.name ?? [],
      );
      state = entered ?? state;
      if (entered !== undefined && !seen.has(entered)) request.onState(entered);
      seen.add(state);
      if (performance.now() > deadline) {
        await stop(client, executionArn, "verification waited long enough");
        return { succeeded: false, reason: `stopped in ${state} after ${request.timeoutSeconds} s` };
      }
      await delay(pause, undefined, { signal: request.signal });
      pause = Math.min(pause * 1.5, longestPause);
    }
  } catch (error) {
    await stop(client, executionArn, "verification ended before the execution did").catch(() => undefined);
    if (request.signal.aborted) return { succeeded: false, reason: `cancelled in ${state}; the execution was stopped` };
    throw error;
  }
}

async function stop(client: SFNClient, executionArn: string, cause: string): Promise<void> {
  const { StopExecutionCommand } = await import("@aws-sdk/client-sfn");
  await client.send(new StopExecutionCommand({ executionArn, error: "Verification", cause }));
}

/** Events of an execution, newest first. Polls of a long job fill it, so that its beginning may be far back. */
async function history(client: SFNClient, executionArn: string, atMost = 1000): Promise<HistoryEvent[]> {
  const { GetExecutionHistoryCommand } = await import("@aws-sdk/client-sfn");
  const ask = { executionArn, reverseOrder: true, maxResults: atMost, includeExecutionData: true };
  return (await client.send(new GetExecutionHistoryCommand(ask))).events ?? [];
}

interface Ending {
  status: string;
  error: string | undefined;
  cause: string | undefined;
}

/**
 * Pure: why an execution ended badly, with the state that failed. A task that failed and then succeeded on another attempt is not
 * to blame; an error that the machine itself puts into its cause is not told twice.
 * @param events Newest first.
 */
export function failureReason(events: readonly HistoryEvent[], { status, error, cause }: Ending): string {
  const ending = [status.toLowerCase().replace("_", " "), error, cause].filter((part) => part).join(": ");
  const failed = lastFailure(events);
  if (failed === undefined) return ending;
  const { state, said } = failed;
  if (cause?.includes(state) === true) return ending;
  return `${ending}; failed in ${state}${said === "" ? "" : `: ${said}`}`;
}

/** Names under which an event keeps what went wrong: `taskFailedEventDetails`, `lambdaFunctionTimedOutEventDetails` … */
const failureDetails = /^(?!execution)\w*(?:Failed|TimedOut|StartFailed|SubmitFailed)EventDetails$/u;

function lastFailure(events: readonly HistoryEvent[]): { state: string; said: string } | undefined {
  const succeeded = new Set<string>();
  for (const [at, event] of events.entries()) {
    const state = stateOf(events, at);
    if (state === undefined) continue;
    if (event.type?.endsWith("Succeeded") === true) succeeded.add(state);
    const details = Object.entries(event).find(
      ([key, value]) => failureDetails.test(key) && value !== undefined,
    )?.[1] as { error?: string; cause?: string } | undefined;
    if (details === undefined || succeeded.has(state)) continue;
    return { state, said: [details.error, details.cause].filter((part) => part).join(": ") };
  }
  return undefined;
}

/** The state that an event belongs to: the one that was entered last before it. */
const stateOf = (events: readonly HistoryEvent[], at: number): string | undefined =>
  events.slice(at).find(({ stateEnteredEventDetails: entered }) => entered !== undefined)?.stateEnteredEventDetails
    ?.name;

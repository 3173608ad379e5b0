import type { TrafficShift } from "../../../config/outputs.ts";
import type { VerifyTargets } from "../../verify/check-kind.ts";
import type { DeployRequest, Session } from "../session.ts";
import { subjectWords } from "../subject.ts";
import type { TrafficClient } from "./client.ts";
import type { Manner } from "./decide.ts";
import type { Pace } from "./follow.ts";
import { recordLost, recordRefused, recordShifted } from "./record.ts";
import { shiftAlias, type ShiftResult } from "./shift.ts";

/** Where CodeDeploy, Lambda and CloudWatch are asked. */
export type Where = Pick<VerifyTargets, "aws" | "alarms"> & { close(): Promise<void> };

/** An alias and what moves it. */
export interface Movable {
  shift: TrafficShift;
  client: TrafficClient;
  /** Whether it is not where it is to be. */
  due: boolean;
}

export interface Moves {
  due: readonly Movable[];
  manner: Manner;
  where: Where;
  region: string;
}

const minute = 60_000;
/** A cloud and, where an hour is a second, the sandbox. */
const paces: Readonly<Record<"cloud" | "sandbox", Omit<Pace, "timeoutMs">>> = {
  cloud: { pollMs: 5_000, heartbeatMs: 2 * minute, settleMs: 5 * minute, quietMs: 3 * minute, realTime: true },
  sandbox: { pollMs: 100, heartbeatMs: 10_000, settleMs: 30_000, quietMs: 2_000, realTime: false },
};
const sandboxTimeoutMs = 2 * minute;

const paceOf = (shift: TrafficShift, sandbox: boolean): Pace =>
  sandbox
    ? { ...paces.sandbox, timeoutMs: sandboxTimeoutMs }
    : { ...paces.cloud, timeoutMs: shift.timeoutSeconds * 1000 };

/** Moves aliases at the same time and records what became of them; where one does not get there, the others are stopped as well. */
export async function shiftAll(session: Session, request: DeployRequest, moves: Moves): Promise<void> {
  const { context, workspace } = session;
  if (moves.due.length > 0 && workspace.sandbox !== undefined)
    context.console.info("traffic is shifted by a CodeDeploy that is simulated, as is its time");
  const started = performance.now();
  const others = new AbortController();
  const signal = AbortSignal.any([context.signal, others.signal]);
  const ends = await Promise.allSettled(
    moves.due.map(async ({ shift, client }) => {
      const ended = shiftAlias(client, optionsFor(session, request, { ...moves, shift, signal }));
      const stopOthers = () => others.abort();
      ended.then(({ outcome }) => (outcome === "failed" ? stopOthers() : undefined), stopOthers);
      return { shift, result: await ended };
    }),
  );
  const results = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  for (const { shift, result } of results) await recordShifted(session, request, shift, result);
  const refused = ends.find((end) => end.status === "rejected");
  const seconds = Math.round(performance.now() - started) / 1000;
  const shifts = moves.due.map(({ shift }) => shift);
  if (refused !== undefined) throw await recordRefused(session, request, { shifts, error: refused.reason, seconds });
  const lost = firstLost(results);
  if (lost !== undefined) throw await recordLost(session, request, lost);
}

export type Lost = Extract<ShiftResult, { answers: unknown }>;

/** What failed comes before what was only stopped because of that. */
function firstLost(
  results: readonly { shift: TrafficShift; result: ShiftResult }[],
): { shift: TrafficShift; result: Lost } | undefined {
  const lost = results.flatMap(({ shift, result }) =>
    result.outcome === "failed" || result.outcome === "cancelled" ? [{ shift, result }] : [],
  );
  return lost.find(({ result }) => result.outcome === "failed") ?? lost[0];
}

function optionsFor(
  { context, workspace, stack }: Session,
  request: DeployRequest,
  { shift, signal, manner, where, region }: Moves & { shift: TrafficShift; signal: AbortSignal },
) {
  const { colors, info } = context.console;
  return {
    ...{ shift, manner, signal, terminate: context.terminate, now: context.now },
    pace: paceOf(shift, workspace.sandbox !== undefined),
    description: `slipway ${request.verb} ${stack}: ${subjectWords(request)}`,
    say: (line: string) => info(colors.dim(`  .. ${line}`)),
    alarms: (names: readonly string[]) => where.alarms(region, names, signal),
  };
}

import { hostname } from "node:os";
import type { Context } from "../context.ts";
import { isEngineRunning, waitForEngine } from "../engine/inflight.ts";
import { processIdentity } from "../engine/process-identity.ts";
import type { EngineProcess } from "../engine/process.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import {
  beginOperation,
  classifyInflight,
  endOperation,
  readInflight,
  updateOperation,
  type Inflight,
  type OperationMarker,
} from "../promotion/inflight.ts";
import { append } from "../promotion/ledger.ts";
import type { Release } from "../release/manifest.ts";
import type { Workspace } from "../workspace.ts";

export interface MarkedOperation {
  verb: string;
  stack: string;
  by: string;
  release?: Release | undefined;
}

/** Called with the engine's process as soon as it runs, so that a later driver can find it. */
export type OnEngine = (engine: EngineProcess) => Promise<void>;

const view = {
  host: hostname(),
  isAlive: (pid: number, identity: string | undefined) => isEngineRunning({ pid, identity }),
};
const heartbeatMs = 10_000;

/**
 * Intent is written before the first change and taken away after the last record, whatever happens between. A marker that is
 * still there belongs to a run that is under way, or to one that was killed: that one is recorded as interrupted first.
 */
export async function withMarker<T>(
  context: Context,
  workspace: Workspace,
  operation: MarkedOperation,
  work: (onEngine: OnEngine) => Promise<T>,
): Promise<T> {
  const takeOver = await settleEarlierRun(context, workspace, operation);
  const marker = markerOf(context, operation);
  const begun = await beginOperation(workspace.store, marker, takeOver);
  if (!begun.ok) throw heldBy(begun.inflight.marker);
  let etag = begun.etag;
  const onEngine: OnEngine = async ({ pid, identity, eventLog }) => {
    const full = {
      ...marker,
      enginePid: pid,
      eventLog,
      ...(identity === undefined ? {} : { engineStartTime: identity }),
    };
    const result = await updateOperation(workspace.store, full, etag);
    if (result.ok) etag = result.etag;
  };
  try {
    return await work(onEngine);
  } finally {
    await endOperation(workspace.store, operation.stack, etag, context.now());
  }
}

function markerOf(context: Context, { verb, stack, release }: MarkedOperation): OperationMarker {
  const startTime = processIdentity(process.pid);
  return {
    verb,
    environment: stack,
    ...(release === undefined ? {} : { release: release.id, commit: release.commit }),
    host: view.host,
    pid: process.pid,
    ...(startTime === undefined ? {} : { startTime }),
    startedAt: context.now().toISOString(),
  };
}

/** The tag of the marker to take over, after the run it belonged to has ended and is on record. */
async function settleEarlierRun(
  context: Context,
  workspace: Workspace,
  operation: MarkedOperation,
): Promise<string | undefined> {
  const inflight = await readInflight(workspace.store, operation.stack);
  const earlier = classifyInflight(inflight?.marker, view);
  if (inflight === undefined || earlier.state === "none") return undefined;
  if (earlier.state === "running-here" || earlier.state === "running-elsewhere") throw heldBy(inflight.marker);
  if (earlier.state === "engine-finishing") await letEngineEnd(context, inflight);
  const { verb, host, startedAt, release, commit } = inflight.marker;
  context.console.warn(
    `an earlier ${verb} of ${operation.stack}, begun ${startedAt}, ended without a word; going on from there`,
  );
  await append(
    workspace.store,
    operation.stack,
    {
      kind: "interrupted",
      by: operation.by,
      verb,
      host,
      startedAt,
      ...(release === undefined ? {} : { release }),
      ...(commit === undefined ? {} : { commit }),
    },
    context.now,
  );
  return inflight.etag;
}

/** The driver of an earlier run is gone and its engine is still at work: what it does is right, so it is left to end. */
async function letEngineEnd(context: Context, { marker }: Inflight): Promise<void> {
  const { enginePid: pid, engineStartTime: identity } = marker;
  if (pid === undefined) return;
  context.console.info(`the engine of an earlier ${marker.verb} (process ${pid}) is still at work; waiting for it`);
  let saidAt = 0;
  const onWait = (waited: number) => {
    if (waited - saidAt < heartbeatMs) return;
    saidAt = waited;
    context.console.info(`still waiting for process ${pid}, ${Math.round(waited / 1000)} s`);
  };
  if (await waitForEngine({ pid, identity }, { signal: context.signal, onWait })) return;
  throw new SlipwayError(ExitCode.cancelled, `Cancelled while waiting for the engine process ${pid}.`, {
    next: "Run the same command again.",
  });
}

function heldBy(marker: OperationMarker): SlipwayError {
  const who = `${marker.verb} ${marker.environment}, process ${marker.pid} on ${marker.host}, since ${marker.startedAt}`;
  return new SlipwayError(ExitCode.leaseHeld, `Another operation is under way: ${who}.`, {
    where: marker.environment,
    next: "Wait for it to end, then run the same command again.",
  });
}

import type { Context } from "../context.ts";
import { waitForEngine } from "../engine/inflight.ts";
import type { EngineProcess } from "../engine/process.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { EarlierRun, Holder } from "../lease/document.ts";
import { whileHolding } from "../lease/holding.ts";
import { acquireLease, DEFAULT_TTL_MS, type AcquireResult, type Lease, type LeaseRequest } from "../lease/lease.ts";
import { thisProcess } from "../lease/machine.ts";
import { append, highestFence, readLedger } from "../promotion/ledger.ts";
import { duration } from "../report/time.ts";
import type { Workspace } from "../workspace.ts";
import { type Subject, subjectOf } from "./subject.ts";

export interface LeasedOperation extends Subject {
  verb: string;
  stack: string;
  by: string;
}

/** Called with the engine's process as soon as it runs, so that a later driver can find it. */
export type OnEngine = (engine: EngineProcess) => Promise<void>;

export interface Leased {
  /** The caller's context, cancelled as well when the lease is lost. */
  context: Context;
  onEngine: OnEngine;
}

type LeaseWorkspace = Pick<Workspace, "store" | "environment">;

const heartbeatMs = 10_000;

/**
 * Does work as the one holder of an environment. The lease is the intent that is written before the first change, and it is given back after
 * the last record. Whoever held it before and did not give it back is recorded as interrupted first. Work whose lease is lost is
 * cancelled, writes nothing more, and ends with `lease held`.
 */
export async function withLease<T>(
  context: Context,
  workspace: LeaseWorkspace,
  operation: LeasedOperation,
  work: (leased: Leased) => Promise<T>,
): Promise<T> {
  const lease = await take(context, workspace, operation);
  const signal = AbortSignal.any([context.signal, lease.signal]);
  const onEngine: OnEngine = ({ pid, identity, eventLog }) =>
    lease.update({ enginePid: pid, eventLog, ...(identity === undefined ? {} : { engineIdentity: identity }) });
  try {
    return await whileHolding(lease, async () => {
      await settle(context, workspace, operation, lease);
      return work({ context: { ...context, signal }, onEngine });
    });
  } catch (error) {
    // What went wrong after that is only a consequence.
    throw lease.signal.aborted ? lease.signal.reason : error;
  } finally {
    await giveBack(context, lease);
  }
}

/** What the work ended with matters more than a store that is gone: without a word the lease ends by itself. */
async function giveBack(context: Context, lease: Lease): Promise<void> {
  try {
    await lease.release();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.console.warn(`the lease of ${lease.environment} could not be given back and ends by itself: ${why}`);
  }
}

async function take(context: Context, workspace: LeaseWorkspace, operation: LeasedOperation): Promise<Lease> {
  const { store } = workspace;
  const request: LeaseRequest = {
    environment: operation.stack,
    holder: holderOf(context, operation),
    ttlMs: ttlOf(workspace.environment),
    clock: { wall: () => context.now().getTime(), monotonic: () => performance.now() },
    highestFence: async () => highestFence(await readLedger(store, operation.stack)),
  };
  for (;;) {
    const result = await acquireLease(store, request);
    if (result.ok) return result.lease;
    if (result.held.action === "refuse") throw heldBy(operation.stack, result.held);
    await letEngineEnd(context, result.held);
  }
}

function holderOf(context: Context, operation: LeasedOperation): Holder {
  const { by, verb } = operation;
  return {
    ...{ who: by, verb, ...thisProcess(), startedAt: context.now().toISOString() },
    ...subjectOf(operation),
  };
}

/** `SLIPWAY_LEASE_SECONDS`: shorter takes over sooner, longer forgives a slow store. */
function ttlOf(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment["SLIPWAY_LEASE_SECONDS"];
  if (!text) return DEFAULT_TTL_MS;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 3600) return seconds * 1000;
  throw new SlipwayError(ExitCode.usage, `SLIPWAY_LEASE_SECONDS: got "${text}", expected 1 to 3600.`, {
    next: "correct it, or leave it away for 60",
  });
}

/** Runs that ended without a word are put on record before anything else happens. */
async function settle(
  context: Context,
  { store }: LeaseWorkspace,
  { stack, by }: LeasedOperation,
  lease: Lease,
): Promise<void> {
  if (lease.unsettled.length === 0) return;
  const records = await readLedger(store, stack);
  const isRecorded = ({ startedAt, host }: EarlierRun) =>
    records.some((record) => record.kind === "interrupted" && record.startedAt === startedAt && record.host === host);
  for (const run of lease.unsettled) {
    context.console.warn(
      `an earlier ${run.verb} of ${stack}, begun ${run.startedAt}, ended without a word; going on from there`,
    );
    if (!isRecorded(run)) await append(store, stack, { kind: "interrupted", by, ...run }, context.now);
  }
  await lease.settle();
}

type HeldAnswer = Extract<AcquireResult, { ok: false }>["held"];

/** The driver of an earlier run is gone and its engine is still at work: what it does is right, so it is left to end. */
async function letEngineEnd(
  context: Context,
  { holder, pid }: Extract<HeldAnswer, { action: "wait-for-engine" }>,
): Promise<void> {
  context.console.info(`the engine of an earlier ${holder.verb} (process ${pid}) is still at work; waiting for it`);
  let saidAt = 0;
  const onWait = (waited: number) => {
    if (waited - saidAt < heartbeatMs) return;
    saidAt = waited;
    context.console.info(`still waiting for process ${pid}, ${Math.round(waited / 1000)} s`);
  };
  const engine = { pid, identity: holder.engineIdentity };
  if (await waitForEngine(engine, { signal: context.signal, onWait })) return;
  throw new SlipwayError(ExitCode.cancelled, `Cancelled while waiting for the engine process ${pid}.`, {
    next: "Run the same command again.",
  });
}

function heldBy(stack: string, { holder, expiresInMs }: Extract<HeldAnswer, { action: "refuse" }>): SlipwayError {
  const { verb, who, pid, host, startedAt } = holder;
  const left = duration(Math.max(0, expiresInMs) / 1000);
  return new SlipwayError(
    ExitCode.leaseHeld,
    `Another operation is under way: ${verb} ${stack} by ${who}, process ${pid} on ${host}, since ${startedAt}.`,
    {
      where: stack,
      next: `Wait for it to end, then run the same command again. Its lease lasts ${left} more and is renewed while it runs.`,
    },
  );
}

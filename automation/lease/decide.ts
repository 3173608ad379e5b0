import type { EarlierRun, Holder, LeaseDocument } from "./document.ts";

/** What this machine can say about other processes. */
export interface ProcessView {
  /** This machine, or this container on it. */
  machine: string;
  /** Whether a process of this machine runs and, where an identity is given, is still the same one. */
  isAlive(pid: number, identity: string | undefined): boolean;
}

/** How far the clocks of two machines may be apart, in milliseconds, before one takes a live lease for an expired one. */
export const CLOCK_SKEW_MS = 5000;

export type AcquireDecision =
  | { action: "take"; fence: number; because: "free" | "expired" | "holder-gone"; unsettled: EarlierRun[] }
  /** The holder is gone and its engine is still at work on this machine: what it does is right, so it is left to end. */
  | { action: "wait-for-engine"; holder: Holder; pid: number }
  | { action: "refuse"; holder: Holder; expiresInMs: number };

/**
 * Whether a lease may be taken, from its document and the time (milliseconds since the epoch). On the holder's own machine its process
 * decides, before the lease runs out and without a guess; from elsewhere only time can tell. A process that stands still is
 * overtaken when its time is over: it notices before it writes again.
 */
export function decideAcquire(document: LeaseDocument | undefined, now: number, view: ProcessView): AcquireDecision {
  if (document === undefined) return { action: "take", fence: 1, because: "free", unsettled: [] };
  const fence = document.fence + 1;
  if (document.state === "released") return { action: "take", fence, because: "free", unsettled: [] };
  const { holder, unsettled } = document;
  const expiresInMs = Date.parse(document.expiresAt) - now;
  const here = holder.machine === view.machine;
  const gone = here && !view.isAlive(holder.pid, holder.identity);
  const expired = expiresInMs <= (here ? 0 : -CLOCK_SKEW_MS);
  if (!gone && !expired) return { action: "refuse", holder, expiresInMs };
  const { enginePid } = holder;
  if (here && enginePid !== undefined && view.isAlive(enginePid, holder.engineIdentity))
    return { action: "wait-for-engine", holder, pid: enginePid };
  return {
    action: "take",
    fence,
    because: gone ? "holder-gone" : "expired",
    unsettled: [...unsettled, earlierRunOf(holder)],
  };
}

function earlierRunOf({ verb, host, startedAt, release, commit }: Holder): EarlierRun {
  return {
    ...{ verb, host, startedAt },
    ...(release === undefined ? {} : { release }),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** One moment on both clocks, in milliseconds. */
export interface Moment {
  /** Never goes back, and may stand still while the machine sleeps. */
  monotonic: number;
  /** Goes on while the machine sleeps, and may be set back. */
  wall: number;
}

/** Milliseconds that are left of a lease renewed at `since`. Neither clock alone is believed: what is over on one of them is over. */
export function remaining(since: Moment, now: Moment, ttlMs: number): number {
  return ttlMs - Math.max(now.monotonic - since.monotonic, now.wall - since.wall);
}

/**
 * The wall time to write down now. A clock that was set back would make others believe that the lease ran out long ago, so time
 * goes on from the last one written at least as fast as the monotonic clock.
 */
export function wallTime(since: Moment, now: Moment): number {
  return Math.max(now.wall, since.wall + (now.monotonic - since.monotonic));
}

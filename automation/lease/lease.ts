import { ExitCode, SlipwayError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { decideAcquire, remaining, wallTime, type AcquireDecision, type Moment, type ProcessView } from "./decide.ts";
import { leaseKey, leaseText, readLease, type HeldLease, type Holder, type LeaseDocument } from "./document.ts";
import { thisMachine } from "./machine.ts";

/** Milliseconds after which a lease that is not renewed may be taken by somebody else. */
export const DEFAULT_TTL_MS = 60_000;

/** A renewal that failed is tried again this often within the time of a lease. */
const RETRIES_PER_TTL = 16;

export interface LeaseClock {
  wall(): number;
  monotonic(): number;
}

export const systemClock: LeaseClock = { wall: () => Date.now(), monotonic: () => performance.now() };

export interface LeaseRequest {
  environment: string;
  holder: Holder;
  ttlMs?: number;
  clock?: LeaseClock;
  view?: ProcessView;
  /** Highest number that anything was written under; asked for only where there is no lease document to count on from. */
  highestFence?: () => Promise<number>;
}

export type AcquireResult =
  { ok: true; lease: Lease } | { ok: false; held: Exclude<AcquireDecision, { action: "take" }> };

/** What a write under a lease brings along: its number, and the check that it is still the writer's turn. */
export interface WriteGuard {
  readonly fence: number;
  /** Throws (lease held) when the turn is over, or when `seen`, a number found in the store, is later than this holder's own. */
  assertHeld(seen?: number): void;
}

/** Takes an environment's lease, or says who has it. One of many that try at once gets it. Nothing is waited for. */
export async function acquireLease(store: Store, request: LeaseRequest): Promise<AcquireResult> {
  const { environment, holder, ttlMs = DEFAULT_TTL_MS, clock = systemClock, view = thisMachine } = request;
  for (;;) {
    const found = await readLease(store, environment);
    const since = momentOf(clock);
    const decision = decideAcquire(found?.document, since.wall, view);
    if (decision.action !== "take") return { ok: false, held: decision };
    const { unsettled } = decision;
    const fence = found === undefined ? 1 + ((await request.highestFence?.()) ?? 0) : decision.fence;
    const document: HeldLease = {
      ...{ schema: 1, state: "held", environment, fence, holder, unsettled },
      ...times(since.wall, ttlMs),
    };
    const condition = found === undefined ? { ifAbsent: true as const } : { ifMatch: found.etag };
    const result = await store.put(leaseKey(environment), leaseText(document), condition);
    if (result.ok)
      return {
        ok: true,
        lease: new Lease(store, { document, etag: result.etag, since, written: since, ttlMs, clock }),
      };
  }
}

interface LeaseState {
  document: HeldLease;
  etag: string;
  /** When the last write that was answered was sent: from then on the time runs. */
  since: Moment;
  /** That moment with the time that was written down, which is never earlier than the one before. */
  written: Moment;
  ttlMs: number;
  clock: LeaseClock;
}

/** A lease that this process holds until it releases it, loses it to somebody else, or lets its time pass. */
export class Lease implements WriteGuard {
  readonly environment: string;
  readonly fence: number;
  readonly #store: Store;
  readonly #state: LeaseState;
  readonly #lost = new AbortController();
  #ended = false;
  #queue: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(store: Store, state: LeaseState) {
    this.environment = state.document.environment;
    this.fence = state.document.fence;
    this.#store = store;
    this.#state = state;
    this.#renewAfter(state.ttlMs / 4);
    this.#watchExpiry();
  }

  /** Aborted as soon as it is known that the lease is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Runs that ended without a word and have to be put on record before anything else. */
  get unsettled(): HeldLease["unsettled"] {
    return this.#state.document.unsettled;
  }

  /** To be called right before every write that only the holder may make. Throws (lease held) when that is not certain any more. */
  assertHeld(seen = 0): void {
    if (seen > this.fence) this.#lose(`holder number ${seen} has written since`);
    if (this.#remaining() <= 0) this.#lose("it was not renewed in time");
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    if (this.#ended) throw lostError(this.environment, "it was released");
  }

  /** Adds what was not known at the beginning, such as the engine's process. Renews at the same time. */
  async update(change: Partial<Holder>): Promise<void> {
    await this.#write((document) => ({ ...document, holder: { ...document.holder, ...change } }));
  }

  /** Says that the earlier runs are on record. */
  async settle(): Promise<void> {
    await this.#write((document) => ({ ...document, unsettled: [] }));
  }

  /** Gives the lease back; false when it was not this holder's any more. */
  async release(): Promise<boolean> {
    await this.#queue;
    if (this.#lost.signal.aborted || this.#ended) return false;
    this.#stop();
    const { environment, fence } = this;
    const releasedAt = new Date(this.#now().wall).toISOString();
    return (await this.#put({ schema: 1, state: "released", environment, fence, releasedAt })).ok;
  }

  #now(): Moment {
    return momentOf(this.#state.clock);
  }

  #remaining(): number {
    return remaining(this.#state.since, this.#now(), this.#state.ttlMs);
  }

  #put(document: LeaseDocument): ReturnType<Store["put"]> {
    return this.#store.put(leaseKey(this.environment), leaseText(document), { ifMatch: this.#state.etag });
  }

  /** One write after the other: each names the version that the one before left. */
  #write(change: (document: HeldLease) => HeldLease): Promise<void> {
    const written = this.#queue.then(async () => {
      this.assertHeld();
      const since = this.#now();
      const wall = wallTime(this.#state.written, since);
      const document = { ...change(this.#state.document), ...times(wall, this.#state.ttlMs) };
      const result = await this.#put(document);
      if (!result.ok) throw this.#lose("somebody else has taken it");
      Object.assign(this.#state, { document, etag: result.etag, since, written: { ...since, wall } });
      this.#watchExpiry();
    });
    this.#queue = written.catch(() => undefined);
    return written;
  }

  /** An unreachable store is asked again until the time is over: only then is the lease lost. */
  #renewAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#write((document) => document).then(
        () => this.#renewUnlessOver(this.#state.ttlMs / 4),
        () => this.#renewUnlessOver(this.#state.ttlMs / RETRIES_PER_TTL),
      );
    }, milliseconds).unref();
  }

  #renewUnlessOver(milliseconds: number): void {
    if (!this.#ended && !this.#lost.signal.aborted) this.#renewAfter(milliseconds);
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    if (this.#ended) return;
    this.#expiry = setTimeout(
      () => {
        if (this.#remaining() <= 0) this.#lose("it could not be renewed in time");
        else this.#watchExpiry();
      },
      Math.max(1, this.#remaining()),
    ).unref();
  }

  #lose(why: string): SlipwayError {
    const error = lostError(this.environment, why);
    if (!this.#lost.signal.aborted && !this.#ended) {
      this.#stop();
      this.#lost.abort(error);
    }
    return error;
  }

  #stop(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#expiry);
  }
}

const momentOf = (clock: LeaseClock): Moment => ({ monotonic: clock.monotonic(), wall: clock.wall() });

const times = (wall: number, ttlMs: number): { renewedAt: string; expiresAt: string } => ({
  renewedAt: new Date(wall).toISOString(),
  expiresAt: new Date(wall + ttlMs).toISOString(),
});

function lostError(environment: string, why: string): SlipwayError {
  return new SlipwayError(ExitCode.leaseHeld, `The lease of ${environment} was lost: ${why}.`, {
    where: environment,
    changed: "what was done before that stands; nothing is written after it",
    next: "look at ./slipway status, then run the same command again",
  });
}

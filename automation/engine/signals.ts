/** Why an engine was told to stop. */
export type StopReason = "user" | "timeout";

/**
 * Forwards signals to the engine exactly once each. The engine takes a first SIGINT as "finish what is in flight, start
 * nothing more" and a second one as "stop now", which can orphan resources: so a doubled first must never reach it.
 */
export interface SignalRelay {
  /** The first request to stop, from Ctrl-C, SIGTERM or a deadline. Later calls do nothing. */
  first(reason: StopReason): void;
  /** The second request of a person; counts as the first if there was none. */
  second(reason: StopReason): void;
  /** Why the engine was told to stop, if it was. */
  readonly reason: StopReason | undefined;
  /** Signals sent so far: 0, 1 or 2. */
  readonly sent: number;
}

export function createSignalRelay(send: (signal: NodeJS.Signals) => void): SignalRelay {
  let sent = 0;
  let reason: StopReason | undefined;
  const escalate = (upTo: 1 | 2, why: StopReason) => {
    reason ??= why;
    if (sent >= upTo) return;
    sent += 1;
    send("SIGINT");
  };
  return {
    first: (why) => escalate(1, why),
    second: (why) => escalate(2, why),
    get reason() {
      return reason;
    },
    get sent() {
      return sent;
    },
  };
}

export interface RelayTriggers {
  signal?: AbortSignal | undefined;
  terminate?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  onDeadline?: (() => void) | undefined;
  /** How long after the deadline an engine that has not ended is told to stop at once. */
  graceMs?: number | undefined;
}

const GRACE_MS = 120_000;

/** Connects abort signals and a deadline to a relay; returns what disconnects them. */
export function connectRelay(relay: SignalRelay, triggers: RelayTriggers): () => void {
  const { signal, terminate, timeoutMs, onDeadline } = triggers;
  const first = () => relay.first("user");
  const second = () => relay.second("user");
  signal?.addEventListener("abort", first, { once: true });
  terminate?.addEventListener("abort", second, { once: true });
  // An abort from before the engine started counts as well.
  if (signal?.aborted) first();
  if (terminate?.aborted) second();
  const timers: NodeJS.Timeout[] = [];
  if (timeoutMs !== undefined) {
    const expire = () => {
      relay.first("timeout");
      onDeadline?.();
      timers.push(setTimeout(() => relay.second("timeout"), triggers.graceMs ?? GRACE_MS));
    };
    timers.push(setTimeout(expire, timeoutMs));
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener("abort", first);
    terminate?.removeEventListener("abort", second);
  };
}

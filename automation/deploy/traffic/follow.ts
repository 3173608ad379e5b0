import { setTimeout as delay } from "node:timers/promises";
import type { TrafficShift } from "../../../config/outputs.ts";
import { assertStillHolding } from "../../lease/holding.ts";
import type { AlarmState } from "../../verify/check-kind.ts";
import type { TrafficClient } from "./client.ts";
import { failureReason, meaningOf, percentOf, type AliasState, type DeploymentState } from "./decide.ts";
import { nameOf, progressLine } from "./lines.ts";

/** How a shift is watched. A cloud takes half an hour where the sandbox takes half a second. */
export interface Pace {
  pollMs: number;
  /** Between two lines that say the same. */
  heartbeatMs: number;
  /** After which a deployment is given up. */
  timeoutMs: number;
  /** How long CodeDeploy gets to take back what it moved. */
  settleMs: number;
  /** How long alarms get to notice that they watch another version now. */
  quietMs: number;
  /** Whether minutes are minutes here: else nobody is told how many are left. */
  realTime: boolean;
}

export interface FollowOptions {
  shift: TrafficShift;
  pace: Pace;
  /** Aborted by who wants the shift to end: it is stopped and taken back. */
  signal: AbortSignal;
  /** Aborted by who does not even wait for that. */
  terminate: AbortSignal;
  now(): Date;
  say(line: string): void;
  alarms(names: readonly string[]): Promise<AlarmState[]>;
}

/** How a deployment ended. */
export type Ending =
  | { end: "succeeded" }
  | { end: "failed"; reason: string }
  /** Stopped from here: the time was over, or somebody cancelled. `percent` is what the new version got by then. */
  | { end: "timed-out" | "cancelled"; percent: number };

/** Looks that may fail in a row, each of them tried several times by itself: the shift goes on meanwhile, seen or unseen. */
const blindLooks = 5;

/** Watches a deployment to its end, and says how far it is. */
export async function follow(client: TrafficClient, id: string, options: FollowOptions): Promise<Ending> {
  const { shift, pace, signal } = options;
  const begun = performance.now();
  const watch = await watchOf(client, options);
  let percent = 0;
  for (;;) {
    const seen = await watch.look(id);
    percent = seen === undefined ? percent : percentOf(seen.alias, shift.version);
    const meaning = seen === undefined ? "going" : meaningOf(seen.deployment.status);
    if (meaning === "succeeded") return { end: "succeeded" };
    if (seen !== undefined && meaning === "failed") return failed(client, seen.deployment, { options, watch });
    if (signal.aborted) return stopped(client, id, { end: "cancelled", percent }, options);
    if (performance.now() - begun > pace.timeoutMs) return stopped(client, id, { end: "timed-out", percent }, options);
    await delay(pace.pollMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Seen {
  deployment: DeploymentState;
  alias: AliasState;
}

interface Watch {
  /** Undefined where nothing could be seen this time. */
  look(id: string): Promise<Seen | undefined>;
  /** Alarms that rang at any look. */
  ringing(): Promise<string[]>;
}

async function watchOf(client: TrafficClient, options: FollowOptions): Promise<Watch> {
  const names = await client.alarmNames().catch(() => []);
  const rang = new Set<string>();
  const alarms = async () => {
    const states = names.length === 0 ? [] : await options.alarms(names).catch(() => undefined);
    for (const { name, state } of states ?? []) if (state === "ALARM") rang.add(name);
    return states;
  };
  const tell = teller(options);
  let blind = 0;
  return {
    look: async (id) => {
      try {
        const deployment = await client.deployment(id);
        const [alias, states] = await Promise.all([client.alias(), alarms()]);
        blind = 0;
        tell(progressLine(options, { deployment, alias, alarms: states }));
        return { deployment, alias };
      } catch (error) {
        if ((blind += 1) >= blindLooks) throw error;
        return undefined;
      }
    },
    ringing: async () => {
      await alarms();
      return [...rang].sort();
    },
  };
}

/** Says what is new at once, and what is not from time to time. What is left of the time is no news. */
function teller({ say, pace }: FollowOptions): (line: { news: string; text: string }) => void {
  let last = "";
  let saidAt = 0;
  return ({ news, text }) => {
    const now = performance.now();
    if (news === last && now - saidAt < pace.heartbeatMs) return;
    [last, saidAt] = [news, now];
    say(text);
  };
}

async function failed(
  client: TrafficClient,
  deployment: DeploymentState,
  { options, watch }: { options: FollowOptions; watch: Watch },
): Promise<Ending> {
  const events = await client.failedEvents(deployment.id).catch(() => []);
  const reason = failureReason(options.shift, { deployment, events, ringing: await watch.ringing() });
  await settled(client, deployment.id, options);
  return { end: "failed", reason };
}

async function stopped<E extends Ending>(
  client: TrafficClient,
  id: string,
  ending: E,
  options: FollowOptions,
): Promise<E> {
  // Whoever lost the environment leaves what is under way to who has it now.
  assertStillHolding();
  await client.stop(id);
  await settled(client, id, options);
  return ending;
}

/** Waits until a deployment, and the one that takes it back, are over. Returns false when that did not happen in time. */
export async function settled(
  client: TrafficClient,
  id: string,
  { pace, terminate }: Pick<FollowOptions, "pace" | "terminate">,
): Promise<boolean> {
  const deadline = performance.now() + pace.settleMs;
  for (let waitFor: string | undefined = id; waitFor !== undefined;) {
    const seen: DeploymentState | undefined = await client.deployment(waitFor).catch(() => undefined);
    if (seen !== undefined && meaningOf(seen.status) !== "going") waitFor = seen.rollback;
    else if (terminate.aborted || performance.now() > deadline) return false;
    else await delay(pace.pollMs, undefined, { signal: terminate }).catch(() => undefined);
  }
  return true;
}

/**
 * Waits while alarms of the group ring for the version that they watched before: CloudWatch keeps their state until it looks at them
 * again. Whoever goes on with one that still rings is told why by whatever it stops.
 */
export async function untilQuiet(client: TrafficClient, options: FollowOptions): Promise<void> {
  const { pace, signal, say, alarms } = options;
  const names = await client.alarmNames().catch(() => []);
  if (names.length === 0) return;
  const deadline = performance.now() + pace.quietMs;
  for (let said = false; !signal.aborted; said = true) {
    const states = await alarms(names).catch(() => []);
    const ringing = states.filter(({ state }) => state === "ALARM").map(({ name }) => name);
    if (ringing.length === 0 || performance.now() > deadline) return;
    if (!said) say(`${nameOf(options.shift)} waits for ${ringing.join(", ")} to be quiet again`);
    await delay(pace.pollMs, undefined, { signal }).catch(() => undefined);
  }
}

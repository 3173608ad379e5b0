import type { LedgerRecord } from "../ledger-records.ts";
import { duration } from "../../report/time.ts";
import { gate, pass, refuse, short, stepTo, type Gate } from "./gate.ts";

/** For how long a release stood in an environment. */
export interface Occupancy {
  /** Longest stay without a break, in milliseconds; the one that goes on counts up to now. */
  longest: number;
  /** The stay that goes on; undefined where the release does not stand there. */
  current: number | undefined;
}

/** What a record does to what stands: the release it leaves there whole, nothing whole, or no change. */
function effectOf(record: LedgerRecord): { release: string | undefined } | undefined {
  switch (record.kind) {
    case "promoted":
    case "rolled-back":
      return { release: record.release };
    case "failed":
      return record.stage === "deploy" ? { release: undefined } : undefined;
    case "interrupted":
      return record.verb === "verify" ? undefined : { release: undefined };
    case "destroyed":
      return { release: undefined };
    default:
      return undefined;
  }
}

/**
 * Stays of a release, measured so that no clock that goes backwards makes one longer: a stay begins no earlier than the latest time
 * that was written before it (nor than the release was made), and ends no later than the earliest time that was written after it.
 */
export function occupancyOf(
  records: readonly LedgerRecord[],
  release: string,
  now: Date,
  createdAt?: string,
): Occupancy {
  const ends = earliestFrom(records, now.getTime());
  let latest = createdAt === undefined ? Number.NEGATIVE_INFINITY : timeOf(createdAt, Number.NEGATIVE_INFINITY);
  let since: number | undefined;
  let longest = 0;
  for (const [index, record] of records.entries()) {
    latest = Math.max(latest, Date.parse(record.at));
    const effect = effectOf(record);
    if (effect === undefined) continue;
    if (effect.release === release) since ??= latest;
    else if (since !== undefined) {
      longest = Math.max(longest, (ends[index] ?? 0) - since);
      since = undefined;
    }
  }
  const current = since === undefined ? undefined : Math.max(0, now.getTime() - since);
  return { longest: Math.max(longest, current ?? 0), current };
}

/** For each record the earliest time of it and everything after it. */
function earliestFrom(records: readonly LedgerRecord[], now: number): number[] {
  const earliest = new Array<number>(records.length);
  let least = now;
  for (let at = records.length - 1; at >= 0; at -= 1) {
    least = Math.min(least, Date.parse(records[at]?.at ?? ""));
    earliest[at] = least;
  }
  return earliest;
}

function timeOf(iso: string, otherwise: number): number {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? otherwise : time;
}

const seconds = (milliseconds: number) => duration(milliseconds / 1000);

export const soak: Gate = gate("soak", ({ now, environment, release, upstream }) => {
  const { soak: asked } = environment;
  if (asked === undefined) return pass("no soak is asked for");
  if (release === undefined || upstream === undefined) return refuse("without a release nothing has stood anywhere");
  const before = upstream.policy.name;
  const { longest, current } = occupancyOf(upstream.records, release.id, now, release.createdAt);
  const what = `release ${short(release.id)} stood in ${before} for ${seconds(longest)} without a break`;
  if (longest >= asked) return pass(`${what}, ${seconds(asked)} are asked for`);
  const reason = `${what}, and ${seconds(asked)} are asked for`;
  if (current === undefined)
    return refuse(`${reason}; it does not stand there now`, stepTo(upstream.policy, release.commit));
  const ready = new Date(now.getTime() + asked - current).toISOString();
  return refuse(reason, `wait until ${ready}, then run the same command again`);
});

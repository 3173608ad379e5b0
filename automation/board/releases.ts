import { deploymentLog, type Attempt } from "../metrics/attempts.ts";
import { currentRelease, verdictOf, type Verdict } from "../promotion/folds.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import type { BoardFacts, EnvironmentFacts } from "./facts.ts";
import type { State } from "./model.ts";

/** What a release is in one environment, and since when. */
export interface ReleaseCell extends State {
  environment: string;
  /** ISO time; undefined where it has not been. */
  at: string | undefined;
  /** Whether it stands there now, or is on its way in. */
  here: "stands" | "moving" | undefined;
}

/** A release on its way through the environments. */
export interface ReleaseRow {
  release: string;
  commit: string | undefined;
  subject: string | undefined;
  cells: readonly ReleaseCell[];
}

/** Releases that are shown: the newest, and every one that stands somewhere. */
const mostReleases = 12;

/** The releases that the ledgers know, newest first: by when they first came into sight. */
export function releaseRows({ environments: all, subjects, now }: BoardFacts): ReleaseRow[] {
  const environments = all.filter(({ takesReleases }) => takesReleases);
  const seen = sightings(environments);
  const lanes = environments.map((one) => laneOf(one, now));
  const standing = new Set(lanes.flatMap(({ current, moving }) => [current?.release, moving?.release]));
  const newest = [...seen].sort(([, left], [, right]) => right.at - left.at);
  return newest
    .filter(([release], index) => index < mostReleases || standing.has(release))
    .map(([release, { commit }]) => ({
      ...{ release, commit, subject: commit === undefined ? undefined : subjects.get(commit) },
      cells: lanes.map((lane) => cellOf(lane, release)),
    }));
}

interface Sighting {
  at: number;
  commit: string | undefined;
}

/** When each release was first named anywhere, and its commit. */
function sightings(environments: readonly EnvironmentFacts[]): Map<string, Sighting> {
  const seen = new Map<string, Sighting>();
  const see = (release: string | undefined, at: string, commit: string | undefined) => {
    if (release === undefined) return;
    const before = seen.get(release);
    const time = Date.parse(at);
    seen.set(release, { at: Math.min(before?.at ?? time, time), commit: before?.commit ?? commit });
  };
  for (const { records, running } of environments) {
    for (const record of records) see(releaseOf(record), record.at, "commit" in record ? record.commit : undefined);
    if (running !== undefined) see(running.release, running.startedAt, running.commit);
  }
  return seen;
}

const releaseOf = (record: LedgerRecord): string | undefined => ("release" in record ? record.release : undefined);

interface Lane {
  environment: string;
  current: { release: string | undefined; since: string; state: State } | undefined;
  moving: { release: string | undefined; since: string } | undefined;
  attempts: ReadonlyMap<string, Attempt>;
  approved: ReadonlyMap<string, { at: string; count: number }>;
}

function laneOf({ name, records, running }: EnvironmentFacts, now: Date): Lane {
  const current = currentRelease(records);
  const attempts = new Map<string, Attempt>();
  for (const attempt of deploymentLog(name, records).attempts)
    if (attempt.release !== undefined) attempts.set(attempt.release, attempt);
  const approved = new Map<string, { at: string; count: number }>();
  for (const record of records)
    if (record.kind === "approved")
      approved.set(record.release, { at: record.at, count: (approved.get(record.release)?.count ?? 0) + 1 });
  // What a driver that is gone was about to bring is not on its way any more.
  const alive = running !== undefined && Date.parse(running.expiresAt) > now.getTime();
  return {
    ...{ environment: name, attempts, approved },
    current: current && {
      ...{ release: current.release, since: current.since },
      state: current.complete ? verdicts[verdictOf(records, current)] : outcomes.failed,
    },
    moving: alive ? { release: running.release, since: running.startedAt } : undefined,
  };
}

const verdicts: Record<Verdict, State> = {
  verified: { tone: "good", text: "verified" },
  unverified: { tone: "odd", text: "not verified" },
  failed: { tone: "bad", text: "failed" },
};

const outcomes: Record<"failed" | "interrupted", State> = {
  failed: { tone: "bad", text: "failed" },
  interrupted: { tone: "odd", text: "interrupted" },
};

function cellOf(lane: Lane, release: string): ReleaseCell {
  const { environment, current, moving, attempts, approved } = lane;
  if (moving?.release === release)
    return { environment, at: moving.since, here: "moving", tone: "plain", text: "on its way in" };
  if (current?.release === release) return { environment, at: current.since, here: "stands", ...current.state };
  const attempt = attempts.get(release);
  const away = { environment, here: undefined };
  if (attempt !== undefined) return { ...away, at: new Date(attempt.at).toISOString(), ...pastOf(attempt) };
  const agreed = approved.get(release);
  if (agreed !== undefined) return { ...away, at: agreed.at, tone: "plain", text: `approved by ${agreed.count}` };
  return { ...away, at: undefined, tone: "quiet", text: "not yet" };
}

const pastOf = ({ outcome }: Attempt): State =>
  outcome === "failed" || outcome === "interrupted" ? outcomes[outcome] : { tone: "quiet", text: "was here" };

import type { DriftLook } from "../drift/look.ts";
import type { EnvironmentMetrics } from "../metrics/four-keys.ts";
import type { Deployment } from "../promotion/folds.ts";
import type { GateDecision } from "../promotion/gates.ts";
import type { OperationMarker } from "../promotion/inflight.ts";
import type { CheckResult } from "../promotion/ledger-records.ts";
import { historyOf, statusOf, type EnvironmentStatus, type HistoryEntry } from "../promotion/status.ts";
import type { BoardFacts, EngineProgress, EnvironmentFacts, GateAnswer, Problem } from "./facts.ts";
import { releaseRows, type ReleaseRow } from "./releases.ts";

/** Good, in motion, to be looked at, wrong, nothing to say. */
export type Tone = "good" | "plain" | "odd" | "bad" | "quiet";

/** A word on a state, told by sign and text as well as by colour. */
export interface State {
  tone: Tone;
  text: string;
}

/** An operation that is under way. */
export interface Running {
  verb: string;
  by: string;
  host: string;
  release: string | undefined;
  since: string;
  seconds: number;
  /** Whether its lease ran out: its driver is gone. */
  lost: boolean;
  progress: EngineProgress | undefined;
  /** Resources that stood before, as a measure of how many there are to go through. */
  expected: number | undefined;
}

/** The release that would come next, with what every gate says of it. */
export interface Waiting {
  from: string;
  release: string;
  commit: string;
  subject: string | undefined;
  decisions: readonly GateDecision[];
  refused: number;
  /** What to type to bring it here. */
  command: string;
}

/** One environment. */
export interface Column {
  environment: string;
  state: State;
  problem: Problem | undefined;
  current: Deployment | undefined;
  subject: string | undefined;
  seconds: number | undefined;
  running: Running | undefined;
  frozen: string | undefined;
  held: string | undefined;
  override: EnvironmentStatus["override"];
  checks: readonly CheckResult[];
  /** The release that would come next, or why the gates could not be asked. */
  waiting: Waiting | Problem | undefined;
  drift: (DriftLook & { outdated: boolean }) | undefined;
  metrics: EnvironmentMetrics | undefined;
  /** Newest record. */
  sequence: number;
}

/** A record with where it is from. */
export type BoardEntry = HistoryEntry & { environment: string };

/** What a board shows; plain data, without a clock or a place to ask. */
export interface Board {
  project: string;
  days: number;
  at: string;
  columns: readonly Column[];
  releases: readonly ReleaseRow[];
  history: readonly BoardEntry[];
}

/** Records that are listed, of all environments together. */
const mostEntries = 40;

/** Makes the board of what is known. */
export function boardOf(facts: BoardFacts): Board {
  const { project, days, now, environments } = facts;
  return {
    ...{ project, days, at: now.toISOString() },
    columns: environments.map((one) => columnOf(one, facts)),
    releases: releaseRows(facts),
    history: latest(environments),
  };
}

/** The newest records of all. A clock that went back does not turn the order of an environment around. */
function latest(environments: readonly EnvironmentFacts[]): BoardEntry[] {
  const timed = environments.flatMap(({ name, records }) => {
    let time = 0;
    const times = records.map(({ at }) => (time = Math.max(time, Date.parse(at))));
    return historyOf(records, mostEntries).map((entry) => ({
      time: times[entry.sequence - 1] ?? 0,
      entry: { environment: name, ...entry },
    }));
  });
  // Newest first within each environment already, which a stable sort keeps.
  return timed
    .sort((left, right) => right.time - left.time)
    .slice(0, mostEntries)
    .map(({ entry }) => entry);
}

function columnOf(facts: EnvironmentFacts, { now, subjects }: BoardFacts): Column {
  const { name, records, problem, running: marker, progress, gates, drift, metrics } = facts;
  const status = statusOf(name, records, now);
  const { current, seconds, frozen, held, override, checks } = status;
  const running = marker && runningOf(marker, progress, current, now);
  return {
    ...{ environment: name, state: stateOf(status, running, problem), problem, current, seconds, running },
    ...{ frozen, held, override, checks, metrics },
    subject: current?.commit === undefined ? undefined : subjects.get(current.commit),
    waiting: gates && waitingOf(name, gates, subjects),
    drift: drift && { ...drift, outdated: current !== undefined && Date.parse(drift.at) < Date.parse(current.since) },
    sequence: records.length,
  };
}

function stateOf(status: EnvironmentStatus, running: Running | undefined, problem: Problem | undefined): State {
  const { current, verdict, last, frozen, override } = status;
  if (problem !== undefined) return { tone: "bad", text: "cannot be read" };
  if (running !== undefined)
    return running.lost
      ? { tone: "odd", text: `${running.verb} ended without a word` }
      : { tone: "plain", text: `${running.verb} running` };
  if (current === undefined) return { tone: "quiet", text: "nothing deployed" };
  if (!current.complete) return { tone: "bad", text: last?.kind === "interrupted" ? "interrupted" : "failed" };
  if (verdict === "failed") return { tone: "bad", text: "verification failed" };
  if (override !== undefined) return { tone: "odd", text: `${verdictText[verdict]}, gates overridden` };
  if (frozen !== undefined) return { tone: "odd", text: `${verdictText[verdict]}, frozen` };
  return { tone: verdict === "verified" ? "good" : "odd", text: verdictText[verdict] };
}

const verdictText = { verified: "verified", unverified: "not verified", failed: "verification failed" } as const;

function runningOf(
  marker: OperationMarker,
  progress: EngineProgress | undefined,
  current: Deployment | undefined,
  now: Date,
): Running {
  const { verb, who, host, release, startedAt, expiresAt } = marker;
  return {
    ...{ verb, by: who, host, release, since: startedAt, progress },
    seconds: Math.max(0, Math.floor((now.getTime() - Date.parse(startedAt)) / 1000)),
    lost: Date.parse(expiresAt) <= now.getTime(),
    expected: current?.resources,
  };
}

function waitingOf(
  environment: string,
  gates: GateAnswer | Problem,
  subjects: ReadonlyMap<string, string>,
): Waiting | Problem {
  if ("message" in gates) return gates;
  const { from, release, commit, decisions } = gates;
  return {
    ...{ from, release, commit, decisions, subject: subjects.get(commit) },
    refused: decisions.filter(({ verdict }) => verdict === "refuse").length,
    command: `./slipway promote ${environment} --commit ${commit.slice(0, 12)}`,
  };
}

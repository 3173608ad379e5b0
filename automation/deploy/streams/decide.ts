import type { WantedState } from "../../../config/streams-outputs.ts";
import type { Tier } from "../../../streams/engine/files/documents.ts";
import type { ProcessorState } from "../../streams/atlas/types.ts";
import { ownName, type Role } from "./names.ts";
import type { HandoverRecord } from "./state.ts";

/** A processor of Atlas, as far as steps depend on it. */
export interface Seen {
  name: string;
  state: ProcessorState;
  tier?: Tier | undefined;
  /** A version that writes where only trials write. */
  aside?: boolean | undefined;
  errorMsg?: string | undefined;
}

/** What shall stand in the end. */
export interface Wanted {
  processor: string;
  /** The version that shall be in service. */
  version: string;
  state: WantedState;
  /** Undefined where Atlas decides. */
  tier: Tier | undefined;
  /**
   * How it is tried before; undefined where it takes over at once, as on the way back. Where that has the version's own name, the trial itself
   * goes into service.
   */
  trial: { role: Exclude<Role, "version">; name: string } | undefined;
}

/** What there is to do next. */
export type Step =
  | { do: "nothing" }
  /** A state that passes by itself. */
  | { do: "wait"; name: string }
  | { do: "begin"; blue: string | null }
  /** `after`: the version whose place it takes; undefined for the first. */
  | { do: "create"; name: string; after: string | undefined }
  | { do: "try"; name: string }
  | { do: "start"; name: string }
  /** `past`: a version that is stopped, whose place it has to have passed before. */
  | { do: "stop"; name: string; past?: string }
  /** A trial begins to write where the version is to write. */
  | { do: "switch"; name: string }
  | { do: "compare"; trial: string; blue: string }
  | { do: "judge"; reason: string }
  | { do: "delete"; names: string[]; why: "trial" | "left-over" | "old" }
  | { do: "serve"; name: string }
  | { do: "give-up"; reason: string }
  | { do: "failed"; reason: string };

/** Versions that are kept beside the one in service, so that there is a way back. */
export const keptVersions = 2;
/** How long Atlas keeps the checkpoint of what is stopped, in milliseconds. */
export const keptFor = 45 * 24 * 60 * 60_000;
/** How long a judgement counts where a run was cut off after it. */
export const judgedFor = 24 * 60 * 60_000;

const passing: readonly ProcessorState[] = ["INIT", "CREATING", "PROVISIONING"];
const isPassing = ({ state }: Seen): boolean => passing.includes(state);
const runs = ({ state }: Seen): boolean => state === "STARTED" || state === "PROVISIONING";

export interface Situation {
  wanted: Wanted;
  /** Everything of the workspace. */
  seen: readonly Seen[];
  record: HandoverRecord;
  now: Date;
  /** What this run has started already: a second start of what failed would fail again. */
  started: ReadonlySet<string>;
}

interface Sorted extends Situation {
  green: Seen | undefined;
  /** Other versions, and which of them run. */
  others: Seen[];
  running: Seen[];
  trials: Seen[];
}

/**
 * Pure: one step on the way to a version in service. It follows from what Atlas shows and what is on record, so that a run that was killed
 * anywhere is taken up by the next one.
 */
export function nextStep(situation: Situation): Step {
  const sorted = sort(situation);
  const { record, wanted, green } = sorted;
  const failed = record.attempt?.version === wanted.version ? record.attempt.failed : undefined;
  if (failed !== undefined) return afterFailure(sorted, failed);
  if (green === undefined) return withoutGreen(sorted);
  if (isPassing(green)) return { do: "wait", name: green.name };
  if (wanted.state === "STARTED" && green.state !== "STARTED") return withIdleGreen(sorted, green);
  if (wanted.state !== "STARTED" && runs(green)) return { do: "stop", name: green.name };
  // Another tier is taken at a start, from the checkpoint of the stop before.
  if (runs(green) && wanted.tier !== undefined && green.tier !== wanted.tier && !sorted.started.has(green.name))
    return { do: "stop", name: green.name };
  return withGreenInPlace(sorted, green);
}

function sort(situation: Situation): Sorted {
  const { wanted, seen } = situation;
  const own = seen.flatMap((one) => {
    const name = one.state === "DROPPED" ? undefined : ownName(wanted.processor, one.name);
    return name === undefined ? [] : [{ ...one, role: one.aside === true ? "shadow" : name.role }];
  });
  const versions = own.filter(({ role }) => role === "version");
  const others = versions.filter(({ name }) => name !== wanted.version);
  return {
    ...situation,
    green: versions.find(({ name }) => name === wanted.version),
    others,
    running: others.filter(runs),
    trials: own.filter(({ role }) => role !== "version"),
  };
}

/** The version is as it shall be: what else there is of the processor comes to rest. */
function withGreenInPlace({ running, trials, others, record, now }: Sorted, green: Seen): Step {
  const [first] = running;
  if (first !== undefined) return { do: "stop", name: first.name };
  if (record.served[0]?.name !== green.name || record.attempt !== undefined) return { do: "serve", name: green.name };
  if (trials.length > 0) return { do: "delete", names: trials.map(nameOf), why: "trial" };
  const left = others.filter((other) => isLeftOver(other, record)).map(nameOf);
  if (left.length > 0) return { do: "delete", names: left, why: "left-over" };
  const old = outdated(record, others, now);
  return old.length === 0 ? { do: "nothing" } : { do: "delete", names: old, why: "old" };
}

/** Made for a handover that did not end, and never in service. */
const isLeftOver = ({ name, state }: Seen, { processor, served }: HandoverRecord): boolean =>
  name !== processor && (state === "CREATED" || state === "FAILED") && !served.some((one) => one.name === name);

/** Versions beyond those that are kept, and those whose checkpoints Atlas has forgotten. One that is not on record is nobody's to delete. */
function outdated({ served }: HandoverRecord, others: readonly Seen[], now: Date): string[] {
  return served
    .slice(1)
    .filter(({ stopped }, index) => index >= keptVersions || now.getTime() - Date.parse(stopped ?? "") > keptFor)
    .map(nameOf)
    .filter((name) => others.some((other) => other.name === name && !runs(other)));
}

/** The version is there and does not run. */
function withIdleGreen({ running, record, started, wanted }: Sorted, green: Seen): Step {
  if (record.attempt?.version !== wanted.version) return { do: "begin", blue: running[0]?.name ?? null };
  if (green.state === "FAILED" && started.has(green.name))
    return {
      do: "give-up",
      reason: `${green.name} failed${green.errorMsg === undefined ? "" : `: ${green.errorMsg}`}`,
    };
  const before = record.served.some(({ name }) => name === green.name);
  // What was made for a handover that did not end is no place to go on from: meanwhile another version ran.
  if (!before && running.length > 0) return { do: "delete", names: [green.name], why: "left-over" };
  const [first] = running;
  return first === undefined ? { do: "start", name: green.name } : { do: "stop", name: first.name };
}

function withoutGreen(sorted: Sorted): Step {
  const { wanted, record, trials, running } = sorted;
  const blue = blueOf(sorted);
  const stray = trials.filter(({ name }) => name !== wanted.trial?.name).map(nameOf);
  if (stray.length > 0) return { do: "delete", names: stray, why: "trial" };
  if (record.attempt?.version !== wanted.version) return { do: "begin", blue: blue?.name ?? null };
  if (blue === undefined) return { do: "create", name: wanted.version, after: undefined };
  if (isPassing(blue)) return { do: "wait", name: blue.name };
  if (wanted.trial !== undefined && needsTrial(sorted, blue)) {
    const { name } = wanted.trial;
    return tryFirst(
      name,
      trials.find((trial) => trial.name === name),
      blue,
    );
  }
  if (record.attempt.judgement?.verdict === "worse")
    return { do: "give-up", reason: record.attempt.judgement.reasons.join("; ") };
  const [first] = running;
  const own = trials.find(({ name }) => name === wanted.version);
  if (own !== undefined) return intoPlace(own, first);
  return first === undefined
    ? { do: "create", name: wanted.version, after: blue.name }
    : { do: "stop", name: first.name };
}

/** A trial with full windows takes the place of what runs: it stops first, and what runs goes on beyond that point before it stops. */
function intoPlace(trial: Seen, running: Seen | undefined): Step {
  if (isPassing(trial)) return { do: "wait", name: trial.name };
  if (trial.state === "STARTED") return { do: "stop", name: trial.name };
  if (running !== undefined) return { do: "stop", name: running.name, past: trial.name };
  return { do: "switch", name: trial.name };
}

/** What stands: what runs; where nothing does, what was in service last. */
function blueOf({ record, others, running }: Sorted): Seen | undefined {
  const order = [...(record.attempt?.blue ? [record.attempt.blue] : []), ...record.served.map(nameOf)];
  const latest = (of: readonly Seen[]) =>
    order.map((name) => of.find((one) => one.name === name)).find((one) => one !== undefined) ?? of[0];
  return latest(running) ?? latest(others.filter((other) => !isLeftOver(other, record)));
}

const nameOf = ({ name }: { name: string }): string => name;

/** Only what runs can be compared with, and only what shall run. */
function needsTrial({ wanted, record, now }: Sorted, blue: Seen): boolean {
  if (wanted.state !== "STARTED" || blue.state !== "STARTED") return false;
  const { judgement } = record.attempt ?? {};
  return judgement === undefined || now.getTime() - Date.parse(judgement.at) > judgedFor;
}

function tryFirst(name: string, trial: Seen | undefined, blue: Seen): Step {
  if (trial === undefined) return { do: "try", name };
  if (isPassing(trial)) return { do: "wait", name };
  if (trial.state === "STARTED") return { do: "compare", trial: name, blue: blue.name };
  if (trial.state !== "FAILED") return { do: "start", name };
  return { do: "judge", reason: `the trial failed: ${trial.errorMsg ?? "Atlas does not say why"}` };
}

/** A try that did not work ends as it began: the version before runs, and nothing else of the processor does. */
function afterFailure({ trials, record, green, others }: Sorted, reason: string): Step {
  if (trials.length > 0) return { do: "delete", names: trials.map(nameOf), why: "trial" };
  if (green !== undefined && isPassing(green)) return { do: "wait", name: green.name };
  if (green !== undefined && runs(green)) return { do: "stop", name: green.name };
  const blue = others.find(({ name }) => name === record.attempt?.blue);
  if (blue === undefined || blue.state === "STARTED" || blue.state === "FAILED") return { do: "failed", reason };
  return isPassing(blue) ? { do: "wait", name: blue.name } : { do: "start", name: blue.name };
}

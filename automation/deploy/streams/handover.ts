import { ExitCode, SlipwayError } from "../../errors.ts";
import { assertStillHolding } from "../../lease/holding.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";
import { nextStep, type Seen, type Step, type Wanted } from "./decide.ts";
import type { HandoverOutput } from "./making.ts";
import { versionedName } from "./names.ts";
import { Run } from "./run.ts";
import type { HandoverRecord, HandoverRecords, Judgement } from "./state.ts";
import { writesAside } from "./trial.ts";

/** How a handover is watched. */
export interface Pace {
  pollMs: number;
  /** The same while nothing runs, because one version stops before the next one starts. */
  settleMs: number;
  /** After which it is given up. */
  timeoutMs: number;
}

export interface HandoverOptions {
  wanted: Wanted;
  output: HandoverOutput;
  records: HandoverRecords;
  /** Share of the documents that a trial gets, in percent; all without. */
  percent?: number | undefined;
  /** Holds a trial against what runs. */
  judge(trial: string, blue: string): Promise<Judgement>;
  pace: Pace;
  /** Aborted by who wants it to end: what is only tried is ended, what is under way is finished. */
  signal: AbortSignal;
  now(): Date;
  say(line: string): void;
}

interface Facts {
  processor: string;
  /** The version in service when this began; null where there was none. */
  from: string | null;
  to: string;
  seconds: number;
  judgement?: Judgement;
  /** Where the new version began to read. */
  position?: string;
}

/** What became of one handover. */
export type HandoverResult = Facts &
  (
    | { outcome: "none" | "handed-over" }
    /** `stands`: what runs now, in words. */
    | { outcome: "failed" | "cancelled"; reason: string; stands: string }
  );

/** A processor, and whether it is a version that writes where only trials write. */
export type Shown = AtlasProcessor & Seen;

function withAside(processor: AtlasProcessor): Shown {
  const { digest, role } = versionedName(processor.name) ?? {};
  return role === "version" && digest !== undefined && writesAside(processor.text, digest)
    ? { ...processor, aside: true }
    : processor;
}

/** What there is to do for a processor now, and from what that follows. */
export async function look(
  client: Pick<AtlasStreams, "processors">,
  { wanted, records, now }: Pick<HandoverOptions, "wanted" | "records" | "now">,
  started: ReadonlySet<string> = new Set(),
): Promise<{ seen: Shown[]; record: HandoverRecord; step: Step }> {
  const record = await records.read(wanted.processor);
  const seen = (await client.processors()).map(withAside);
  return { seen, record, step: nextStep({ wanted, seen, record, now: now(), started }) };
}

/**
 * Brings a version of a processor into service: step by step, each of which follows from what Atlas shows and what is on record. A driver
 * that is killed meanwhile leaves both, and the next one goes on from there.
 */
export async function handOver(client: AtlasStreams, options: HandoverOptions): Promise<HandoverResult> {
  const run = new Run(client, options);
  for (;;) {
    const { seen, record, step } = await look(client, options, run.started);
    run.note(seen, record);
    if (step.do === "nothing") return run.ended();
    if (step.do === "failed") return run.failed(record, seen, step.reason);
    if (options.signal.aborted && isOnlyTried(step, options.wanted, record, seen)) return run.cancelled(record, seen);
    if (run.overdue()) throw stuck(options, step);
    assertStillHolding();
    await run.take(run.late() && mayLast(step, record) ? tooLate(options.pace) : step, record);
  }
}

/** Whether a handover can end before this step without anybody noticing: the version before still runs, and no other is in its place. */
function isOnlyTried(step: Step, { version }: Wanted, { attempt }: HandoverRecord, seen: readonly Shown[]): boolean {
  if (step.do === "begin") return true;
  const inPlace = seen.some(({ name, aside }) => name === version && aside !== true);
  return !inPlace && seen.some(({ name, state }) => name === attempt?.blue && state === "STARTED");
}

/** Steps that may go on for ever, before anything failed. */
const mayLast = (step: Step, { attempt }: HandoverRecord): boolean =>
  attempt !== undefined && attempt.failed === undefined && ["wait", "start", "try", "compare"].includes(step.do);

/** Neither forward nor back: Atlas does not do what it is told. */
const stuck = ({ wanted: { processor, version }, pace }: HandoverOptions, step: Step): SlipwayError =>
  new SlipwayError(
    ExitCode.timeout,
    `The handover of ${processor} to ${version} hangs: Atlas does not get on with "${step.do}" within twice ${Math.round(pace.timeoutMs / 1000)} s.`,
    { where: `stream processor ${processor}`, changed: "it is on record how far it came; what runs goes on running" },
  );

const tooLate = ({ timeoutMs }: Pace): Step & { do: "give-up" } => ({
  do: "give-up",
  reason: `it did not end within ${Math.round(timeoutMs / 1000)} s`,
});

import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { tellOfStreams } from "../metrics/tell.ts";
import { currentRelease } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import { baselineJson, baselineText, profileJson, profileText, type ProfileReport } from "../report/streams-profile.ts";
import { plural } from "../report/text.ts";
import { declaredDefinitions, idOfDefinitions, keepBaseline } from "../streams/observe/baselines.ts";
import { defaultBands } from "../streams/observe/compare.ts";
import { measure } from "../streams/observe/measure.ts";
import { profileFrom, type Reading } from "../streams/observe/readings.ts";
import type { Subject } from "../streams/observe/subjects.ts";
import { judgeLimits } from "../streams/observe/thresholds.ts";
import { samplesText } from "../streams/observe/samples-text.ts";
import { writeWhole } from "./whole-file.ts";
import { text, type CommandResult } from "./result.ts";
import { limitsFor, observedSubjects, openObserved, span, type Observed } from "./streams-place.ts";

type Options = Record<string, unknown>;

/** Minutes are fractions of a second in the sandbox. */
const times = {
  cloud: { durationMs: 300_000, intervalMs: 30_000, warmUpMs: 60_000 },
  sandbox: { durationMs: 6_000, intervalMs: 500, warmUpMs: 1_000 },
};

/** `streams profile`: what processors need and do for some time, against their limits. */
export async function profile(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const observed = await openObserved(context, args, options);
  const { report, readings } = await measured(context, observed, options);
  const { environment, workspace } = observed;
  if (environment !== undefined) await tellOfStreams(context, workspace, environment, report.measured);
  const output = text(options, "out");
  const samples = report.measured.map(({ processor, profile: { processor: name } }) => {
    const taken = (readings.get(name) ?? []).flatMap((reading) => reading.processor?.stats.raw ?? []);
    return [processor, taken] as const;
  });
  const written =
    output === undefined
      ? []
      : [await writeWhole(output, samplesText(samples), "Name a file that this user may write with --out.")];
  return {
    exitCode: verdict(report),
    json: { ...profileJson(report), written },
    text: [...profileText(context.console, report), ...written.map((file) => `written to ${file}`)].join("\n"),
  };
}

/** What does not run is worse than what needs too much. */
function verdict({ measured: all }: ProfileReport): ExitCode {
  if (all.some((one) => one.profile.problem !== null)) return ExitCode.resourceFailed;
  const breached = all.some(({ limits }) => limits.some((limit) => limit.breached));
  return breached ? ExitCode.unexpectedChanges : ExitCode.done;
}

/** Measures the processors that were asked for. Those that are not to run are left out. */
export async function measured(
  context: Context,
  observed: Observed,
  options: Options,
): Promise<{ report: ProfileReport; readings: ReadonlyMap<string, Reading[]> }> {
  const defaults = context.sandbox ? times.sandbox : times.cloud;
  const pace = {
    durationMs: span(options, "duration", defaults.durationMs),
    intervalMs: span(options, "interval", defaults.intervalMs),
    warmUpMs: span(options, "warm-up", defaults.warmUpMs, { zero: true }),
  };
  const limits = await limitsFor(context, observed, options);
  const { subjects } = await observedSubjects(context, observed);
  const skipped = subjects.filter((subject) => isMeantToRest(subject, observed.names));
  const running = subjects.filter((subject) => !skipped.includes(subject));
  const names = running.map(({ name }) => name);
  const say = (line: string) => context.console.info(context.console.colors.dim(`  .. ${line}`));
  const { client } = observed;
  const readings =
    names.length === 0
      ? new Map<string, Reading[]>()
      : await measure(client, names, { ...pace, say, signal: context.signal });
  const profiles = running.map((subject) => {
    const found = profileFrom(subject.name, readings.get(subject.name) ?? []);
    return { processor: subject.processor, profile: found, limits: judgeLimits(found, limits(subject)) };
  });
  const left = skipped.map(({ processor, there }) => ({ processor, state: there?.state ?? null }));
  return { report: { ...observed, ...pace, place: client.place, measured: profiles, skipped: left }, readings };
}

/** Nobody wants it to run, and nobody asked for it by name. */
function isMeantToRest({ wanted, there, processor, name }: Subject, names: readonly string[]): boolean {
  if (wanted !== undefined) return wanted.state !== "STARTED";
  return there !== undefined && there.state !== "STARTED" && ![processor, name].some((one) => names.includes(one));
}

/** `streams baseline`: measures what runs, and keeps it as what later releases are compared with. */
export async function baseline(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const observed = await openObserved(context, args, options);
  const environment = recordsOf(observed);
  const { report } = await measured(context, observed, options);
  refuseUnfit(report);
  const profiles = Object.fromEntries(report.measured.map(({ processor, profile: found }) => [processor, found]));
  const id = (await runningId(observed)) ?? idOfDefinitions(digestsOf(report));
  const takenAt = context.now().toISOString();
  const { store } = observed.workspace;
  const workspace = observed.client.place.workspace;
  const key = await keepBaseline(store, environment, { schema: 1, id, takenAt, workspace, profiles });
  const kept = { id, takenAt, key };
  return {
    exitCode: ExitCode.done,
    json: baselineJson(report, kept),
    text: baselineText(context.console, report, kept).join("\n"),
  };
}

const digestsOf = ({ measured: all }: ProfileReport) =>
  Object.fromEntries(all.map(({ processor, profile: { digest } }) => [processor, digest]));

/** Whose folder of the store baselines are in. */
export const recordsOf = ({ environment, client }: Pick<Observed, "environment" | "client">): string =>
  environment ?? client.place.workspace;

/** What baselines of that which runs go by: the release, else what was deployed without one; undefined where nothing was deployed. */
export async function runningId({ workspace, outputs, environment }: Observed): Promise<string | undefined> {
  if (outputs === undefined || environment === undefined) return undefined;
  const release = currentRelease(await readLedger(workspace.store, environment))?.release;
  return release ?? idOfDefinitions(declaredDefinitions(outputs));
}

/** What does not run, or was hardly looked at, is nothing to hold others against. */
function refuseUnfit({ measured: all, durationMs, intervalMs }: ProfileReport): void {
  const problems = all.flatMap(({ profile: found }) => found.problem ?? []);
  const refuse = (message: string, next: string) => new SlipwayError(ExitCode.resourceFailed, message, { next });
  if (problems.length > 0)
    throw refuse(`No baseline is kept: ${problems.join("; ")}.`, "./slipway streams status <environment>");
  if (all.length === 0)
    throw refuse("No baseline is kept: no processor runs.", "./slipway streams status <environment>");
  const least = Math.min(...all.map(({ profile: { samples } }) => samples));
  if (least >= defaultBands.minSamples) return;
  const message = `No baseline is kept: ${plural(least, "reading")} in ${durationMs / 1000} s, at least ${defaultBands.minSamples} are needed.`;
  throw refuse(message, `Measure for longer: --duration ${Math.ceil((intervalMs * defaultBands.minSamples) / 1000)}`);
}

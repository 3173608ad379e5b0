import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { datasetsFolder, loadDatasets, type DatasetDefinition } from "../../config/datasets.ts";
import { advise, costOf, type Advice } from "../../streams/engine/advise/advise.ts";
import { shippedPrices } from "../../streams/engine/catalogue/prices.ts";
import { consentState, diffProjects } from "../../streams/engine/diff/diff.ts";
import type { StreamProject } from "../../streams/engine/files/project.ts";
import type { AffectedUnit, ReasonStep } from "../affected/affected.ts";
import { snapshotOfTree } from "../git/objects.ts";
import { redact } from "../promotion/redact.ts";
import type { AffectedReport } from "../report/affected.ts";
import { catalogChanges } from "../report/comment/catalog.ts";
import type { Affected, Ground, ProcessorChange, StreamsChange } from "../report/comment/model.ts";
import { readStreamFolder, readStreamsOfCommit, streamsFolder } from "../streams/project.ts";
import type { Workspace } from "../workspace.ts";

/** Reasons that are kept of each stack, and files that remarks are made on. */
const MOST_REASONS = 10;
const MOST_FILES = 200;
/** Region whose prices are told, for every environment the same: what counts is the difference. */
const region = "us-east-1";

/** What stands around the previews of a run: why these stacks, and what changes in streams and tables since the base. */
export async function groundOf(
  workspace: Pick<Workspace, "root" | "stacks">,
  report: AffectedReport,
  previewed: readonly string[],
): Promise<Ground> {
  const notes: string[] = [];
  const trying = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      notes.push(redact(`${what} could not be compared with the base: ${(error as Error).message}`));
      return undefined;
    }
  };
  const [base] = report.comparison.bases;
  if (base === undefined) notes.push("without a base nothing is said of changes in stream processors and tables");
  const { root } = workspace;
  const [streams, catalog] =
    base === undefined
      ? []
      : await Promise.all([
          trying("stream processors", () => streamsSince(root, base, previewed)),
          trying("the data catalog", () => catalogSince(root, base)),
        ]);
  const affected = affectedFacts(report, workspace.stacks, previewed);
  return {
    affected,
    notes,
    ...(streams === undefined ? {} : { streams }),
    ...(catalog === undefined ? {} : { catalog }),
  };
}

/** The answer of `affected` as far as a reader of the comment needs it. */
export function affectedFacts(
  { comparison, units, stacks }: AffectedReport,
  known: readonly string[],
  previewed: readonly string[],
): Affected {
  const { why, everything, changed } = comparison;
  const direct = [...units.filter((unit) => unit.direct), ...units.filter((unit) => !unit.direct)];
  const skipped = known.filter((stack) => !previewed.includes(stack));
  return {
    ...{ why, everything, ...(changed === undefined ? {} : { changed }) },
    stacks: stacks
      .filter((stack) => previewed.includes(stack))
      .map((stack) => {
        const reasons = direct
          .filter((unit) => unit.stacks.includes(stack))
          .map(({ reason }) => [...reason.map(stepText), stack]);
        return { stack, reasons: reasons.slice(0, MOST_REASONS), more: Math.max(0, reasons.length - MOST_REASONS) };
      }),
    skipped: skipped.map((stack) => ({ stack, reason: stacks.includes(stack) ? "not asked for" : "not affected" })),
    files: units.flatMap((unit) => changedFile(unit, previewed)).slice(0, MOST_FILES),
  };
}

const stepText = (step: ReasonStep): string =>
  step.kind === "file" ? step.path : step.kind === "unit" ? step.unit : step.why;

function changedFile({ direct, reason, stacks }: AffectedUnit, previewed: readonly string[]): Affected["files"] {
  const [first] = reason;
  const reached = stacks.filter((stack) => previewed.includes(stack));
  return direct && first?.kind === "file" && reached.length > 0 ? [{ path: first.path, stacks: reached }] : [];
}

async function streamsSince(root: string, base: string, stacks: readonly string[]): Promise<StreamsChange | undefined> {
  const [before, after] = await Promise.all([
    readStreamsOfCommit(root, base),
    readStreamFolder(join(root, streamsFolder)),
  ]);
  return streamsChange(before.project, after.project, stacks);
}

/** What changes in processors between two versions of the folder, with tiers and prices of the last of some environments. */
export function streamsChange(
  before: StreamProject,
  after: StreamProject,
  stacks: readonly string[],
): StreamsChange | undefined {
  const environment = stacks.findLast((stack) => after.environments.has(stack));
  const [old, next] = [adviceOf(before, environment), adviceOf(after, environment)];
  const changed = changedProcessors(before, after, old, next);
  const told = new Set(changed.map(({ processor }) => processor));
  const processors = [...changed, ...repriced(old, next).filter(({ processor }) => !told.has(processor))];
  if (processors.length === 0) return undefined;
  const problems = [...next.values()].flatMap((one) => one.problems.map((problem) => `${one.processor}: ${problem}`));
  const { currency } = shippedPrices;
  return { processors, currency, perMonth: cents(sumOf(next)), delta: cents(sumOf(next) - sumOf(old)), problems };
}

/** What is advised of a processor, and what is paid for it: for the tier that is set, and only while it runs. */
interface Priced extends Advice {
  runs: boolean;
}
type Advised = ReadonlyMap<string, Priced>;

function adviceOf(project: StreamProject, environment: string | undefined): Advised {
  const place = environment === undefined ? undefined : project.environments.get(environment);
  const advice = advise(project, { prices: shippedPrices, region, environment: place });
  return new Map(
    advice.map((one) => {
      const runs = (project.policies.get(one.processor)?.value?.state ?? "STARTED") === "STARTED";
      const costPerMonth = runs ? costOf(shippedPrices, region, tierOf(one)) : 0;
      return [one.processor, { ...one, runs, costPerMonth }];
    }),
  );
}

/** What a policy file or the environment's limits change without the pipeline. */
function repriced(old: Advised, next: Advised): ProcessorChange[] {
  return [...next].flatMap(([processor, is]) => {
    const was = old.get(processor);
    if (was === undefined) return [];
    const retiered = tierOf(was) === tierOf(is) ? undefined : "retiered";
    const status = was.runs === is.runs ? retiered : is.runs ? "started" : "stopped";
    if (status === undefined) return [];
    return [{ processor, status, class: "none", refused: false, reasons: [], ...pricesOf(was, is) }];
  });
}

function changedProcessors(
  before: StreamProject,
  after: StreamProject,
  old: Advised,
  next: Advised,
): ProcessorChange[] {
  const diffs = diffProjects(before, after).filter(({ status }) => status !== "unchanged");
  return diffs.map((diff) => {
    const { processor, status, was, class: of, reasons } = diff;
    const consent = consentState(diff, after.consents.get(processor)?.value);
    return {
      ...{ processor, status, class: of, refused: consent === "missing" || consent === "for-another-change" },
      reasons: reasons.map(({ message }) => message),
      ...(was === undefined ? {} : { was }),
      ...pricesOf(old.get(was ?? processor), next.get(processor)),
    };
  });
}

const sumOf = (all: Advised) => [...all.values()].reduce((sum, { costPerMonth }) => sum + (costPerMonth ?? 0), 0);
const cents = (amount: number) => Math.round(amount * 100) / 100;
const tierOf = (advice: Advice | undefined) => advice?.set ?? advice?.recommended;

function pricesOf(before: Advice | undefined, after: Advice | undefined): Pick<ProcessorChange, "tier" | "cost"> {
  const [was, is] = [tierOf(before), tierOf(after)];
  const [old, next] = [before?.costPerMonth, after?.costPerMonth];
  return {
    tier: { ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
    cost: { ...(old === undefined ? {} : { before: old }), ...(next === undefined ? {} : { after: next }) },
  };
}

async function catalogSince(root: string, base: string) {
  const [before, after] = await Promise.all([datasetsOf(root, base), loadDatasets(root)]);
  return catalogChanges(before, after);
}

/** Definitions as they were, in a folder of their own: what reads them reads folders. */
async function datasetsOf(root: string, commit: string): Promise<DatasetDefinition[]> {
  const snapshot = await snapshotOfTree(root, commit, [datasetsFolder]);
  const files = snapshot.entries.filter(({ mode }) => mode.startsWith("100"));
  if (files.length === 0) return [];
  const contents = await snapshot.read(files.map(({ object }) => object));
  const scratch = await mkdtemp(join(tmpdir(), "slipway-datasets-"));
  try {
    const folder = join(scratch, datasetsFolder);
    await mkdir(folder, { recursive: true });
    for (const { path, object } of files) await writeFile(join(folder, basename(path)), contents.get(object) ?? "");
    return await loadDatasets(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

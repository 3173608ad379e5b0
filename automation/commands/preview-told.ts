import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseIgnoreRules } from "../../config/drift.ts";
import { readFile } from "node:fs/promises";
import type { Context } from "../context.ts";
import { runStacks } from "../deploy/stack-graph.ts";
import { detectDrift } from "../drift/detect.ts";
import { driftSubjects } from "../drift/subjects.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { headCommit } from "../git/commits.ts";
import { readActionsRun } from "../github/actions-run.ts";
import { leaveFragment } from "../github/fragments.ts";
import { groundOf } from "../preview/ground.ts";
import { promotionsFor } from "../preview/promotion.ts";
import { previewStack } from "../preview/stack.ts";
import { mergeFragments } from "../report/comment/merge.ts";
import type { Fragment, StackPreview } from "../report/comment/model.ts";
import { previewJson, previewText } from "../report/comment/terminal.ts";
import type { AffectedReport } from "../report/affected.ts";
import { DirectoryStore } from "../store/directory.ts";
import type { Store } from "../store/store.ts";
import type { Workspace } from "../workspace.ts";
import { affectedReport } from "./affected.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

/** Where results are left: a folder that jobs hand on, or the store. */
export function fragmentStore(workspace: Pick<Workspace, "store">, options: Record<string, unknown>): Store {
  const out = text(options, "out");
  return out === undefined ? workspace.store : new DirectoryStore(resolve(out));
}

/** Previews of what a change reaches, told as one: at this terminal, and with `--comment` to whoever collects the results of all jobs. */
export async function previewTold(
  context: Context,
  workspace: Workspace,
  named: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  refuseMixtures(named, options);
  const report = flag(options, "affected") ? await affectedReport(workspace, { base: options["base"] }) : undefined;
  const stacks = chosen(named, report);
  const previews = await previewAll(context, workspace, stacks, options);
  const ground = report === undefined ? undefined : await groundOf(workspace, report, stacks);
  const head = await headCommit(workspace.root);
  const place = await readActionsRun(context.environment, head);
  const fragment: Fragment = {
    ...{ schema: 1, stacks: previews },
    run: { ...place.run, ...(context.sandbox ? { simulated: true } : {}) },
    ...(ground === undefined ? {} : { ground }),
  };
  const left = flag(options, "comment") ? await leave(fragmentStore(workspace, options), place, fragment) : undefined;
  const model = mergeFragments(place.run, [fragment], []);
  const failed = previews.find(({ exitCode }) => exitCode !== ExitCode.done)?.exitCode ?? codeOf(previews, options);
  const exitCode = failed === ExitCode.done && left?.problem !== undefined ? ExitCode.notTold : failed;
  return {
    exitCode: exitCode as ExitCode,
    json: { ...previewJson(model), left: left ?? null, stacks: model.stacks },
    text: [previewText(context.console, model), ...leftLines(left)].join("\n"),
  };
}

function refuseMixtures(named: readonly string[], options: Record<string, unknown>): void {
  const refuse = (message: string, next: string) => new SlipwayError(ExitCode.usage, message, { next });
  if (text(options, "savePlan") !== undefined)
    throw refuse("--save-plan is of one stack that somebody means to deploy.", "Leave --affected and --comment out.");
  if (named.length === 0 && !flag(options, "affected"))
    throw refuse("No stack is named.", "Name stacks, or let --affected choose them.");
  if (options["base"] !== undefined && !flag(options, "affected"))
    throw refuse("--base says what --affected compares with, and there is no --affected.", "Add --affected.");
  if (options["out"] !== undefined && !flag(options, "comment"))
    throw refuse("--out says where --comment leaves its results, and there is no --comment.", "Add --comment.");
}

const chosen = (named: readonly string[], report: AffectedReport | undefined): string[] => {
  if (report === undefined) return [...named];
  return named.length === 0 ? report.stacks : report.stacks.filter((stack) => named.includes(stack));
};

const codeOf = (previews: readonly StackPreview[], options: Record<string, unknown>): ExitCode =>
  flag(options, "expectNoChanges") && previews.some(({ changes }) => changes.length > 0)
    ? ExitCode.unexpectedChanges
    : ExitCode.done;

async function previewAll(
  context: Context,
  workspace: Workspace,
  stacks: readonly string[],
  options: Record<string, unknown>,
): Promise<StackPreview[]> {
  // Two live pictures cannot share a screen.
  const plain = {
    ...context,
    console: { ...context.console, interactive: stacks.length === 1 && context.console.interactive },
  };
  const tasks = stacks.map((stack) => ({
    ...{ stack, needs: [] },
    run: async (): Promise<StackPreview> => ({
      ...(await previewStack(plain, workspace, { stack, ...runOptions(options) })),
      ...(flag(options, "drift") ? await driftOf(plain, workspace, stack) : {}),
    }),
  }));
  const outcomes = await runStacks<StackPreview>(tasks, Math.max(1, availableParallelism()));
  const previews = outcomes.map((outcome) => {
    if (outcome.state === "done") return outcome.value;
    throw outcome.state === "failed" ? outcome.error : new Error(`${outcome.stack} was not previewed`);
  });
  const promotions = await promotionsFor(workspace, await headCommit(workspace.root), stacks, context.now());
  return previews.map((preview) => {
    const promotion = promotions.get(preview.stack);
    return promotion === undefined ? preview : { ...preview, promotion };
  });
}

/** How much was changed outside the program; nothing is said where that cannot be found out. */
async function driftOf(context: Context, workspace: Workspace, stack: string): Promise<Pick<StackPreview, "drift">> {
  try {
    const file = "config/drift.yaml";
    const rules = parseIgnoreRules(await readFile(join(workspace.root, file), "utf8"), file);
    const [subject] = await driftSubjects(workspace, [stack], { here: false });
    if (subject === undefined) return {};
    return { drift: (await detectDrift(context, workspace, subject, { rules })).findings.length };
  } catch (error) {
    context.console.warn(`${stack}: nobody knows about drift: ${(error as Error).message}`);
    return {};
  }
}

/** What became of leaving a result. */
interface Left {
  at: string;
  problem?: string;
}

/** A result that cannot be left fails nothing that was previewed: the exit code says it where nothing else is wrong. */
async function leave(
  store: Store,
  place: Awaited<ReturnType<typeof readActionsRun>>,
  fragment: Fragment,
): Promise<Left> {
  try {
    await leaveFragment(store, place, fragment);
    return { at: store.location };
  } catch (error) {
    return { at: store.location, problem: (error as Error).message };
  }
}

function leftLines(left: Left | undefined): string[] {
  if (left === undefined) return [];
  if (left.problem !== undefined) return [`not left for the comment: ${left.problem} (${left.at})`];
  return [`left in ${left.at}; ./slipway comment tells it`];
}

import { readFile } from "node:fs/promises";
import { isAbsolute, join, posix, relative, sep } from "node:path";
import { parseUnits } from "../../config/units.ts";
import { affectedUnits, reaching, stacksOf, unknownStacks, withinStacks } from "../affected/affected.ts";
import { branchBase, namedBase, presentBases, type BaseRequest, type ResolvedBase } from "../affected/base.ts";
import { deployedBases } from "../affected/bases.ts";
import { changedBetween, pathsAt, withUncommitted, type Changes } from "../affected/changes.ts";
import { explainPath } from "../affected/explain.ts";
import { createRouter, type Router } from "../affected/router.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { headCommit, resolveCommit } from "../git/commits.ts";
import { tryGit } from "../git/git.ts";
import { readLease } from "../lease/document.ts";
import { readLedger } from "../promotion/ledger.ts";
import {
  affectedJson,
  affectedText,
  explanationJson,
  explanationText,
  type AffectedReport,
  type Comparison,
} from "../report/affected.ts";
import { knownStack, openWorkspace, stacksInOrder, type Workspace } from "../workspace.ts";
import { done, flag, text, type CommandResult } from "./result.ts";

const unitsFile = "config/units.yaml";

/** Everything about the question that does not depend on the answer's form. */
interface Question {
  router: Router;
  environment: string | undefined;
  comparison: Comparison;
  changes: Changes;
  /** All paths of the head. */
  paths: string[];
}

export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const question = await ask(workspace, await routerOf(workspace), options);
  const file = text(options, "explain");
  if (file !== undefined) return explain(context, workspace, question, file);
  const report = answer(workspace, question, options);
  return done(affectedJson(report), affectedText(context.console, report).join("\n"));
}

/** What a change reaches, by the options of this verb. */
export async function affectedReport(workspace: Workspace, options: Record<string, unknown>): Promise<AffectedReport> {
  return answer(workspace, await ask(workspace, await routerOf(workspace), options), options);
}

function answer(workspace: Workspace, question: Question, options: Record<string, unknown>): AffectedReport {
  const { router, environment, comparison, changes, paths } = question;
  const found = affectedUnits({
    router,
    changes: "unknown" in changes ? { everything: comparison.why } : changes.paths,
    paths,
    dependents: options["dependents"] !== false,
  });
  const all = withinStacks(found, workspace.stacks);
  const units = environment === undefined ? all : reaching(all, environment);
  const kept = new Set(units.map(({ unit }) => unit));
  const elsewhere = all.map(({ unit }) => unit).filter((unit) => !kept.has(unit));
  return { comparison, environment, units, stacks: stacksOf(units, stacksInOrder(workspace)), elsewhere };
}

async function routerOf(workspace: Workspace): Promise<Router> {
  const yaml = await readFile(join(workspace.root, unitsFile), "utf8").catch((cause: unknown) => {
    throw new SlipwayError(ExitCode.usage, "The units of the repository cannot be read.", {
      where: unitsFile,
      next: `git checkout -- ${unitsFile}`,
      cause,
    });
  });
  const router = createRouter(parseUnits(yaml, unitsFile));
  const unknown = unknownStacks(router, workspace.stacks);
  if (unknown.length === 0) return router;
  throw new SlipwayError(ExitCode.usage, `${unitsFile} names stacks that have no stack file: ${unknown.join(", ")}.`, {
    where: unitsFile,
    next: `Use stacks of this checkout: ${workspace.stacks.join(", ")}.`,
  });
}

async function ask(workspace: Workspace, router: Router, options: Record<string, unknown>): Promise<Question> {
  const { root } = workspace;
  const uncommitted = flag(options, "uncommitted");
  const named = text(options, "head");
  if (uncommitted && named !== undefined)
    throw new SlipwayError(ExitCode.usage, "--uncommitted looks at this checkout, so it cannot go with --head.", {
      next: "Leave one of the two out.",
    });
  const environment = text(options, "environment");
  const reference = text(options, "base");
  if (environment !== undefined && reference !== undefined)
    throw new SlipwayError(
      ExitCode.usage,
      "--environment takes the base from the ledger, so it cannot go with --base.",
      {
        next: "Leave one of the two out.",
      },
    );
  const head = named === undefined ? await headCommit(root) : await resolveCommit(root, named);
  const request = { root, head, remote: workspace.policy.remote };
  const base = await baseOf(workspace, request, { environment, reference, uncommitted });
  const changes = await changesOf(request, base, uncommitted);
  const paths = await pathsAt(root, head);
  return { router, environment, comparison: comparisonOf(head, base, changes, uncommitted), changes, paths };
}

interface BaseChoice {
  environment: string | undefined;
  reference: string | undefined;
  uncommitted: boolean;
}

async function baseOf(workspace: Workspace, request: BaseRequest, choice: BaseChoice): Promise<ResolvedBase> {
  if (choice.reference !== undefined) return namedBase(request, choice.reference);
  if (choice.environment === undefined)
    return branchBase(request, workspace.policy.protectedBranch, choice.uncommitted);
  const environment = knownStack(workspace, choice.environment);
  // The lease is read first: a run that ends in between is then in one of the two at least.
  const lease = (await readLease(workspace.store, environment))?.document;
  const records = await readLedger(workspace.store, environment);
  const open = lease?.state === "held" ? [lease.holder, ...lease.unsettled] : [];
  return presentBases(request, deployedBases(environment, records, open));
}

async function changesOf({ root, head }: BaseRequest, base: ResolvedBase, uncommitted: boolean): Promise<Changes> {
  if (!("commits" in base)) return { unknown: base.everything };
  const committed = await changedBetween(root, base.commits, head);
  return uncommitted ? withUncommitted(root, committed) : committed;
}

function comparisonOf(head: string, base: ResolvedBase, changes: Changes, uncommitted: boolean): Comparison {
  if (!("unknown" in changes)) {
    const { commits: bases, why } = base as { commits: string[]; why: string };
    return { head, bases, why, next: undefined, everything: false, uncommitted, changed: changes.paths.length };
  }
  // A base that is there and still cannot be compared with: git itself says why.
  const why = "commits" in base ? `git could not compare: ${changes.unknown}` : changes.unknown;
  const next = "commits" in base ? "git fsck" : base.next;
  return { head, bases: [], why, next, everything: true, uncommitted, changed: undefined };
}

async function explain(
  context: Context,
  workspace: Workspace,
  { router, changes, paths }: Question,
  file: string,
): Promise<CommandResult> {
  const path = pathFromRoot(workspace.root, file);
  const explanation = explainPath(router, path);
  const ignored = await tryGit(workspace.root, ["check-ignore", "--verbose", "--no-index", "--", path]);
  const [rule] = ignored.stdout.toString("utf8").split("\t");
  const atHead = paths.includes(path);
  const facts = {
    atHead,
    changed: "unknown" in changes ? undefined : changes.paths.includes(path),
    // What is tracked counts whatever the ignore rules say.
    ignored: ignored.exitCode === 0 && !atHead ? rule : undefined,
  };
  return done(
    explanationJson(explanation, facts, unitsFile),
    explanationText(context.console, explanation, facts, unitsFile).join("\n"),
  );
}

function pathFromRoot(root: string, file: string): string {
  const inside = isAbsolute(file) ? relative(root, file).split(sep).join("/") : posix.normalize(file);
  if (inside !== "." && inside !== ".." && !inside.startsWith("../") && !isAbsolute(inside))
    return inside.replace(/\/$/, "");
  throw new SlipwayError(ExitCode.usage, `${JSON.stringify(file)} is not a file of this repository.`, {
    where: root,
    next: "Name a file by its path from the root of the repository, e.g. services/api/app/main.py.",
  });
}

import { join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { headCommit } from "../git/commits.ts";
import { readActionsRun, type ActionsRun } from "../github/actions-run.ts";
import { gitHubOf } from "../github/client.ts";
import { readFragments } from "../github/fragments.ts";
import {
  noticeOf,
  tellCheck,
  tellComment,
  writeFiles,
  writeSummary,
  type Publication,
  type Told,
} from "../github/publish.ts";
import { mergeFragments } from "../report/comment/merge.ts";
import type { PreviewModel } from "../report/comment/model.ts";
import { previewJson, previewText } from "../report/comment/terminal.ts";
import { verdictOfStack } from "../report/comment/verdict.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { fragmentStore } from "./preview-told.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

/**
 * Tells what the previews of a run found out. A token that may only read is no failure: then the summary and the files have it, and say so. What
 * GitHub fails to do ends with a code of its own, so that nobody takes it for a failed preview, nor for a comment that is there.
 */
export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const place = await readActionsRun(context.environment, await headCommit(workspace.root));
  const store = fragmentStore(workspace, options);
  const model = mergeFragments(place.run, await readFragments(store, place), expected(workspace, options));
  if (model.stacks.length === 0 && model.ground.affected === undefined) throw nothingLeft(store.location);
  const publication = publicationOf(context, workspace, place, options);
  const comment = await tellComment(publication, model);
  const check = options["check"] === false ? undefined : await tellCheck(publication, model);
  const notice = noticeOf(comment);
  const folder =
    text(options, "out") === undefined ? join(workspace.directory, "preview") : resolve(text(options, "out") ?? "");
  const files = await writeFiles(folder, model, notice);
  const summary = await writeSummary(context.environment["GITHUB_STEP_SUMMARY"], model, notice);
  const told = [["comment", comment] as const, ...(check === undefined ? [] : [["check", check] as const])];
  return {
    exitCode: exitCodeOf(model, told, flag(options, "gate")),
    json: {
      ...previewJson(model),
      comment: toldJson(comment),
      check: check === undefined ? null : toldJson(check),
      summary,
      files,
    },
    text: [
      previewText(context.console, model),
      ...told.map(([what, one]) => toldLine(what, one)),
      `written to ${folder}`,
    ].join("\n"),
  };
}

const expected = (workspace: Workspace, options: Record<string, unknown>): string[] => {
  const named = options["expect"];
  return Array.isArray(named) ? named.map((name) => knownStack(workspace, String(name))) : [];
};

const nothingLeft = (where: string): SlipwayError =>
  new SlipwayError(ExitCode.notFound, "No preview of this run was left to be told.", {
    where,
    next: "./slipway preview --affected --comment, with the same store or --out folder",
  });

function publicationOf(
  context: Context,
  workspace: Workspace,
  { repository, pullRequest, fork }: ActionsRun,
  options: Record<string, unknown>,
): Publication {
  const say = (line: string) => context.console.info(line);
  return {
    ...{
      github: gitHubOf(context.environment, { signal: context.signal, say }),
      store: workspace.store,
      repository,
      fork,
      say,
    },
    pullRequest: count(options, "pullRequest") ?? pullRequest,
    author: context.environment["SLIPWAY_COMMENT_AUTHOR"] || undefined,
  };
}

function exitCodeOf({ stacks }: PreviewModel, told: readonly (readonly [string, Told])[], gate: boolean): ExitCode {
  const bad = stacks.find((stack) => ["failed", "blocked"].includes(verdictOfStack(stack)));
  if (gate && bad !== undefined) return (bad.exitCode === 0 ? ExitCode.policy : bad.exitCode) as ExitCode;
  return told.some(([, { outcome }]) => outcome === "failed") ? ExitCode.notTold : ExitCode.done;
}

const toldJson = ({ outcome, url, reason }: Told) => ({ outcome, url: url ?? null, reason: reason ?? null });

function toldLine(what: string, { outcome, url, reason }: Told): string {
  const why = reason === undefined ? "" : `: ${reason}`;
  if (outcome === "failed") return `the ${what} was not written${why}`;
  if (outcome === "read-only")
    return `no ${what}: the token may not write one${why}; the summary and the files have all of it`;
  return `${what} ${outcome === "not-asked" ? "not asked for" : outcome}${why}${url === undefined ? "" : ` ${url}`}`;
}

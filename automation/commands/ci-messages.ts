import { messagesSince, judge, titleOf, type Judged } from "../ci/messages.ts";
import { messageTypes } from "../ci/conventional.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { headCommit, resolveCommit } from "../git/commits.ts";
import { readActionsRun } from "../github/actions-run.ts";
import { gitHubOf } from "../github/client.ts";
import { visible } from "../report/comment/escape.ts";
import { plural } from "../report/text.ts";
import { openWorkspace } from "../workspace.ts";
import { text, type CommandResult } from "./result.ts";

/** `ci messages`: whether what a request brings, and its title, are Conventional Commits. Ends with code 5 where one is not. */
export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const { root, policy } = await openWorkspace(context);
  const protectedRef = `refs/remotes/${policy.remote}/${policy.protectedBranch}`;
  const base = await resolveCommit(root, text(options, "base") ?? protectedRef);
  const title = await titleHere(context, root);
  const commits = await messagesSince(root, base, protectedRef);
  const judged = judge([...(title === undefined ? [] : [title]), ...commits]);
  const refused = judged.filter(({ problems }) => problems.length > 0);
  return {
    exitCode: refused.length === 0 ? ExitCode.done : ExitCode.policy,
    json: { base, messages: judged, refused: refused.length },
    text: [...judged.map(lineOf), ...endOf(judged, refused)].join("\n"),
  };
}

async function titleHere({ environment, signal, console }: Context, root: string) {
  const { repository, pullRequest } = await readActionsRun(environment, await headCommit(root));
  if (repository === undefined || pullRequest === undefined) return undefined;
  const github = gitHubOf(environment, { signal, say: console.info });
  const title = await titleOf({ repository, number: pullRequest }, github, environment["GITHUB_EVENT_PATH"]);
  if (title !== undefined) return title;
  throw new SlipwayError(ExitCode.notFound, `The title of pull request ${pullRequest} is not known.`, {
    where: "GITHUB_EVENT_PATH",
    next: "Give the job `permissions: { pull-requests: read }` and GITHUB_TOKEN, and run it again.",
  });
}

/** Anybody may write these words. A line must neither steer a terminal nor give the runner, which reads what is printed, an order. */
const shown = (words: string): string => visible(words).replaceAll("##[", "# #[");

function lineOf({ at, subject, problems, excused }: Judged): string {
  const where = at === "title" ? "title of the request" : at.slice(0, 12);
  const sign = problems.length > 0 ? "no" : excused === undefined ? "ok" : "--";
  const why = excused === undefined ? [] : [`let through: ${excused}`];
  return [`${sign} ${where}: ${shown(subject)}`, ...[...problems, ...why].map((one) => `     ${shown(one)}`)].join(
    "\n",
  );
}

function endOf(judged: readonly Judged[], refused: readonly Judged[]): string[] {
  if (judged.length === 0) return ["no commit is new"];
  if (refused.length === 0) return [`${plural(judged.length, "message")}, all as they should be`];
  return [
    `${refused.length} of ${plural(judged.length, "message")} cannot be taken`,
    "  write: type(scope): what it does, e.g. `fix(streams): keep offsets of a stopped processor`",
    `  types: ${messageTypes.join(", ")}; a ! before the colon for what breaks`,
    "  next: git rebase --interactive, `reword`, push; for a title, edit it and run the job again",
  ];
}

import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkOutput } from "../report/comment/check-run.ts";
import { contentDigest } from "../report/comment/marker.ts";
import type { PreviewModel } from "../report/comment/model.ts";
import { commentSize, noLimit, render, summarySize } from "../report/comment/render.ts";
import { previewJson } from "../report/comment/terminal.ts";
import type { Store } from "../store/store.ts";
import { publishCheck } from "./checks.ts";
import { claimsOf } from "./claim.ts";
import type { GitHub } from "./client.ts";
import { authorOf, commentsOf } from "./comments.ts";
import { GitHubProblem } from "./problem.ts";
import { publishComment } from "./sticky.ts";

/** What became of telling the preview in one place. */
export interface Told {
  outcome: "created" | "updated" | "unchanged" | "superseded" | "read-only" | "not-asked" | "failed";
  url: string | undefined;
  /** Why it was not told there. */
  reason: string | undefined;
}

export interface Publication {
  /** Undefined where there is no token. */
  github: GitHub | undefined;
  store: Store;
  repository: string | undefined;
  pullRequest: number | undefined;
  /** Name that the token writes under; asked for where it is not known. */
  author: string | undefined;
  fork: boolean;
  say(line: string): void;
}

const elsewhereFor = (model: PreviewModel): string =>
  model.run.url === undefined
    ? "All of it is in `preview.md` of the artifact."
    : `More is in the [summary of the run](${model.run.url}), all of it in \`preview.md\` of its artifact.`;

const notAsked = (reason: string): Told => ({ outcome: "not-asked", url: undefined, reason });

/** Writes or edits the comment. Never throws for anything that GitHub does: the result says it. */
export async function tellComment(publication: Publication, model: PreviewModel): Promise<Told> {
  const { github, repository, pullRequest, store, say } = publication;
  if (repository === undefined) return notAsked("this is no workflow of a repository on GitHub");
  if (pullRequest === undefined) return notAsked("this run is not for a pull request");
  if (github === undefined) return { outcome: "read-only", url: undefined, reason: "there is no token (GITHUB_TOKEN)" };
  return attempt(publication, async () => {
    const author = publication.author ?? (await authorOf(github));
    const result = await publishComment({
      comments: commentsOf(github, repository, pullRequest),
      claims: claimsOf(store, repository, pullRequest),
      ...{ author, pullRequest, run: model.run, verdict: model.verdict, content: contentDigest(model), say },
      page: (history) => render(model, { size: commentSize, elsewhere: elsewhereFor(model), history }).text,
    });
    return { ...result, reason: result.outcome === "superseded" ? "a newer run has spoken" : undefined };
  });
}

/** Makes the check run that branch protection looks at. Never throws for anything that GitHub does. */
export async function tellCheck(publication: Publication, model: PreviewModel): Promise<Told> {
  const { github, repository } = publication;
  if (repository === undefined) return notAsked("this is no workflow of a repository on GitHub");
  if (github === undefined) return { outcome: "read-only", url: undefined, reason: "there is no token (GITHUB_TOKEN)" };
  return attempt(publication, async () => {
    const output = checkOutput(model, elsewhereFor(model));
    const result = await publishCheck(github, { repository, run: model.run, output });
    return { ...result, reason: result.outcome === "superseded" ? "a newer run has spoken" : undefined };
  });
}

async function attempt({ fork }: Publication, work: () => Promise<Told>): Promise<Told> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitHubProblem)) throw error;
    const readOnly = error.kind === "forbidden";
    const why = fork && readOnly ? "the change comes from a fork, whose token may only read" : error.message;
    return { outcome: readOnly ? "read-only" : "failed", url: undefined, reason: why };
  }
}

/** The sentence that a summary begins with where there is no comment. */
export function noticeOf({ outcome, reason }: Told): string | undefined {
  if (outcome === "read-only" || outcome === "failed")
    return `There is no comment for this preview: ${outcome === "failed" ? "GitHub did not take it" : "its token may not write one"}. This summary and the artifact have all of it.${outcome === "read-only" && reason?.includes("fork") === true ? " The change comes from a fork." : ""}`;
  return undefined;
}

/** Writes the preview as files: `comment.md`, `preview.md` with everything, `preview.json`. Returns their paths. */
export async function writeFiles(folder: string, model: PreviewModel, notice: string | undefined): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const note = notice === undefined ? {} : { notice };
  const elsewhere = elsewhereFor(model);
  const files = {
    "comment.md": render(model, { size: commentSize, elsewhere, ...note }).text,
    "preview.md": render(model, { size: noLimit, elsewhere, ...note }).text,
    "preview.json": `${JSON.stringify(previewJson(model))}\n`,
  };
  const paths = Object.entries(files).map(([name, text]) => [join(folder, name), text] as const);
  for (const [path, text] of paths) await writeFile(path, text);
  return paths.map(([path]) => path);
}

/** Adds the preview to the summary of the workflow's step; false outside of a workflow. */
export async function writeSummary(
  file: string | undefined,
  model: PreviewModel,
  notice: string | undefined,
): Promise<boolean> {
  if (!file) return false;
  const note = notice === undefined ? {} : { notice };
  const { text } = render(model, {
    size: summarySize,
    elsewhere: "All of it is in `preview.md` of the run's artifact.",
    ...note,
  });
  await appendFile(file, text);
  return true;
}

import { type ProcessorDiff, consentState, diffProjects } from "../../streams/engine/diff/diff.ts";
import type { StreamProject } from "../../streams/engine/files/project.ts";
import { suggest } from "../../config/suggest.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { resolveCommit } from "../git/commits.ts";
import { diffJson, diffText, refused, type JudgedDiff } from "../report/streams-diff.ts";
import { folderOf, readStreamFolder, readStreamsOfCommit } from "../streams/project.ts";
import { text, type CommandResult } from "./result.ts";
import { shownFolder } from "./streams-lint.ts";

/** `streams diff`: what changed in processors, and whether they can take it over from their checkpoints. */
export async function diff(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const { before, after, base, head } = await versions(context, options);
  const diffs = selected(diffProjects(before, after), args).map((one): JudgedDiff => ({
    ...one,
    consent: consentState(one, after.consents.get(one.processor)?.value),
  }));
  return {
    exitCode: refused(diffs).length > 0 ? ExitCode.unexpectedChanges : ExitCode.done,
    json: diffJson(base, head, diffs),
    text: diffText(context.console, diffs).join("\n"),
  };
}

/** Two versions of the folder. */
export interface Versions {
  before: StreamProject;
  after: StreamProject;
  base: string;
  /** The commit that was asked for; null for the files as they lie here. */
  head: string | null;
}

/** Reads what `--base` names (default: HEAD), and what `--head` names (default: the files as they lie here). */
export async function versions(context: Context, options: Record<string, unknown>): Promise<Versions> {
  const folder = folderOf(context.root, text(options, "folder"));
  const below = shownFolder(context.root, folder);
  if (below === folder)
    throw new SlipwayError(ExitCode.usage, "A folder outside of the checkout has no other version to compare with.", {
      where: folder,
      next: "Name a folder of this repository with --folder.",
    });
  const base = await resolveCommit(context.root, text(options, "base") ?? "HEAD");
  const reference = text(options, "head");
  const head = reference === undefined ? null : await resolveCommit(context.root, reference);
  const [before, after] = await Promise.all([
    readStreamsOfCommit(context.root, base, below),
    head === null ? readStreamFolder(folder) : readStreamsOfCommit(context.root, head, below),
  ]);
  for (const file of unreadable(before.project)) context.console.warn(`${file} cannot be read in ${base.slice(0, 12)}`);
  refuseUnreadable(after.project);
  return { before: before.project, after: after.project, base, head };
}

/** A file that cannot be read would look like a processor that is gone. */
function refuseUnreadable(project: StreamProject): void {
  const [first] = unreadable(project);
  if (first === undefined) return;
  throw new SlipwayError(ExitCode.policy, "A processor cannot be read, so nothing can be said about its change.", {
    where: first,
    next: "./slipway streams lint",
  });
}

function unreadable({ findings, processors }: StreamProject): string[] {
  const read = new Set(processors.map(({ path }) => path));
  return [...new Set(findings.map(({ file }) => file))].filter(
    (file) => file.startsWith("processors/") && !read.has(file),
  );
}

/** Those that were asked for; all where none was. */
export function selected(diffs: readonly ProcessorDiff[], names: readonly string[]): readonly ProcessorDiff[] {
  if (names.length === 0) return diffs;
  const known = diffs.map(({ processor }) => processor);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const like = suggest(unknown, known);
    throw new SlipwayError(ExitCode.notFound, `There is no processor ${JSON.stringify(unknown)}.`, {
      next: like === undefined ? `Use one of: ${known.join(", ")}.` : `did you mean ${like}?`,
    });
  }
  return diffs.filter(({ processor }) => names.includes(processor));
}

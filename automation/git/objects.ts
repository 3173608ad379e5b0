import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";
import { git, gitBytes } from "./git.ts";

/** Git's file modes: plain file, executable file, symbolic link, submodule. */
export type GitMode = "100644" | "100755" | "120000" | "160000";

/** One tracked (or, in a working tree, trackable) file. */
export interface TreeEntry {
  /** Path from the root of the repository, `/`-separated. */
  path: string;
  mode: GitMode;
  /** Object id of the content as git stores it: line endings normalized, filters applied. */
  object: string;
}

/** A list of files with a way to read them. */
export interface TreeSnapshot {
  entries: TreeEntry[];
  /** Contents by object id. */
  read(objects: readonly string[]): Promise<Map<string, Buffer>>;
}

/** The files of a commit or tree below the given paths (all files without any). */
export async function snapshotOfTree(
  root: string,
  treeish: string,
  paths: readonly string[] = [],
): Promise<TreeSnapshot> {
  const args = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", treeish, ...paths];
  const listing = await git(root, args);
  return { entries: parseLsTree(listing), read: (objects) => readObjects(root, objects) };
}

/**
 * The files of the working tree as a commit made now would hold them: tracked or untracked but never ignored, the
 * executable bit, symbolic links and line endings as git would record them. Uses a copy of the index and an object
 * directory of its own, so that the repository stays untouched; `dispose` removes both. `location` may name a git directory
 * that is not inside `root` (`GIT_DIR`, `GIT_WORK_TREE`).
 */
export async function snapshotOfWorkingTree(
  root: string,
  paths: readonly string[] = [],
  location: Record<string, string> = {},
): Promise<TreeSnapshot & { dispose(): Promise<void> }> {
  const changed = await changedPaths(root, paths, location);
  if (changed === "") return { ...(await indexed(root, paths, location)), dispose: () => Promise.resolve() };
  const scratch = await mkdtemp(join(tmpdir(), "slipway-index-"));
  const dispose = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const environment = { ...location, ...(await scratchIndex(root, scratch, location)) };
    const update = ["-c", "core.safecrlf=false", "update-index", "-z", "--add", "--remove", "--stdin"];
    await git(root, update, { input: changed, environment });
    return { ...(await indexed(root, paths, environment)), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function indexed(
  root: string,
  paths: readonly string[],
  environment: Record<string, string>,
): Promise<TreeSnapshot> {
  const listing = await git(root, ["ls-files", "-z", "--stage", "--", ...paths], { environment });
  return { entries: parseLsFiles(listing), read: (objects) => readObjects(root, objects, environment) };
}

/** NUL-ended paths; tracked ones come first, so that a file makes way for a folder of its name and the other way round. */
async function changedPaths(
  root: string,
  paths: readonly string[],
  environment: Record<string, string>,
): Promise<string> {
  const listed = (...selection: string[]): Promise<string> =>
    git(root, ["ls-files", "-z", ...selection, "--exclude-standard", "--", ...paths], { environment });
  const [tracked, others] = await Promise.all([listed("--deduplicate", "--modified", "--deleted"), listed("--others")]);
  return tracked + others;
}

async function scratchIndex(
  root: string,
  scratch: string,
  location: Record<string, string>,
): Promise<Record<string, string>> {
  const asked = ["rev-parse", "--path-format=absolute", "--git-path", "index", "--git-path", "objects"];
  const [index, objects] = (await git(root, asked, { environment: location })).split("\n");
  const environment = {
    GIT_INDEX_FILE: join(scratch, "index"),
    GIT_OBJECT_DIRECTORY: join(scratch, "objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects ?? "",
  };
  await mkdir(environment.GIT_OBJECT_DIRECTORY);
  // A repository without any commit or `git add` has no index yet.
  if (index && existsSync(index)) await copyIndex(index, environment.GIT_INDEX_FILE);
  return environment;
}

/**
 * With the time of the original: git reads a file again whose time is not before the index's, and would otherwise take one that
 * was changed within the second of the last `git add`, to the same size, for unchanged.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  const { atime, mtime } = await stat(from);
  await copyFile(from, to);
  await utimes(to, atime, mtime);
}

/** Parses `git ls-tree -r -z`. */
export function parseLsTree(listing: string): TreeEntry[] {
  return records(listing).map((line) => {
    const [, mode, object, path] = /^(\d{6}) \w+ ([0-9a-f]+)\t(.*)$/su.exec(line) ?? [];
    return { path: path ?? "", mode: (mode ?? "100644") as GitMode, object: object ?? "" };
  });
}

/** Parses `git ls-files -z --stage`; an unresolved merge is a `SlipwayError`. */
export function parseLsFiles(listing: string): TreeEntry[] {
  return records(listing).map((line) => {
    const [, mode, object, stage, path] = /^(\d{6}) ([0-9a-f]+) (\d)\t(.*)$/su.exec(line) ?? [];
    if (stage !== "0") {
      throw new SlipwayError(ExitCode.usage, "The working tree holds an unresolved merge.", {
        where: path ?? line,
        next: "resolve the conflict and run `git add` on the file",
      });
    }
    return { path: path ?? "", mode: (mode ?? "100644") as GitMode, object: object ?? "" };
  });
}

function records(listing: string): string[] {
  return listing.split("\0").filter((line) => line !== "");
}

/** Contents of objects by id, in one git process. */
export async function readObjects(
  root: string,
  objects: readonly string[],
  environment: Record<string, string> = {},
): Promise<Map<string, Buffer>> {
  const wanted = [...new Set(objects)];
  const contents = new Map<string, Buffer>();
  if (wanted.length === 0) return contents;
  const output = await gitBytes(root, ["cat-file", "--batch"], { input: `${wanted.join("\n")}\n`, environment });
  let offset = 0;
  for (const object of wanted) {
    const lineEnd = output.indexOf(10, offset);
    const [, , size] = output.toString("latin1", offset, lineEnd).split(" ");
    if (size === undefined) throw missingObject(root, object);
    const start = lineEnd + 1;
    contents.set(object, output.subarray(start, start + Number(size)));
    offset = start + Number(size) + 1;
  }
  return contents;
}

function missingObject(root: string, object: string): SlipwayError {
  return new SlipwayError(ExitCode.unexpected, `The clone lacks the content of object ${object}.`, {
    where: root,
    next: "run `git fsck`; in a partial clone run `git fetch --refetch`",
  });
}

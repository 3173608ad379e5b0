import { readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadStreams, type StreamProject } from "../../streams/engine/files/project.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { resolveCommit } from "../git/commits.ts";
import { snapshotOfTree } from "../git/objects.ts";

/** Where stream processors are in a checkout. */
export const streamsFolder = "streams";

/** What of it is data; `engine/` beside these is code. */
const folders = ["processors", "connections", "environments", "policies", "consents", "samples", "tests"];
const read = new RegExp(`^(?:${folders.join("|")})/.+\\.(?:json|ya?ml|env)$`);

/** A folder of streams: its files as they are, by path below it, and what they mean. */
export interface StreamFolder {
  files: Readonly<Record<string, string>>;
  project: StreamProject;
}

/** The folder that `--folder` names, against the caller's own folder; else that of the checkout. */
export function folderOf(root: string, given: string | undefined): string {
  return given === undefined ? join(root, streamsFolder) : resolve(given);
}

/** Reads a folder of streams. @throws SlipwayError (not found) where it is not one */
export async function readStreamFolder(folder: string): Promise<StreamFolder> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = found.filter((entry) => entry.isDirectory() && folders.includes(entry.name));
  if (!below.some(({ name }) => name === "processors"))
    throw new SlipwayError(ExitCode.notFound, "This folder holds no stream processors.", {
      where: folder,
      next: "Put pipelines into processors/<name>.json below it, or name another folder with --folder.",
    });
  const files: Record<string, string> = {};
  for (const { name } of below)
    for (const entry of await readdir(join(folder, name), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const relative = path.slice(folder.length + 1).replaceAll("\\", "/");
      if (entry.isFile() && read.test(relative)) files[relative] = await readFile(path, "utf8");
    }
  return { files, project: loadStreams(files) };
}

/** The same out of a commit, tag or branch. `folder` is its path below the root of the repository; none there is an empty one. */
export async function readStreamsOfCommit(
  root: string,
  reference: string,
  folder: string = streamsFolder,
): Promise<StreamFolder> {
  const commit = await resolveCommit(root, reference);
  const snapshot = await snapshotOfTree(root, commit, [folder]);
  const wanted = snapshot.entries
    .map((entry) => ({ ...entry, path: entry.path.slice(folder.length + 1) }))
    .filter(({ path, mode }) => mode.startsWith("100") && read.test(path));
  const contents = await snapshot.read(wanted.map(({ object }) => object));
  const files = Object.fromEntries(wanted.map(({ path, object }) => [path, contents.get(object)?.toString() ?? ""]));
  return { files, project: loadStreams(files) };
}

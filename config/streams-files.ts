import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type StreamProject, loadStreams } from "../streams/engine/files/project.ts";
import type { ArtifactFile } from "./release.ts";

/** Where stream processing is, below the program's folder. */
export const streamsFolder = "streams";

/** What decides where and how processors run travels with the program; what they do is the release's. */
const folders = ["connections", "environments", "policies"];
const readable = /\.(?:json|env)$/;

/**
 * Everything that an environment's stream processing is made of.
 * @param root The program's folder.
 * @param processors Definitions of the release, by name.
 */
export async function readStreams(
  root: string,
  processors: Readonly<Record<string, ArtifactFile>>,
): Promise<StreamProject> {
  const own = await Promise.all(folders.map((folder) => filesOf(join(root, streamsFolder), folder)));
  const released = Object.entries(processors).map(
    async ([name, { path }]) => [`processors/${name}.json`, await readFile(path, "utf8")] as const,
  );
  return loadStreams(Object.fromEntries([...own.flat(), ...(await Promise.all(released))]));
}

async function filesOf(location: string, folder: string): Promise<[path: string, text: string][]> {
  const entries = await readdir(join(location, folder), { recursive: true, withFileTypes: true }).catch(whenMissing);
  const files = entries.filter((entry) => entry.isFile() && readable.test(entry.name));
  return await Promise.all(
    files.map(async (entry): Promise<[string, string]> => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(location.length + 1).replaceAll("\\", "/"), await readFile(path, "utf8")];
    }),
  );
}

function whenMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === "ENOENT") return [];
  throw error;
}

import { lstat, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ExitCode, SlipwayError } from "../../errors.ts";

/** Folders that hold nothing of a repository's own. */
const passed = new Set([".git", "node_modules", ".venv", "__pycache__"]);
const wanted = /\.(?:json|env|ya?ml|sh|bash)$|(?:^|\/)config\.txt$/;

/** Larger files are no configuration; a pipeline may have 16 MB. */
const largest = 17 * 1024 * 1024;

/** The files of another repository that say something, by path below its root. Links are not followed. */
export async function readRepository(folder: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) await readInto(texts, folder, "");
  if (Object.keys(texts).some((path) => path.startsWith("processors/"))) return texts;
  throw new SlipwayError(ExitCode.notFound, "This folder holds no stream processors.", {
    where: folder,
    next: "Name the root of a repository that has processors/<name>.json.",
  });
}

async function readInto(texts: Record<string, string>, folder: string, below: string): Promise<void> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && !passed.has(entry.name)) await readInto(texts, folder, path);
    else if (entry.isFile() && wanted.test(path) && (await lstat(join(folder, path))).size <= largest)
      texts[path] = await readFile(join(folder, path), "utf8");
  }
}

/** What writing would do to each file of a folder. */
export interface FilePlan {
  create: string[];
  /** There, with another content. */
  replace: string[];
  unchanged: string[];
}

/** Looks what is in a folder already; writes nothing. */
export async function planFiles(folder: string, files: Readonly<Record<string, string>>): Promise<FilePlan> {
  const plan: FilePlan = { create: [], replace: [], unchanged: [] };
  for (const [path, text] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const there = await readFile(join(folder, path), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw unwritable(join(folder, path), error);
    });
    plan[there === undefined ? "create" : there === text ? "unchanged" : "replace"].push(path);
  }
  return plan;
}

/** Writes what is new and what differs. @throws SlipwayError before anything is written where a file would be replaced without `force` */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  { force }: { force: boolean },
): Promise<FilePlan> {
  const plan = await planFiles(folder, files);
  if (plan.replace.length > 0 && !force)
    throw new SlipwayError(
      ExitCode.usage,
      `These files are there already, and are others: ${plan.replace.join(", ")}.`,
      {
        where: folder,
        next: "Name another folder with --out, or replace them with --force.",
      },
    );
  for (const path of [...plan.create, ...plan.replace]) {
    const file = join(folder, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, files[path] ?? "");
    } catch (error) {
      throw unwritable(file, error);
    }
  }
  return plan;
}

const unwritable = (where: string, cause: unknown) =>
  new SlipwayError(ExitCode.usage, `The file cannot be read or written: ${(cause as Error).message}.`, {
    ...{ where, changed: "files before it in the alphabet may be written", cause },
    next: "Make the folder writable, or name another with --out.",
  });

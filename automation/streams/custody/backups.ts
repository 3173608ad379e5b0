import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { Store } from "../../store/store.ts";
import { type Backup, backupId, backupText, parseBackup } from "./backup-document.ts";
import { backupFile } from "./backup-files.ts";

const folderOf = (environment: string) => `streams/${environment}/backups/`;

/** Keeps a backup in the store; one that is there already is the same. Hands back its key. */
export async function keepBackup(store: Store, backup: Backup): Promise<string> {
  const key = `${folderOf(backup.environment)}${backupId(backup)}.json`;
  await store.put(key, backupText(backup), { ifAbsent: true });
  return key;
}

/**
 * A backup by what somebody calls it: its name in the store, a file, or a folder that `backup --out` wrote; without any the latest of the
 * environment. @throws SlipwayError (not found) where there is none
 */
export async function findBackup(store: Store, environment: string, given: string | undefined): Promise<Backup> {
  const prefix = folderOf(environment);
  const kept = await store.list(prefix);
  const wanted = given === undefined ? kept.at(-1) : kept.find((key) => key.startsWith(prefix + given));
  if (wanted !== undefined) {
    const stored = await store.get(wanted);
    if (stored !== undefined)
      return parseBackup(Buffer.from(stored.body).toString("utf8"), `${store.location}: ${wanted}`);
  }
  const file = given === undefined ? undefined : await fileOf(resolve(given));
  if (file !== undefined) return parseBackup(await readFile(file, "utf8"), file);
  const names = kept.slice(-3).map((key) => key.slice(prefix.length).replace(/\.json$/, ""));
  throw new SlipwayError(
    ExitCode.notFound,
    given === undefined ? `${environment} has no backup.` : `There is no backup ${given}.`,
    {
      where: store.location,
      next: names.length === 0 ? `./slipway streams backup ${environment}` : `The latest are ${names.join(", ")}.`,
    },
  );
}

async function fileOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return path;
  const inside = join(path, backupFile);
  return found?.isDirectory() === true && (await stat(inside).catch(() => undefined)) !== undefined
    ? inside
    : undefined;
}

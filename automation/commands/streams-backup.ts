import { resolve } from "node:path";
import type { ConnectionDocument } from "../../streams/engine/files/documents.ts";
import type { Context } from "../context.ts";
import { SlipwayError } from "../errors.ts";
import { currentRelease } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import { backupJson, backupText } from "../report/streams-backup.ts";
import { backupFiles } from "../streams/custody/backup-files.ts";
import { backupOf, readWorkspace, withSecrets } from "../streams/custody/backup.ts";
import { keepBackup } from "../streams/custody/backups.ts";
import { writeFiles } from "../streams/import/files.ts";
import { openStreams } from "../streams/place.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { shownFolder } from "./streams-lint.ts";

/** `streams backup <environment>`: everything that Atlas tells of a workspace, into the store and, with `--out`, into a folder. */
export async function backup(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const { workspace, stack, client } = await openStreams(context, args[0]);
  const [there, records, declared] = await Promise.all([
    readWorkspace(client),
    readLedger(workspace.store, stack),
    declaredConnections(folderOf(context.root, text(options, "folder"))),
  ]);
  const release = currentRelease(records)?.release ?? null;
  const taken = backupOf({ ...there, environment: stack, takenAt: context.now(), release, declared });
  const out = text(options, "out");
  if (out !== undefined) await writeFiles(resolve(out), backupFiles(taken), { force: flag(options, "force") });
  const key = await keepBackup(workspace.store, taken).catch((error: unknown) => {
    // Who only looks may not write records; then the folder is the backup.
    if (out === undefined || !(error instanceof SlipwayError)) throw error;
    context.console.warn(`the backup is in ${out} alone: ${error.message}`);
    return null;
  });
  const shown = out === undefined ? undefined : shownFolder(context.root, resolve(out));
  const report = { backup: taken, key, out: shown, secrets: withSecrets(taken) };
  return done(backupJson(report), backupText(context.console, report).join("\n"));
}

/** Connections of the files: a backup without any has references of its own. */
async function declaredConnections(folder: string): Promise<ReadonlyMap<string, ConnectionDocument>> {
  const found = await readStreamFolder(folder).catch(() => undefined);
  return new Map(found?.project.connections.map(({ value }) => [value.name, value]) ?? []);
}

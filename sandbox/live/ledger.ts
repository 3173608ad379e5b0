import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { CloudResource } from "../types/type-spec.ts";

/**
 * What the emulator was made to hold. The file is locked for as long as it is open, and the system lifts the lock when the process
 * ends in whatever way: holding it is what makes a process the one supervisor of its sandbox.
 */
export class Ledger {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Undefined while another process holds it. */
  static open(file: string): Ledger | undefined {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE; COMMIT");
      database.exec(
        "CREATE TABLE IF NOT EXISTS projected (key TEXT PRIMARY KEY, resource TEXT NOT NULL) WITHOUT ROWID",
      );
      return new Ledger(database);
    } catch (error) {
      database.close();
      if (/locked|busy/i.test(String(error))) return undefined;
      throw error;
    }
  }

  list(): CloudResource[] {
    const rows = this.#database.prepare("SELECT resource FROM projected").all() as { resource: string }[];
    return rows.map(({ resource }) => JSON.parse(resource) as CloudResource);
  }

  /** What was brought in last under this name; undefined when nothing was. */
  get(resource: CloudResource): CloudResource | undefined {
    const row = this.#database.prepare("SELECT resource FROM projected WHERE key = ?").get(keyOf(resource));
    return row === undefined ? undefined : (JSON.parse(String(row["resource"])) as CloudResource);
  }

  put(resource: CloudResource): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO projected (key, resource) VALUES (?, ?)")
      .run(keyOf(resource), JSON.stringify(resource));
  }

  remove(resource: CloudResource): void {
    this.#database.prepare("DELETE FROM projected WHERE key = ?").run(keyOf(resource));
  }

  close(): void {
    this.#database.close();
  }
}

export function keyOf({ account, region, type, id }: CloudResource): string {
  return JSON.stringify([account, region, type, id]);
}

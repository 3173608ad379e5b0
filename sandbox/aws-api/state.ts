import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { livePaths } from "../live/paths.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Deployment } from "./codedeploy/deployment.ts";
import type { Scope } from "./protocol.ts";
import type { EndpointState } from "./sagemaker/endpoint-state.ts";
import type { ModelPackage, PackageGroup } from "./sagemaker/package.ts";

/** What is kept, by kind. */
interface Documents {
  /** By the name of the group. */
  group: PackageGroup;
  /** By `<group>/<version>`. */
  package: ModelPackage;
  /** Requests that made them, by name. */
  model: Properties;
  endpointConfig: Properties;
  endpoint: EndpointState;
  /** By id. */
  deployment: Deployment;
  /** Where CodeDeploy left an alias, by `<function>:<alias>`. */
  alias: { version: string };
}
type Kind = keyof Documents;

/** A document with its place. */
export interface Kept<K extends Kind> extends Scope {
  name: string;
  body: Documents[K];
}

/** An event that the emulator's bus has not taken yet. */
export interface PendingEvent extends Scope {
  id: number;
  event: { source: string; detailType: string; resources: string[]; detail: Properties };
}

const schema = `
  CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, account, region, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, event TEXT NOT NULL
  );
`;

/** Folder of what the services keep. */
export function stateFolder(directory: string): string {
  return join(livePaths(directory).root, "aws-api");
}

/**
 * What the services of one sandbox remember: documents and events on their way, changed together or not at all. The file is locked while it
 * is open, and the system lifts the lock when the process ends in whatever way.
 */
export class State {
  readonly #database: DatabaseSync;

  /** @throws Error while another process has it open. */
  constructor(directory: string) {
    const folder = stateFolder(directory);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#database = new DatabaseSync(join(folder, "state.sqlite"), { timeout: 0 });
    // A killed process loses nothing of what was committed; a power cut may, which is fine for a simulation.
    this.#database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE; COMMIT");
    this.#database.exec(schema);
  }

  get<K extends Kind>(kind: K, { account, region }: Scope, name: string): Documents[K] | undefined {
    const sql = "SELECT body FROM documents WHERE kind = ? AND account = ? AND region = ? AND name = ?";
    const row = this.#database.prepare(sql).get(kind, account, region, name) as { body: string } | undefined;
    return row && (JSON.parse(row.body) as Documents[K]);
  }

  /** Those of one account and region, or all. */
  list<K extends Kind>(kind: K, scope?: Scope): Kept<K>[] {
    const where = scope === undefined ? "" : " AND account = ? AND region = ?";
    const values = scope === undefined ? [kind] : [kind, scope.account, scope.region];
    const sql = `SELECT account, region, name, body FROM documents WHERE kind = ?${where} ORDER BY name`;
    const rows = this.#database.prepare(sql).all(...values);
    return (rows as unknown as (Scope & { name: string; body: string })[]).map((row) => ({
      ...row,
      body: JSON.parse(row.body) as Documents[K],
    }));
  }

  put<K extends Kind>(kind: K, { account, region }: Scope, name: string, body: Documents[K]): void {
    const sql = "INSERT OR REPLACE INTO documents (kind, account, region, name, body) VALUES (?, ?, ?, ?, ?)";
    this.#database.prepare(sql).run(kind, account, region, name, JSON.stringify(body));
  }

  remove(kind: Kind, { account, region }: Scope, name: string): void {
    const sql = "DELETE FROM documents WHERE kind = ? AND account = ? AND region = ? AND name = ?";
    this.#database.prepare(sql).run(kind, account, region, name);
  }

  /** Leaves an event to be put on the bus, in the order of these calls. */
  emit({ account, region }: Scope, event: PendingEvent["event"]): void {
    const sql = "INSERT INTO events (account, region, event) VALUES (?, ?, ?)";
    this.#database.prepare(sql).run(account, region, JSON.stringify(event));
  }

  pendingEvents(): PendingEvent[] {
    const rows = this.#database.prepare("SELECT id, account, region, event FROM events ORDER BY id").all();
    return (rows as unknown as (Scope & { id: number; event: string })[]).map((row) => ({
      ...row,
      event: JSON.parse(row.event) as PendingEvent["event"],
    }));
  }

  delivered(id: number): void {
    this.#database.prepare("DELETE FROM events WHERE id = ?").run(id);
  }

  /** Everything that `work` changes, or nothing of it. */
  transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

import { ExitCode, SlipwayError } from "../../automation/errors.ts";

/** Milliseconds a writer waits for the others. Dozens of provider processes share the file during one update. */
const busyTimeout = 30_000;

const schemaVersion = 3;

const schema = `
  CREATE TABLE IF NOT EXISTS resources (
    account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
    urn TEXT NOT NULL, inputs TEXT NOT NULL, outputs TEXT NOT NULL,
    unique_key TEXT, salt INTEGER NOT NULL DEFAULT 0, echoed INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    PRIMARY KEY (account, region, type, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS resources_by_urn ON resources (urn);
  CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type);
  CREATE INDEX IF NOT EXISTS resources_by_vpc ON resources (type, json_extract(inputs, '$.vpcId'));
  CREATE UNIQUE INDEX IF NOT EXISTS resources_unique ON resources (type, unique_key, account, region) WHERE unique_key IS NOT NULL;
  CREATE TABLE IF NOT EXISTS handles (
    type TEXT NOT NULL, handle TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (type, handle, account, region, id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS handles_by_resource ON handles (account, region, type, id);
  CREATE TABLE IF NOT EXISTS held_names (
    account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, unique_key TEXT NOT NULL, until TEXT NOT NULL,
    PRIMARY KEY (type, unique_key, account, region)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, operation TEXT NOT NULL, outcome TEXT NOT NULL,
    account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, urn TEXT NOT NULL, detail TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, type_glob TEXT NOT NULL, operation TEXT NOT NULL,
    remaining INTEGER NOT NULL, milliseconds INTEGER NOT NULL, message TEXT NOT NULL, moment TEXT NOT NULL
  );
`;

/** The SQLite file behind one sandbox: prepared statements are kept, transactions take the write lock up front. */
export class Database {
  readonly file: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  constructor(directory: string) {
    this.file = join(directory, "cloud.sqlite");
    this.#connection = connect(directory, this.file);
  }

  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  all<T>(sql: string, ...values: (string | number | null)[]): T[] {
    return this.statement(sql).all(...values) as T[];
  }

  get<T>(sql: string, ...values: (string | number | null)[]): T | undefined {
    return this.statement(sql).get(...values) as T | undefined;
  }

  run(sql: string, ...values: (string | number | null)[]): number {
    return Number(this.statement(sql).run(...values).changes);
  }

  /** Runs `work` as one write transaction; nested calls join the outer one. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#connection.exec("BEGIN IMMEDIATE");
    this.#depth += 1;
    try {
      const result = work();
      this.#connection.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }
}

function connect(directory: string, file: string): DatabaseSync {
  try {
    mkdirSync(directory, { recursive: true });
    const connection = new DatabaseSync(file, { timeout: busyTimeout });
    // WAL survives a killed process; losing the last commits to a power cut is fine for a simulation.
    connection.exec("PRAGMA synchronous = NORMAL");
    if (currentVersion(connection) !== schemaVersion) migrate(connection);
    return connection;
  } catch (error) {
    throw databaseError(error, file);
  }
}

function currentVersion(connection: DatabaseSync): number {
  return (connection.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

function migrate(connection: DatabaseSync): void {
  enterWalMode(connection);
  connection.exec("BEGIN IMMEDIATE");
  try {
    const found = currentVersion(connection);
    // Each version so far only adds to the one before.
    if (found > schemaVersion) throw new Error(`its layout is version ${found}, this Slipway knows ${schemaVersion}`);
    connection.exec(`${schema}; PRAGMA user_version = ${schemaVersion}`);
    connection.exec("COMMIT");
  } catch (error) {
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

/** Switching the journal mode needs the file alone and ignores the busy timeout, so a first start of many processes retries. */
function enterWalMode(connection: DatabaseSync): void {
  const deadline = Date.now() + busyTimeout;
  for (;;) {
    try {
      connection.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (Date.now() > deadline || !String(error).includes("locked")) throw error;
    }
  }
}

function databaseError(error: unknown, file: string): SlipwayError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SlipwayError(ExitCode.unexpected, `The sandbox's cloud cannot be opened: ${reason}.`, {
    where: file,
    next: "Check free space and permissions of that directory, or start over with `./slipway sandbox reset`.",
    cause: error,
  });
}

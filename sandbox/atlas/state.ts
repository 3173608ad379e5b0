import type { Database } from "../cloud/database.ts";
import type { Run, WrittenDocument } from "./run.ts";

/** What was made by the API alone. What Pulumi made is on the sandbox's record of resources. */
interface Documents {
  workspace: WorkspaceDocument;
  connection: ConnectionDocument;
  processor: ProcessorDocument;
}
export type DocumentKind = keyof Documents;

/** A workspace of a project. */
export interface Place {
  projectId: string;
  workspace: string;
}

export interface WorkspaceDocument {
  id: string;
  dataProcessRegion: { cloudProvider: string; region: string };
  streamConfig: Record<string, unknown>;
}

/** Members of the API's own form, secrets among them: nothing is shown of those. */
export type ConnectionDocument = Record<string, unknown> & { name: string; type: string };

export interface ProcessorDocument {
  id: string;
  /** Compact JSON, keys in the order in which they came. */
  pipelineText: string;
  dlq?: { connectionName: string; db: string; coll: string } | undefined;
  tier?: string | undefined;
  autoscaling?: { minTier: string; maxTier: string } | undefined;
  failoverEnabled?: boolean | undefined;
}

/** Something that happened to a workspace, for the activity feed. */
export interface AuditEvent {
  id: number;
  projectId: string;
  at: string;
  type: string;
  body: Record<string, unknown>;
}

/** Documents that are kept of each collection: enough to look at, and never a disk full. */
const keptPerCollection = 500;

const schema = `
  CREATE TABLE IF NOT EXISTS atlas_documents (
    kind TEXT NOT NULL, project TEXT NOT NULL, workspace TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, project, workspace, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS atlas_runs (
    project TEXT NOT NULL, workspace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (project, workspace, name)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS atlas_written (
    project TEXT NOT NULL, workspace TEXT NOT NULL, namespace TEXT NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (project, workspace, namespace, id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS atlas_groups (
    project TEXT NOT NULL, workspace TEXT NOT NULL, consumer TEXT NOT NULL, offsets TEXT NOT NULL,
    PRIMARY KEY (project, workspace, consumer)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS atlas_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, at TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS atlas_clock (
    one INTEGER PRIMARY KEY CHECK (one = 1), passed REAL NOT NULL, seen REAL NOT NULL
  );
`;

/** Tables of Atlas in the sandbox's database: beside the record of resources, so that both change together or not at all. */
export class AtlasState {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    // Only who comes first has to write.
    const there = database.get("SELECT 1 FROM sqlite_master WHERE name = 'atlas_clock'");
    if (there === undefined)
      database.transaction(() => {
        for (const statement of schema.split(";").filter((each) => each.trim() !== "")) database.run(statement);
      });
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }

  get<K extends DocumentKind>(kind: K, { projectId, workspace }: Place, name: string): Documents[K] | undefined {
    const sql = "SELECT body FROM atlas_documents WHERE kind = ? AND project = ? AND workspace = ? AND name = ?";
    const row = this.#database.get<{ body: string }>(sql, kind, projectId, workspace, name);
    return row && (JSON.parse(row.body) as Documents[K]);
  }

  /** Those of one workspace by name; of workspaces themselves, all of a project. */
  list<K extends DocumentKind>(kind: K, { projectId, workspace }: Place): { name: string; body: Documents[K] }[] {
    const sql = "SELECT name, body FROM atlas_documents WHERE kind = ? AND project = ? AND workspace = ? ORDER BY name";
    const rows = this.#database.all<{ name: string; body: string }>(sql, kind, projectId, workspace);
    return rows.map(({ name, body }) => ({ name, body: JSON.parse(body) as Documents[K] }));
  }

  put<K extends DocumentKind>(kind: K, { projectId, workspace }: Place, name: string, body: Documents[K]): void {
    const sql = "INSERT OR REPLACE INTO atlas_documents (kind, project, workspace, name, body) VALUES (?, ?, ?, ?, ?)";
    this.#database.run(sql, kind, projectId, workspace, name, JSON.stringify(body));
  }

  /** Everywhere. */
  count(kind: DocumentKind): number {
    const sql = "SELECT count(*) AS count FROM atlas_documents WHERE kind = ?";
    return this.#database.get<{ count: number }>(sql, kind)?.count ?? 0;
  }

  /** False where there was none. */
  remove(kind: DocumentKind, { projectId, workspace }: Place, name: string): boolean {
    const sql = "DELETE FROM atlas_documents WHERE kind = ? AND project = ? AND workspace = ? AND name = ?";
    return this.#database.run(sql, kind, projectId, workspace, name) > 0;
  }

  run({ projectId, workspace }: Place, name: string): { revision: number; run: Run } | undefined {
    const sql = "SELECT revision, body FROM atlas_runs WHERE project = ? AND workspace = ? AND name = ?";
    const row = this.#database.get<{ revision: number; body: string }>(sql, projectId, workspace, name);
    return row && { revision: row.revision, run: JSON.parse(row.body) as Run };
  }

  /** Writes what became of a processor where nobody else did since `revision`; the new revision, or undefined. */
  saveRun({ projectId, workspace }: Place, name: string, revision: number, run: Run): number | undefined {
    const body = JSON.stringify(run);
    const changed =
      revision === 0
        ? this.#database.run(
            "INSERT OR IGNORE INTO atlas_runs (project, workspace, name, revision, body) VALUES (?, ?, ?, 1, ?)",
            ...[projectId, workspace, name, body],
          )
        : this.#database.run(
            "UPDATE atlas_runs SET revision = revision + 1, body = ? WHERE project = ? AND workspace = ? AND name = ? AND revision = ?",
            ...[body, projectId, workspace, name, revision],
          );
    return changed === 0 ? undefined : revision + 1;
  }

  removeRun({ projectId, workspace }: Place, name: string): void {
    const sql = "DELETE FROM atlas_runs WHERE project = ? AND workspace = ? AND name = ?";
    this.#database.run(sql, projectId, workspace, name);
  }

  /** Offsets that a group of consumers committed, by topic and partition. */
  groupOffsets({ projectId, workspace }: Place, consumer: string): Record<string, number> | undefined {
    const sql = "SELECT offsets FROM atlas_groups WHERE project = ? AND workspace = ? AND consumer = ?";
    const row = this.#database.get<{ offsets: string }>(sql, projectId, workspace, consumer);
    return row && (JSON.parse(row.offsets) as Record<string, number>);
  }

  commitOffsets({ projectId, workspace }: Place, consumer: string, offsets: Record<string, number>): void {
    const sql = "INSERT OR REPLACE INTO atlas_groups (project, workspace, consumer, offsets) VALUES (?, ?, ?, ?)";
    const all = { ...this.groupOffsets({ projectId, workspace }, consumer), ...offsets };
    this.#database.run(sql, projectId, workspace, consumer, JSON.stringify(all));
  }

  /**
   * Milliseconds that passed for all sources. Time passes while somebody looks: of a longer pause only `atMost` counts, so that a sandbox
   * that rests for a night does not wake up with a million documents.
   */
  passTime(now: number, atMost: number): number {
    return this.transaction(() => this.#passTime(now, atMost));
  }

  #passTime(now: number, atMost: number): number {
    const clock = this.#database.get<{ passed: number; seen: number }>("SELECT passed, seen FROM atlas_clock");
    const passed = (clock?.passed ?? 0) + Math.min(Math.max(0, now - (clock?.seen ?? now)), atMost);
    this.#database.run("INSERT OR REPLACE INTO atlas_clock (one, passed, seen) VALUES (1, ?, ?)", passed, now);
    return passed;
  }

  /** Keeps what processors wrote into collections: of each the latest documents. */
  write({ projectId, workspace }: Place, written: readonly WrittenDocument[]): void {
    if (written.length === 0) return;
    const last =
      this.#database.get<{ last: number | null }>("SELECT max(sequence) AS last FROM atlas_written")?.last ?? 0;
    const sql =
      "INSERT OR REPLACE INTO atlas_written (project, workspace, namespace, id, sequence, body) VALUES (?, ?, ?, ?, ?, ?)";
    for (const [index, { namespace, id, doc }] of written.entries()) {
      const values = [projectId, workspace, namespace, JSON.stringify(id), last + index + 1, JSON.stringify(doc)];
      this.#database.run(sql, ...values);
    }
    for (const namespace of new Set(written.map((each) => each.namespace)))
      this.#database.run(
        `DELETE FROM atlas_written WHERE project = ?1 AND workspace = ?2 AND namespace = ?3 AND sequence <= (
           SELECT sequence FROM atlas_written WHERE project = ?1 AND workspace = ?2 AND namespace = ?3
           ORDER BY sequence DESC LIMIT 1 OFFSET ?4)`,
        ...[projectId, workspace, namespace, keptPerCollection],
      );
  }

  /** Documents of a collection as Extended JSON, in the order in which they were written last. */
  written({ projectId, workspace }: Place, namespace: string): unknown[] {
    const sql =
      "SELECT body FROM atlas_written WHERE project = ? AND workspace = ? AND namespace = ? ORDER BY sequence";
    const rows = this.#database.all<{ body: string }>(sql, projectId, workspace, namespace);
    return rows.map(({ body }) => JSON.parse(body) as unknown);
  }

  addEvent(projectId: string, type: string, body: Record<string, unknown>): void {
    const sql = "INSERT INTO atlas_events (project, at, type, body) VALUES (?, ?, ?, ?)";
    this.#database.run(sql, projectId, new Date().toISOString(), type, JSON.stringify(body));
  }

  /** The newest first. */
  events(projectId: string): AuditEvent[] {
    const sql = "SELECT id, project AS projectId, at, type, body FROM atlas_events WHERE project = ? ORDER BY id DESC";
    const rows = this.#database.all<Omit<AuditEvent, "body"> & { body: string }>(sql, projectId);
    return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as Record<string, unknown> }));
  }
}

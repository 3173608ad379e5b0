import type { Address } from "./cloud.ts";
import type { Database } from "./database.ts";

export type Operation = "check" | "diff" | "create" | "read" | "update" | "delete" | "invoke";

/** One line of the sandbox's operations log. */
export interface CloudEvent extends Address {
  sequence: number;
  at: string;
  operation: Operation | "adopt" | "drift";
  /** `done`, `failed`, or the kind of fault that struck. */
  outcome: string;
  urn: string;
  detail: string;
}

/** The log keeps this many lines; older ones go in batches, so that writing stays cheap. */
const keep = 5_000;
const batch = 256;

export function recordEvent(database: Database, event: Omit<CloudEvent, "sequence" | "at">): void {
  const { changes, lastInsertRowid } = database
    .statement(
      `INSERT INTO events (at, operation, outcome, account, region, type, id, urn, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      new Date().toISOString(),
      event.operation,
      event.outcome,
      event.account,
      event.region,
      event.type,
      event.id,
      event.urn,
      event.detail,
    );
  const sequence = Number(lastInsertRowid);
  if (changes && sequence % batch === 0) database.run("DELETE FROM events WHERE sequence <= ?", sequence - keep);
}

/** The latest lines of the log, oldest first. */
export function listEvents(database: Database, limit = 100): CloudEvent[] {
  return database.all<CloudEvent>("SELECT * FROM events ORDER BY sequence DESC LIMIT ?", limit).reverse();
}

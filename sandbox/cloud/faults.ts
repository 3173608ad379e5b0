import type { Database } from "./database.ts";
import type { Operation } from "./events.ts";

/**
 * - `error`: the operation fails before it had any effect.
 * - `latency`: the operation takes longer.
 * - `throttle`: the service answers "Rate exceeded"; like an SDK, the provider tries again a few times.
 * - `crash`: the provider process dies, after the effect (nobody hears of it) or before it.
 * - `unhealthy`: the operation succeeds, and what it made reports itself as degraded until it is updated again.
 */
export type FaultKind = "error" | "latency" | "throttle" | "crash" | "unhealthy";

export interface Fault {
  id: number;
  kind: FaultKind;
  /** Type token with `*` and `?`, e.g. `aws:s3/*`. */
  typeGlob: string;
  /** An operation, or `*` for all of them. */
  operation: Operation | "*";
  /** How many more times it strikes. */
  remaining: number;
  milliseconds: number;
  message: string;
  moment: "before" | "after";
}

export type NewFault = Pick<Fault, "kind" | "typeGlob"> & Partial<Omit<Fault, "id" | "kind" | "typeGlob">>;

const columns = "id, kind, type_glob AS typeGlob, operation, remaining, milliseconds, message, moment";

export function addFault(database: Database, fault: NewFault): Fault {
  const complete = {
    operation: "*" as const,
    remaining: 1,
    milliseconds: 0,
    message: "",
    moment: "after" as const,
    ...fault,
  };
  const { lastInsertRowid } = database
    .statement(
      `INSERT INTO faults (kind, type_glob, operation, remaining, milliseconds, message, moment) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      complete.kind,
      complete.typeGlob,
      complete.operation,
      complete.remaining,
      complete.milliseconds,
      complete.message,
      complete.moment,
    );
  return { ...complete, id: Number(lastInsertRowid) };
}

export function listFaults(database: Database): Fault[] {
  return database.all<Fault>(`SELECT ${columns} FROM faults WHERE remaining > 0 ORDER BY id`);
}

/** Removes one fault, or all of them; returns how many. */
export function clearFaults(database: Database, id?: number): number {
  return id === undefined ? database.run("DELETE FROM faults") : database.run("DELETE FROM faults WHERE id = ?", id);
}

/** The next fault that strikes this operation, counted down; each strike is handed to exactly one process. */
export function takeFault(
  database: Database,
  type: string,
  operation: Operation,
  { kind = "*", after = 0 }: { kind?: string; after?: number } = {},
): Fault | undefined {
  const sql = `SELECT ${columns} FROM faults
    WHERE remaining > 0 AND ? GLOB type_glob AND operation IN (?, '*') AND kind GLOB ? AND id > ? ORDER BY id LIMIT 1`;
  for (;;) {
    const fault = database.get<Fault>(sql, type, operation, kind, after);
    if (fault === undefined) return undefined;
    const taken = database.run("UPDATE faults SET remaining = remaining - 1 WHERE id = ? AND remaining > 0", fault.id);
    if (taken === 1) return { ...fault, remaining: fault.remaining - 1 };
  }
}

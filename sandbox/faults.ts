import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { Database } from "./cloud/database.ts";
import { addFault, clearFaults, listFaults, type Fault, type FaultKind, type NewFault } from "./cloud/faults.ts";

const kinds: readonly FaultKind[] = ["error", "latency", "throttle", "crash", "unhealthy"];
const operations: readonly Fault["operation"][] = [
  "*",
  "check",
  "diff",
  "create",
  "read",
  "update",
  "delete",
  "invoke",
];

/**
 * Sets a fault that strikes the next matching operations of any provider process.
 *
 * @throws SlipwayError (usage) naming the first value that makes no sense.
 */
export function setFault(directory: string, fault: NewFault): Fault {
  const problem = problemOf(fault);
  if (problem !== undefined) throw new SlipwayError(ExitCode.usage, `No such fault: ${problem}.`);
  return inDatabase(directory, (database) => addFault(database, fault));
}

/** Faults that still have strikes left. */
export function activeFaults(directory: string): Fault[] {
  return inDatabase(directory, listFaults);
}

/** Lifts one fault, or all; returns how many there were. */
export function liftFaults(directory: string, id?: number): number {
  return inDatabase(directory, (database) => clearFaults(database, id));
}

function problemOf({
  kind,
  typeGlob,
  operation = "*",
  remaining = 1,
  milliseconds = 0,
  moment,
}: NewFault): string | undefined {
  if (!kinds.includes(kind)) return `"${kind}" is none of ${kinds.join(", ")}`;
  if (typeGlob === "" || /[[\]]/.test(typeGlob)) return `"${typeGlob}" is no pattern of a type token; use * and ?`;
  if (!operations.includes(operation)) return `"${operation}" is none of ${operations.join(", ")}`;
  if (!Number.isInteger(remaining) || remaining < 1) return `the count is ${remaining}, it must be 1 or more`;
  if (!Number.isFinite(milliseconds) || milliseconds < 0)
    return `the latency is ${milliseconds} ms, it must be 0 or more`;
  if (kind === "latency" && milliseconds === 0) return "a latency needs its milliseconds";
  if (moment !== undefined && !["before", "after"].includes(moment)) return `"${moment}" is neither before nor after`;
  return undefined;
}

function inDatabase<T>(directory: string, work: (database: Database) => T): T {
  const database = new Database(directory);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

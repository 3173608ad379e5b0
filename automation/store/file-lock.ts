import { DatabaseSync } from "node:sqlite";

/** SQLite's result codes for a lock that somebody else holds. */
const BUSY_CODES = [5, 6];

/**
 * Runs `action` while holding an exclusive lock on a file, or answers `undefined` at once when another process holds it. It is SQLite's
 * own write lock on a database that stays empty: the system frees it when its holder dies, however it dies, so there is no
 * stale lock to guess about. The action must be synchronous and short.
 */
export function withFileLock<T extends object>(file: string, action: () => T): T | undefined {
  const database = new DatabaseSync(file);
  try {
    if (!tryLock(database)) return undefined;
    try {
      return action();
    } finally {
      database.exec("ROLLBACK");
    }
  } finally {
    database.close();
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN IMMEDIATE");
    return true;
  } catch (error) {
    if (BUSY_CODES.includes((error as { errcode?: number }).errcode ?? 0)) return false;
    throw error;
  }
}

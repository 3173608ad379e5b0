import type { Address } from "./cloud.ts";
import type { Database } from "./database.ts";

type Place = Omit<Address, "id">;

/** Keeps a name taken after its resource is gone. */
export function holdName(database: Database, place: Place, uniqueKey: string, until: Date): void {
  database.run(
    "INSERT OR REPLACE INTO held_names (account, region, type, unique_key, until) VALUES (?, ?, ?, ?, ?)",
    ...[place.account, place.region, place.type, uniqueKey, until.toISOString()],
  );
}

/** Whether a deleted resource still holds the name. */
export function nameHeld(database: Database, place: Place, uniqueKey: string, now: Date): boolean {
  const sql = "SELECT 1 FROM held_names WHERE account = ? AND region = ? AND type = ? AND unique_key = ? AND until > ?";
  return database.get(sql, place.account, place.region, place.type, uniqueKey, now.toISOString()) !== undefined;
}

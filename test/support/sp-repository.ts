import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes a small repository as the `sp` tool keeps it, of which everything can be carried over. */
export async function someSpRepository(folder: string): Promise<void> {
  const pipeline = [
    { $source: { connectionName: "events", topic: "visits", config: { auto_offset_reset: "earliest" } } },
    { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "visits" } } },
  ];
  const dlq = { connectionName: "warehouse", db: "sales", coll: "visits_dlq" };
  const files = { "processors/visits.json": { name: "visits", pipeline, options: { dlq } } };
  for (const [path, value] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), JSON.stringify(value, undefined, 2));
  }
}

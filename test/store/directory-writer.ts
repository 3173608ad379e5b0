/**
 * One process of writers: `node directory-writer.ts <directory> <first> <count> <key> <condition as JSON>`. Says `ready`, waits for a line
 * on its input so that all processes write at the same moment, then prints how many of its writers won.
 */
import { once } from "node:events";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { PutCondition } from "../../automation/store/store.ts";

const [directory = "", first = "0", count = "0", key = "", condition = "{}"] = process.argv.slice(2);
process.stdout.write("ready\n");
await once(process.stdin, "data");
const writers = Array.from({ length: Number(count) }, (_, at) => `writer ${Number(first) + at}`);
const results = await Promise.all(
  writers.map((body) => new DirectoryStore(directory).put(key, body, JSON.parse(condition) as PutCondition)),
);
process.stdout.write(`${results.filter((result) => result.ok).length}\n`);
process.stdin.destroy();

/**
 * One process of writers: `node s3-writer.ts <url> <first> <count> <key> <condition as JSON>`. Says `ready`, waits for a line
 * on its input so that all processes write at the same moment, then prints how many of its writers won.
 */
import { once } from "node:events";
import { parseS3Location } from "../../automation/store/s3-location.ts";
import { S3Store } from "../../automation/store/s3.ts";
import type { PutCondition } from "../../automation/store/store.ts";

const [url = "", first = "0", count = "0", key = "", condition = "{}"] = process.argv.slice(2);
const open = () => new S3Store(parseS3Location(url));
await open().get("loads-the-sdk");
process.stdout.write("ready\n");
await once(process.stdin, "data");
const writers = Array.from({ length: Number(count) }, (_, at) => `writer ${Number(first) + at}`);
const results = await Promise.all(writers.map((body) => open().put(key, body, JSON.parse(condition) as PutCondition)));
process.stdout.write(`${results.filter((result) => result.ok).length}\n`);
process.stdin.destroy();

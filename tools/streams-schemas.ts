// Writes the JSON Schemas of files below streams/ for editors, from the same definitions that read the files.
// node tools/streams-schemas.ts [--check]: with --check nothing is written, and stale files end it with 1.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { editorSchemas } from "./streams/schemas.ts";

const root = join(import.meta.dirname, "..");
const check = process.argv.includes("--check");
for (const [path, text] of Object.entries(await editorSchemas())) {
  const there = await readFile(join(root, path), "utf8").catch(() => undefined);
  if (there === text) continue;
  if (check) {
    console.error(`${path} is ${there === undefined ? "missing" : "stale"}; npm run schemas:streams writes it`);
    process.exitCode = 1;
    continue;
  }
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(`${path} written`);
}

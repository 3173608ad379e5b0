// Writes the pages of docs/ that are made from the tree. What the program itself knows, `./slipway docs` writes.
// node tools/docs.ts [--check]: with --check nothing is written, and stale pages end it with 1.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pages } from "./docs/pages.ts";

const root = join(import.meta.dirname, "..");
const check = process.argv.includes("--check");
for (const [path, make] of Object.entries(pages)) {
  const wanted = make(root);
  const there = await readFile(join(root, path), "utf8").catch(() => undefined);
  if (there === wanted) continue;
  if (check) {
    console.error(`${path} is ${there === undefined ? "missing" : "stale"}; npm run docs writes it`);
    process.exitCode = 1;
    continue;
  }
  await writeFile(join(root, path), wanted);
  console.log(`${path} written`);
}

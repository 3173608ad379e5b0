import { readFile } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { sha256 } from "../../release/canonical.ts";
import { expectedSchema, parseDocument, type Expected } from "./documents.ts";

export interface Sample {
  expected: Expected;
  /** Contents by the key below the delivery's prefix: `incoming/orders/orders.csv`. */
  files: Map<string, Uint8Array>;
}

/**
 * A sample of deliveries with what they must become.
 * @param root Folder of the program that was deployed.
 * @param folder Below it, e.g. `data/samples/1k`.
 * @throws Error when something of it is missing, damaged or outside the program's folder.
 */
export async function readSample(root: string, folder: string): Promise<Sample> {
  const directory = resolve(root, folder);
  if (relative(root, directory).split(sep)[0] === "..")
    throw new Error(`the sample ${folder} is outside the program's folder`);
  const read = (name: string) =>
    readFile(join(directory, name)).catch(() => {
      throw new Error(`the sample's ${folder}/${name} cannot be read`);
    });
  const expected = parseDocument(expectedSchema, await read("expected.json"), `${folder}/expected.json`);
  const files = new Map<string, Uint8Array>();
  for (const [key, digest] of Object.entries(expected.files)) {
    const body = await read(basename(key));
    if (sha256(body) !== digest)
      throw new Error(`the sample's ${folder}/${basename(key)} is not what expected.json was made for`);
    files.set(key, body);
  }
  return { expected, files };
}

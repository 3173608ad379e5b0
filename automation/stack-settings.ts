import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../config/schema.ts";
import { parseStackFile } from "../config/stack-file.ts";

/** What the stack file of a checkout says. @throws SlipwayError (usage) that names each line that is wrong */
export async function readSettings(root: string, stack: string): Promise<Settings> {
  const file = `Pulumi.${stack}.yaml`;
  return parseStackFile(await readFile(join(root, file), "utf8"), file);
}

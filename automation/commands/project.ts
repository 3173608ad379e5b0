import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** Name of the project of a checkout, for titles. */
export async function projectName(root: string): Promise<string> {
  const project = parse(await readFile(join(root, "Pulumi.yaml"), "utf8")) as { name?: unknown } | null;
  return typeof project?.name === "string" ? project.name : "slipway";
}

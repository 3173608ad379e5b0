import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { checksOf, type ServiceFolder } from "../ci/checks.ts";
import { handOut } from "../ci/outputs.ts";
import type { Context } from "../context.ts";
import { run as affected } from "./affected.ts";
import { done, type CommandResult } from "./result.ts";

const answer = z.object({ units: z.array(z.object({ unit: z.string() })), stacks: z.array(z.string()) });

/** `ci affected`: the same as `affected`, as the checks and stacks that a workflow's jobs are made of. */
export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const found = await affected(context, [], options);
  const { units, stacks } = answer.parse(found.json);
  const checks = checksOf(
    units.map(({ unit }) => unit),
    await serviceFolders(context.root),
  );
  const outputs = { ...checks, stacks };
  await handOut(context.environment["GITHUB_OUTPUT"], outputs);
  return done({ ...found.json, checks }, `${found.text}\n${checkLines(outputs).join("\n")}`);
}

async function serviceFolders(root: string): Promise<ServiceFolder[]> {
  const names = (await readdir(join(root, "services"), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const holds = (name: string, file: string) => existsSync(join(root, "services", name, file));
  return names.map((name) => ({
    name,
    image: holds(name, "Dockerfile"),
    python: holds(name, "pyproject.toml") && holds(name, "tests"),
  }));
}

const checkLines = (outputs: Record<string, readonly string[] | boolean>): string[] =>
  Object.entries(outputs).map(([name, value]) => `  ${name}: ${typeof value === "boolean" ? value : value.join(", ")}`);

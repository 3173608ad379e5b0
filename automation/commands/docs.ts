import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadDatasets } from "../../config/datasets.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { dataCatalog } from "../report/data-catalog.ts";
import { done, flag, type CommandResult } from "./result.ts";

interface Page {
  file: string;
  make(root: string): Promise<string>;
}

/** Pages that are made from the program, by name. */
const pages: Readonly<Record<string, Page>> = {
  catalog: { file: "docs/data-catalog.md", make: async (root) => dataCatalog(await loadDatasets(root)) },
};

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const name = args[0] ?? "catalog";
  const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (page === undefined)
    throw new SlipwayError(ExitCode.usage, `There is no page "${name}".`, {
      next: `Use one of: ${Object.keys(pages).join(", ")}.`,
    });
  const { file } = page;
  const path = join(context.root, file);
  const [wanted, there] = await Promise.all([page.make(context.root), readFile(path, "utf8").catch(() => undefined)]);
  const current = wanted === there;
  if (current) return done({ page: name, file, current, written: false }, `${file} is current`);
  if (flag(options, "check"))
    return {
      exitCode: ExitCode.unexpectedChanges,
      json: { page: name, file, current, written: false },
      text: `${file} is ${there === undefined ? "missing" : "stale"}; ./slipway docs ${name} writes it`,
    };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, wanted);
  return done({ page: name, file, current: true, written: true }, `${file} written`);
}

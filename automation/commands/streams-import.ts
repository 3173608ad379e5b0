import { resolve } from "node:path";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { importJson, importText, type ImportReport } from "../report/streams-import.ts";
import { readRepository, writeFiles } from "../streams/import/files.ts";
import { importRepository } from "../streams/import/import.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { shownFolder } from "./streams-lint.ts";

/** `streams import <folder>`: a repository of the `sp` tool in the form that is read here, and what of it is not carried over. */
export async function importFolder(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const [given] = args;
  if (given === undefined || args.length > 1)
    throw new SlipwayError(ExitCode.usage, "import takes one folder.", {
      next: "./slipway streams import <folder> --out <folder>",
    });
  const from = resolve(given);
  const to = text(options, "out");
  const imported = importRepository(await readRepository(from));
  const target = to === undefined ? undefined : resolve(to);
  const force = flag(options, "force");
  const plan =
    target === undefined
      ? { create: Object.keys(imported.files).sort(), replace: [], unchanged: [] }
      : await writeFiles(target, imported.files, { force });
  const report: ImportReport = {
    ...{ from: shownFolder(context.root, from), to: target && shownFolder(context.root, target) },
    ...{ plan, imported },
  };
  const lost = imported.notes.some(({ severity, outcome }) => severity === "error" && outcome === "left-out");
  return {
    exitCode: lost ? ExitCode.policy : ExitCode.done,
    json: importJson(report),
    text: importText(context.console, report).join("\n"),
  };
}

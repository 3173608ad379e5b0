import { isAbsolute, relative, sep } from "node:path";
import type { StreamProject } from "../../streams/engine/files/project.ts";
import { lint as findings } from "../../streams/engine/lint/lint.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { sarif } from "../report/sarif.ts";
import { counted, findingsText, fromRoot } from "../report/streams-findings.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { findingsFormat } from "./findings-format.ts";
import { flag, text, type CommandResult } from "./result.ts";

/** `streams lint`: everything that is wrong in the files, before anything runs. */
export async function lint(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const format = findingsFormat(options);
  const folder = folderOf(context.root, text(options, "folder"));
  const { project } = await readStreamFolder(folder);
  const environment = knownEnvironment(project, text(options, "environment"));
  const found = fromRoot(findings(project, { environment }), shownFolder(context.root, folder));
  const { errors, warnings } = counted(found);
  const failed = errors > 0 || (flag(options, "strict") && warnings > 0);
  const processors = project.processors.length;
  const json = {
    ...{ action: "lint", environment: environment ?? null, processors },
    ...{ errors, warnings, findings: found },
  };
  const forPeople = () => findingsText(context.console, found, processors).join("\n");
  const shown = {
    text: forPeople,
    json: () => JSON.stringify(json),
    sarif: () => JSON.stringify(sarif(found), null, 2),
  };
  return { exitCode: failed ? ExitCode.policy : ExitCode.done, json, text: shown[format]() };
}

/** A folder by its path from the root of the checkout, or as it is where it lies outside. */
export function shownFolder(root: string, folder: string): string {
  const below = relative(root, folder);
  return below.startsWith("..") || isAbsolute(below) ? folder : below.split(sep).join("/");
}

/** An environment of the folder. @throws SlipwayError (not found) where it has none of that name */
export function knownEnvironment(project: StreamProject, name: string | undefined): string | undefined {
  if (name === undefined || project.environments.has(name)) return name;
  const known = [...project.environments.keys()].sort();
  throw new SlipwayError(ExitCode.notFound, `There is no environment ${JSON.stringify(name)} of stream processors.`, {
    where: "environments/",
    next: known.length === 0 ? "Make one: environments/<name>/config.env." : `Use one of: ${known.join(", ")}.`,
  });
}

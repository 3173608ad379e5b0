import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";
import { statsJson, statsText, statusJson, statusText } from "../report/streams-status.ts";
import { statusRows, type StatusRow } from "../streams/observe/status.ts";
import { samplesText } from "../streams/observe/samples-text.ts";
import { writeWhole } from "./whole-file.ts";
import { text, type CommandResult } from "./result.ts";
import { observedSubjects, openObserved } from "./streams-place.ts";

/** `streams status`: what stands in Atlas against what was deployed. */
export async function status(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const observed = await openObserved(context, args, options);
  const { outputs, client } = observed;
  const { there, all, subjects } = await observedSubjects(context, observed);
  const [workspace, connections] = await Promise.all([client.workspace(), client.connections()]);
  const rows = statusRows(outputs, there, all, observed.names.length === 0 ? all : subjects);
  const report = { ...observed, place: client.place, atlas: workspace, connections, rows };
  return { exitCode: verdict(rows), json: statusJson(report), text: statusText(context, report).join("\n") };
}

/** What does not do its work is worse than what does other work than was deployed. */
function verdict(rows: readonly StatusRow[]): ExitCode {
  if (rows.some(({ severity }) => severity === "failed")) return ExitCode.resourceFailed;
  return rows.some(({ severity }) => severity === "changed") ? ExitCode.unexpectedChanges : ExitCode.done;
}

/** `streams stats`: figures of processors at this moment. */
export async function stats(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const observed = await openObserved(context, args, options);
  const { subjects } = await observedSubjects(context, observed);
  const missing = subjects.filter(({ there }) => there === undefined);
  const output = text(options, "out");
  const samples = subjects.flatMap(({ processor, there }) => (there ? [[processor, [there.stats.raw]] as const] : []));
  const written =
    output === undefined
      ? []
      : [await writeWhole(output, samplesText(samples), "Name a file that this user may write with --out.")];
  const report = { ...observed, place: observed.client.place, subjects, written };
  return {
    exitCode: missing.length > 0 ? ExitCode.resourceFailed : ExitCode.done,
    json: statsJson(report),
    text: statsText(context, report).join("\n"),
  };
}

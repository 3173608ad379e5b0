import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";
import { engineEnvironment, runEngine } from "../deploy/run-engine.ts";
import { failureOf } from "../deploy/failure.ts";
import { summaryJson, summaryText } from "../report/summary.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { flag, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  const result = await runEngine(context, workspace, {
    kind: "preview",
    stack,
    workDir: workspace.root,
    environment: engineEnvironment(workspace, undefined),
    ...runOptions(options),
  });
  if (result.outcome !== "succeeded") throw failureOf(stack, "preview", result);
  const changed = result.summary.changed > 0;
  return {
    exitCode: changed && flag(options, "expectNoChanges") ? ExitCode.unexpectedChanges : ExitCode.done,
    json: { stack, ...summaryJson(result.summary) },
    text: summaryText(context.console, { title: `preview ${stack}`, summary: result.summary, preview: true }),
  };
}

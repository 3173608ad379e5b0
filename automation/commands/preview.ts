import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";
import { failureOf } from "../deploy/failure.ts";
import type { PlanEnvelope } from "../plans/envelope.ts";
import { writeEnvelope } from "../plans/plan-file.ts";
import { previewPlan } from "../plans/preview.ts";
import { planLine } from "../report/plan.ts";
import { summaryJson, summaryText } from "../report/summary.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  const file = text(options, "savePlan");
  const { result, envelope } = await previewPlan(context, workspace, {
    ...{ stack, workDir: workspace.root, toSave: file !== undefined },
    ...runOptions(options),
  });
  if (result.outcome !== "succeeded" || envelope === undefined) throw failureOf(stack, "preview", result);
  const saved = file === undefined ? undefined : await writeEnvelope(file, envelope);
  const changed = result.summary.changed > 0;
  const summary = summaryText(context.console, {
    title: `preview ${stack}`,
    summary: result.summary,
    preview: true,
  });
  return {
    exitCode: changed && flag(options, "expectNoChanges") ? ExitCode.unexpectedChanges : ExitCode.done,
    json: { stack, ...summaryJson(result.summary), plan: planJson(envelope, saved) },
    text: `${summary}\n${planLine(context.console, envelope, saved)}`,
  };
}

const planJson = ({ planDigest, expiresAt }: PlanEnvelope, file: string | undefined) => ({
  digest: planDigest,
  ...(file === undefined ? {} : { file, expiresAt }),
});

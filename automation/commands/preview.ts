import { availableParallelism } from "node:os";
import type { Context } from "../context.ts";
import { failureOf } from "../deploy/failure.ts";
import { runStacks } from "../deploy/stack-graph.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { PlanEnvelope } from "../plans/envelope.ts";
import { writeEnvelope } from "../plans/plan-file.ts";
import { previewPlan } from "../plans/preview.ts";
import { describeError } from "../report/errors.ts";
import { planLine } from "../report/plan.ts";
import { summaryJson, summaryText } from "../report/summary.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { previewTold } from "./preview-told.ts";
import { runOptions } from "./run-options.ts";

/** Previews are bound by the processors of this machine, not by the cloud: more at a time only take longer each. */
const atATime = Math.max(1, availableParallelism());

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stacks = args.map((name) => knownStack(workspace, name));
  if (["affected", "comment", "drift", "out", "base"].some((name) => options[name] !== undefined))
    return previewTold(context, workspace, stacks, options);
  const [only, ...others] = stacks;
  if (only !== undefined && others.length === 0) return previewOne(context, workspace, only, options);
  if (only === undefined)
    throw new SlipwayError(ExitCode.usage, "No stack is named.", {
      next: `./slipway preview ${workspace.stacks[0] ?? "<stack>"}, or ./slipway preview --affected`,
    });
  if (text(options, "savePlan") !== undefined)
    throw new SlipwayError(ExitCode.usage, "A plan is of one stack.", {
      next: `./slipway preview ${only} --save-plan FILE`,
    });
  return previewSeveral(context, workspace, stacks, options);
}

/** Side by side; a failure hides no other stack and decides the exit code. */
async function previewSeveral(
  context: Context,
  workspace: Workspace,
  stacks: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  // Two live pictures cannot share a screen.
  const plain = { ...context, console: { ...context.console, interactive: false } };
  const tasks = stacks.map((stack) => ({ stack, needs: [], run: () => previewOne(plain, workspace, stack, options) }));
  const outcomes = await runStacks<CommandResult>(tasks, atATime);
  const results = outcomes.map((outcome) => {
    if (outcome.state === "done") return outcome.value;
    const error = outcome.state === "failed" ? outcome.error : new Error(`skipped because of ${outcome.because}`);
    const described = describeError(error, { color: false });
    return {
      exitCode: described.exitCode,
      json: { stack: outcome.stack, error: described.json },
      text: described.text,
    };
  });
  return {
    exitCode: results.find(({ exitCode }) => exitCode !== ExitCode.done)?.exitCode ?? ExitCode.done,
    json: { stacks: results.map(({ json, exitCode }) => ({ ...json, exitCode })) },
    text: results.map(({ text: each }) => each).join("\n\n"),
  };
}

async function previewOne(
  context: Context,
  workspace: Workspace,
  stack: string,
  options: Record<string, unknown>,
): Promise<CommandResult> {
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

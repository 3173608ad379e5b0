import type { Context } from "../context.ts";
import { runChecks, verificationError } from "../deploy/verification.ts";
import { parseStackOutputs } from "../../config/outputs.ts";
import { readOutputs } from "../engine/stack.ts";
import { checksLines } from "../report/deployment.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  await workspace.sandbox?.ensureStack(stack);
  const cli = await workspace.cli();
  const outputs = parseStackOutputs(
    await readOutputs(cli, { stack, workDir: workspace.root, environment: workspace.environment }),
    stack,
  );
  const patience = count(options, "timeout");
  const checks = await runChecks(context, workspace, outputs, patience === undefined ? undefined : patience * 1000);
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const error = verificationError(stack, failed);
    throw Object.assign(error, { changed: undefined });
  }
  return done({ stack, checks }, checksLines(stack, checks).join("\n"));
}

import type { Context } from "../context.ts";
import { failureOf } from "../deploy/failure.ts";
import { withMarker } from "../deploy/marker.ts";
import { engineEnvironment, runEngine } from "../deploy/run-engine.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { append } from "../promotion/ledger.ts";
import { summaryJson, summaryText } from "../report/summary.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { done, flag, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  await confirmDestroy(context, stack, flag(options, "yes"));
  const by = await currentActor(workspace.root, workspace.environment);
  const started = performance.now();
  const summary = await withMarker(context, workspace, { verb: "destroy", stack, by }, async (onStart) => {
    const result = await runEngine(context, workspace, {
      kind: "destroy",
      stack,
      workDir: workspace.root,
      environment: engineEnvironment(workspace, undefined),
      onStart,
      ...runOptions(options),
    });
    const seconds = Math.round(performance.now() - started) / 1000;
    const { changes } = result.summary;
    if (result.outcome !== "succeeded") {
      const error = failureOf(stack, "destroy", result);
      await append(
        workspace.store,
        stack,
        { kind: "failed", stage: "deploy", by, seconds, changes, error: error.message },
        context.now,
      );
      throw error;
    }
    await append(workspace.store, stack, { kind: "destroyed", by, seconds, changes }, context.now);
    return result.summary;
  });
  return done(
    { stack, ...summaryJson(summary) },
    summaryText(context.console, { title: `destroy ${stack}`, summary, preview: false }),
  );
}

/** Deleting asks everywhere: at a terminal for the name, in a pipe for `--yes`. */
async function confirmDestroy(context: Context, stack: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (context.confirm !== undefined && (await context.confirm(`This deletes everything in ${stack}.`, stack))) return;
  throw new SlipwayError(ExitCode.usage, `Nothing was done: deleting ${stack} was not confirmed.`, {
    next: `./slipway destroy ${stack} --yes`,
  });
}

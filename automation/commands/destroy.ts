import type { Context } from "../context.ts";
import { failureOf } from "../deploy/failure.ts";
import { withLease, type Leased } from "../deploy/lease.ts";
import { engineEnvironment, runEngine, type RunLimits } from "../deploy/run-engine.ts";
import { removeVersions } from "../deploy/streams/removal.ts";
import type { RunSummary } from "../engine/summary.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { announce } from "../notify/announce.ts";
import { append } from "../promotion/ledger.ts";
import type { LedgerEntry } from "../promotion/ledger-records.ts";
import { summaryJson, summaryText } from "../report/summary.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
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
  const summary = await withLease(context, workspace, { verb: "destroy", stack, by }, (leased) =>
    destroy(leased, workspace, { stack, by, limits: runOptions(options) }),
  );
  return done(
    { stack, ...summaryJson(summary) },
    summaryText(context.console, { title: `destroy ${stack}`, summary, preview: false }),
  );
}

interface DestroyRequest {
  stack: string;
  by: string;
  limits: RunLimits;
}

async function destroy(
  { context, onEngine }: Leased,
  workspace: Workspace,
  { stack, by, limits }: DestroyRequest,
): Promise<RunSummary> {
  const started = performance.now();
  await removeVersions(context, workspace, stack);
  const { outcome, summary, ...rest } = await runEngine(context, workspace, {
    kind: "destroy",
    stack,
    workDir: workspace.root,
    environment: engineEnvironment(workspace, undefined),
    onStart: onEngine,
    ...limits,
  });
  const seconds = Math.round(performance.now() - started) / 1000;
  const { changes } = summary;
  const record = async (entry: LedgerEntry) =>
    void announce(context, workspace, await append(workspace.store, stack, entry, context.now));
  if (outcome === "succeeded") {
    await record({ kind: "destroyed", by, seconds, changes });
    return summary;
  }
  const error = failureOf(stack, "destroy", { outcome, summary, ...rest });
  await record({ kind: "failed", stage: "deploy", by, seconds, changes, error: error.message });
  throw error;
}

/** Deleting asks everywhere: at a terminal for the name, in a pipe for `--yes`. */
async function confirmDestroy(context: Context, stack: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (context.confirm !== undefined && (await context.confirm(`This deletes everything in ${stack}.`, stack))) return;
  throw new SlipwayError(ExitCode.usage, `Nothing was done: deleting ${stack} was not confirmed.`, {
    next: `./slipway destroy ${stack} --yes`,
  });
}

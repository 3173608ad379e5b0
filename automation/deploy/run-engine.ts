import type { Context } from "../context.ts";
import { runOperation, type Operation, type OperationResult } from "../engine/operation.ts";
import { createProgress } from "../report/progress.ts";
import type { Workspace } from "../workspace.ts";

/** What the caller decides about a run; the rest follows from context and workspace. */
export type EngineRun = Omit<Operation, "logDirectory" | "onEvent" | "signal" | "terminate" | "report">;

/** Variables for the engine and the program; the manifest decides which digests are deployed. */
export const engineEnvironment = (workspace: Workspace, manifest: string | undefined): Record<string, string> => ({
  ...workspace.environment,
  ...(manifest === undefined ? {} : { SLIPWAY_RELEASE: manifest }),
});

/** Runs the engine once and shows it while it runs. */
export async function runEngine(context: Context, workspace: Workspace, run: EngineRun): Promise<OperationResult> {
  const cli = await workspace.cli();
  if (workspace.sandbox !== undefined) await workspace.sandbox.ensureStack(run.stack);
  const progress = await createProgress({
    console: context.console,
    title: `${run.kind} ${run.stack}`,
    preview: run.kind === "preview",
  });
  try {
    return await runOperation(cli, {
      ...run,
      logDirectory: workspace.logDirectory,
      onEvent: (event) => progress.onEvent(event),
      signal: context.signal,
      terminate: context.terminate,
      report: (line) => context.console.info(line),
    });
  } finally {
    progress.close();
    context.console.debug(`Pulumi CLI starts: ${cli.starts}`);
  }
}

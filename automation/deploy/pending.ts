import type { Context } from "../context.ts";
import { readPendingOperations } from "../engine/inflight.ts";
import { pendingLines } from "../report/pending.ts";
import type { Workspace } from "../workspace.ts";

/** After a run that was cut off: what its engine had begun and nobody has seen end, with what to type for each. */
export async function warnOfPending(context: Context, workspace: Workspace, stack: string): Promise<void> {
  const cli = await workspace.cli();
  const pending = await readPendingOperations(cli, {
    stack,
    workDir: workspace.root,
    environment: workspace.environment,
  });
  for (const line of pendingLines(stack, pending)) context.console.warn(line);
}

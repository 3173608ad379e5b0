import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";
import { restoreJson, restoreText } from "../report/streams-backup.ts";
import { findBackup } from "../streams/custody/backups.ts";
import { planRestore } from "../streams/custody/restore-plan.ts";
import { missingVariables, readThere, restore as restoreTo } from "../streams/custody/restore.ts";
import { clientFor, openStreams } from "../streams/place.ts";
import { streamVariables } from "../streams/variables.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

const patience = 900;

/**
 * `streams restore <environment> [backup]`: what would have to be done so that a workspace is as in a backup, and with `--yes` does it.
 * It ends with 7 where something stays otherwise.
 */
export async function restore(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const { workspace, stack, outputs } = await openStreams(context, args[0]);
  const backup = await findBackup(workspace.store, stack, args[1]);
  const place = {
    projectId: text(options, "toProject") ?? outputs.projectId,
    workspace: text(options, "toWorkspace") ?? outputs.workspace,
  };
  const client = clientFor(context, workspace, stack, place);
  const replace = flag(options, "force");
  const plan = planRestore(backup, await readThere(client), { replace });
  const variables = {
    settings: (await streamVariables(workspace.root, stack)) ?? {},
    environment: workspace.environment,
  };
  const missing = missingVariables(backup, plan, variables);
  const doIt = flag(options, "yes") && plan.steps.length > 0;
  if (doIt)
    await restoreTo(client, backup, plan, {
      ...{ replace, variables, signal: context.signal, say: context.console.info },
      timeoutMs: (count(options, "timeout") ?? patience) * 1000,
    });
  const report = { backup, plan, place, missing, restored: doIt };
  return {
    exitCode: plan.conflicts.length > 0 ? ExitCode.unexpectedChanges : ExitCode.done,
    json: restoreJson(report),
    text: restoreText(context.console, report).join("\n"),
  };
}

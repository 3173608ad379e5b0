import type { Context } from "../context.ts";
import { readLedger } from "../promotion/ledger.ts";
import { historyOf } from "../promotion/status.ts";
import { historyTable } from "../report/status.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

const defaultLimit = 20;

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const environment = knownStack(workspace, args[0]);
  const all = await readLedger(workspace.store, environment);
  const entries = historyOf(all, count(options, "limit") ?? defaultLimit);
  const hidden = all.length - entries.length;
  const lines =
    entries.length === 0 ? [`nothing has happened in ${environment} yet`] : historyTable(context.console, entries);
  if (hidden > 0) lines.push(`${hidden} older; --limit ${all.length} shows all`);
  return done({ environment, records: entries, total: all.length }, lines.join("\n"));
}

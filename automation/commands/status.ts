import type { Context } from "../context.ts";
import { readInflight } from "../promotion/inflight.ts";
import { readLedger } from "../promotion/ledger.ts";
import { statusOf } from "../promotion/status.ts";
import { statusTable, type StatusRow } from "../report/status.ts";
import { openWorkspace, stacksInOrder, type Workspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";

export async function run(context: Context): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const rows = await statusRows(workspace, context.now());
  return done({ environments: rows }, statusTable(context.console, rows, context.now()).join("\n"));
}

/** Every stack in the order releases move through them, from ledgers and markers alone: no engine, no cloud. */
export function statusRows(workspace: Workspace, now = new Date()): Promise<StatusRow[]> {
  return Promise.all(
    stacksInOrder(workspace).map(async (environment) => {
      const [records, inflight] = await Promise.all([
        readLedger(workspace.store, environment),
        readInflight(workspace.store, environment),
      ]);
      const running = inflight && { verb: inflight.marker.verb, since: inflight.marker.startedAt };
      return { ...statusOf(environment, records, now), running };
    }),
  );
}

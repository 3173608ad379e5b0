import { streamsOutputs } from "../../config/streams-outputs.ts";
import type { Context } from "../context.ts";
import type { StackState } from "../engine/checkpoint.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { readLedger } from "../promotion/ledger.ts";
import { AtlasError } from "../streams/atlas/errors.ts";
import type { AtlasEvent, AtlasStreams } from "../streams/atlas/types.ts";
import { clientFor } from "../streams/place.ts";
import type { Workspace } from "../workspace.ts";
import type { DriftFinding } from "./findings.ts";
import { streamsFindings } from "./streams-findings.ts";

/** Drift of stream processors that no engine looks at. Changes nothing. */
export async function streamsDrift(
  context: Context,
  workspace: Workspace,
  stack: string,
  state: Pick<StackState, "resources">,
  open: typeof clientFor = clientFor,
): Promise<DriftFinding[]> {
  const outputs = streamsOf(state);
  if (outputs === undefined) return [];
  const client = open(context, workspace, stack, outputs);
  const processors = await client.processors();
  // The feed is asked only where there is something to tell, as it may be long.
  if (streamsFindings(outputs, processors, []).length === 0) return [];
  const since = lastDeployment(await readLedger(workspace.store, stack));
  return streamsFindings(outputs, processors, await eventsSince(client, since));
}

/** What the stack's outputs say of stream processing. */
export function streamsOf({ resources }: Pick<StackState, "resources">) {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = stack?.["outputs"] as { streams?: unknown } | undefined;
  return outputs?.streams === undefined ? undefined : streamsOutputs.parse(outputs.streams);
}

const lastDeployment = (records: readonly LedgerRecord[]): string | undefined => records.at(-1)?.at;

/** Who may look at processors may still not be allowed to read the feed; then nobody is named. */
async function eventsSince(client: AtlasStreams, since: string | undefined): Promise<AtlasEvent[]> {
  try {
    return await client.auditEvents({ since });
  } catch (error) {
    if (error instanceof AtlasError) return [];
    throw error;
  }
}

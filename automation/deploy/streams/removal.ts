import { stackOutputsSchema } from "../../../config/outputs.ts";
import type { StreamsOutputs } from "../../../config/streams-outputs.ts";
import type { Context } from "../../context.ts";
import { readStackState, type StateResource } from "../../engine/checkpoint.ts";
import { readOutputs } from "../../engine/stack.ts";
import { assertStillHolding } from "../../lease/holding.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";
import { clientFor } from "../../streams/place.ts";
import type { Workspace } from "../../workspace.ts";
import { versionedName } from "./names.ts";
import { type HandoverRecords, handoverRecords, noRecord } from "./state.ts";

const workspaceType = "mongodbatlas:index/streamWorkspace:StreamWorkspace";

/**
 * Pure: whether the engine will delete the workspace of Atlas. It refuses everything where one resource is protected, and leaves in Atlas
 * what is only to leave the state.
 */
export function workspaceGoes(resources: readonly StateResource[]): boolean {
  if (resources.some((resource) => resource["protect"] === true)) return false;
  const workspaces = resources.filter(({ type }) => type === workspaceType);
  return workspaces.length > 0 && workspaces.every((resource) => resource["retainOnDelete"] !== true);
}

/** Pure: what of a workspace the driver made for processors that it hands over. */
export function ownVersions(seen: readonly AtlasProcessor[], processors: ReadonlySet<string>): AtlasProcessor[] {
  return seen.filter(({ name, state }) => {
    const version = versionedName(name);
    return state !== "DROPPED" && version !== undefined && processors.has(version.processor);
  });
}

/**
 * Deletes the versions of processors that go with their workspace: the engine does not know them, and Atlas deletes no workspace that has
 * any. Call it before the engine, and only where somebody has confirmed that everything goes.
 */
export async function removeVersions(context: Context, workspace: Workspace, stack: string): Promise<void> {
  const cli = () => workspace.cli();
  const ref = { stack, workDir: workspace.root, environment: workspace.environment };
  const { resources } = await readStackState(cli, ref);
  if (!workspaceGoes(resources)) return;
  const outputs = stackOutputsSchema.safeParse(await readOutputs(await cli(), ref)).data;
  if (outputs?.kind !== "environment" || outputs.streams === undefined) return;
  const records = handoverRecords(workspace.store, outputs.environment);
  const client = clientFor(context, workspace, stack, outputs.streams);
  await removeAll(client, { streams: outputs.streams, records, say: context.console.info });
}

interface Removal {
  streams: Pick<StreamsOutputs, "processors">;
  records: HandoverRecords;
  say(line: string): void;
}

/** Stops and deletes versions, then forgets them; what is gone already is no reason to stop. */
export async function removeAll(client: AtlasStreams, { streams, records, say }: Removal): Promise<void> {
  const known = await records.known();
  const handed = Object.entries(streams.processors).flatMap(([name, { rollout }]) =>
    rollout === "in-place" ? [] : [name],
  );
  const processors = new Set([...known, ...handed]);
  if (processors.size === 0) return;
  for (const { name, state } of ownVersions(await client.processors(), processors)) {
    assertStillHolding();
    say(`${name} is deleted, with its checkpoint`);
    if (state === "STARTED") await client.stopProcessor(name);
    await client.deleteProcessor(name);
  }
  for (const processor of known) await records.write(noRecord(processor));
}

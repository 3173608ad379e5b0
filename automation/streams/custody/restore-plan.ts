import { isDeepStrictEqual } from "node:util";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { definitionsOf } from "../../deploy/streams/position.ts";
import type { AtlasConnection, AtlasPlace, AtlasProcessor, AtlasWorkspace } from "../atlas/types.ts";
import { connectionCopy } from "./backup-connections.ts";
import type { Backup, BackedUpProcessor } from "./backup-document.ts";
import { beginningOf } from "./begins.ts";
import { wayBackTo } from "./way-back.ts";

/** One thing that a restore does. */
export type RestoreStep =
  | { do: "create-workspace" }
  | { do: "create-connection" | "update-connection"; name: string }
  | { do: "create-processor"; name: string; text: string; begins: string; effects: string[] }
  /** `resume` is false where Atlas refuses to go on from what it knows. */
  | { do: "modify-processor"; name: string; resume: boolean; effects: string[] }
  | { do: "start-processor"; name: string }
  | { do: "stop-processor"; name: string };

/** Something that is there and is not as in the backup; it is changed only where somebody says so. */
export interface Conflict {
  what: "workspace" | "connection" | "processor";
  name: string;
  message: string;
}

export interface RestorePlan {
  steps: RestoreStep[];
  conflicts: Conflict[];
  /** Processors and connections that are there and not in the backup: they stay. */
  extra: string[];
  /** What has to be known before anybody says yes. */
  warnings: string[];
}

/** What is there now. */
export interface There {
  place: AtlasPlace;
  workspace: AtlasWorkspace | undefined;
  connections: readonly AtlasConnection[];
  processors: readonly AtlasProcessor[];
}

/** Pure: what has to be done so that a workspace is as in a backup. Nothing that is there and not in the backup is removed. */
export function planRestore(backup: Backup, there: There, { replace }: { replace: boolean }): RestorePlan {
  const conflicts: Conflict[] = [];
  const steps: RestoreStep[] = [];
  if (there.workspace === undefined) steps.push({ do: "create-workspace" });
  else conflicts.push(...workspaceConflicts(backup, there.workspace));
  for (const copy of backup.connections) {
    const now = there.connections.find(({ name }) => name === copy.name);
    if (now === undefined) steps.push({ do: "create-connection", name: copy.name });
    else if (!isDeepStrictEqual(connectionCopy(now, copy as never), copy))
      if (replace) steps.push({ do: "update-connection", name: copy.name });
      else
        conflicts.push({
          what: "connection",
          name: copy.name,
          message: "it is there, and leads elsewhere or has other settings",
        });
  }
  for (const processor of backup.processors) {
    const now = there.processors.find(({ name }) => name === processor.name);
    const planned = planProcessor(backup, processor, now, replace);
    steps.push(...planned.steps);
    conflicts.push(...planned.conflicts);
  }
  return { steps, conflicts, extra: extraOf(backup, there), warnings: warningsOf(backup, there, steps) };
}

function workspaceConflicts({ workspace: { provider, region } }: Backup, now: AtlasWorkspace): Conflict[] {
  if (now.provider === provider && now.region === region) return [];
  const message = `it is in ${now.provider} ${now.region}, and was in ${provider} ${region}: no workspace can be moved`;
  return [{ what: "workspace", name: now.name, message }];
}

const running = new Set(["STARTED", "PROVISIONING", "INIT", "CREATING"]);

/** Whether a processor shall run; one that had failed is not made to fail again. */
const shallRun = ({ state }: BackedUpProcessor) => running.has(state);

type Planned = Pick<RestorePlan, "steps" | "conflicts">;

function planProcessor(
  backup: Backup,
  processor: BackedUpProcessor,
  now: AtlasProcessor | undefined,
  replace: boolean,
): Planned {
  const { name } = processor;
  const start: RestoreStep[] = shallRun(processor) ? [{ do: "start-processor", name }] : [];
  if (now === undefined)
    return { steps: [{ do: "create-processor", name, ...beginningOf(processor, backup) }, ...start], conflicts: [] };
  const runs = running.has(now.state);
  if (isSame(processor, now)) {
    if (runs === shallRun(processor)) return { steps: [], conflicts: [] };
    return { steps: runs ? [{ do: "stop-processor", name }] : start, conflicts: [] };
  }
  if (!replace)
    return { steps: [], conflicts: [{ what: "processor", name, message: "it is there with another definition" }] };
  const stop: RestoreStep[] = runs ? [{ do: "stop-processor", name }] : [];
  return { steps: [...stop, modification(processor, now), ...start], conflicts: [] };
}

/** Whether two are the same but for where a handover or a restore made one of them begin. */
function isSame({ pipeline, dlq, digest }: BackedUpProcessor, now: AtlasProcessor): boolean {
  const wanted = new Set([
    digest,
    ...definitionsOf(pipeline).map((text) => definitionDigest({ pipelineText: text, dlq })),
  ]);
  return definitionsOf(now.text).some((text) => wanted.has(definitionDigest({ pipelineText: text, dlq: now.dlq })));
}

/** Back to what the backup says, from the checkpoint where Atlas allows that. */
function modification(processor: BackedUpProcessor, now: AtlasProcessor): RestoreStep {
  const { name } = processor;
  const diff = wayBackTo(processor, now);
  const resume = diff?.class === "in-place" || diff?.class === "none";
  return { do: "modify-processor", name, resume, effects: diff?.reasons.map(({ message }) => message) ?? [] };
}

function extraOf(backup: Backup, { connections, processors }: There): string[] {
  const known = new Set([...backup.connections, ...backup.processors].map(({ name }) => name));
  return [...connections, ...processors].map(({ name }) => name).filter((name) => !known.has(name));
}

function warningsOf(
  { place, takenAt, processors, connections }: Backup,
  there: There,
  steps: readonly RestoreStep[],
): string[] {
  const elsewhere = there.place.projectId !== place.projectId || there.place.workspace !== place.workspace;
  const starts = steps.some((step) => step.do === "start-processor");
  const clusters = connections.flatMap(({ type, clusterName, clusterProjectId }) =>
    type === "Cluster" && clusterProjectId === undefined ? [String(clusterName)] : [],
  );
  const failed = processors.filter(({ state }) => state === "FAILED").map(({ name }) => name);
  return [
    ...(elsewhere && starts
      ? [`what still runs in ${place.workspace} writes to the same collections and topics: stop it there first`]
      : []),
    ...(there.place.projectId !== place.projectId && clusters.length > 0
      ? [`connections name clusters of their own project: ${[...new Set(clusters)].join(", ")} have to be there`]
      : []),
    ...(failed.length > 0 ? [`${failed.join(", ")} had failed at ${takenAt}: made, and not started`] : []),
  ];
}

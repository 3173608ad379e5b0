import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import type { ConnectionDocument } from "../../../streams/engine/files/documents.ts";
import { isSecret } from "../../../streams/engine/lint/secrets.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { AtlasConnection, AtlasPlace, AtlasProcessor, AtlasStreams, AtlasWorkspace } from "../atlas/types.ts";
import { connectionCopy, variablesIn } from "./backup-connections.ts";
import { type Backup, type BackedUpProcessor, sealed } from "./backup-document.ts";

/** Everything that a backup is made of. */
export interface BackupFacts {
  environment: string;
  takenAt: Date;
  release: string | null;
  place: AtlasPlace;
  workspace: AtlasWorkspace;
  connections: readonly AtlasConnection[];
  processors: readonly AtlasProcessor[];
  /** Connections of the files, by name: their references are used again. */
  declared: ReadonlyMap<string, ConnectionDocument>;
}

/** Reads everything of a workspace that Atlas tells. @throws SlipwayError (not found) where there is no workspace */
export async function readWorkspace(
  client: AtlasStreams,
): Promise<Pick<BackupFacts, "place" | "workspace" | "connections" | "processors">> {
  const workspace = await client.workspace();
  if (workspace === undefined)
    throw new SlipwayError(ExitCode.notFound, `There is no workspace ${client.place.workspace} in Atlas.`, {
      where: `${client.address}, project ${client.place.projectId}`,
      next: "Deploy the environment first.",
    });
  const [connections, processors] = await Promise.all([client.connections(), client.processors()]);
  return { place: client.place, workspace, connections, processors };
}

/** A backup of what was read. Its order is that of names, so that two of the same workspace can be compared. */
export function backupOf(facts: BackupFacts): Backup {
  const { environment, takenAt, release, place, workspace, declared } = facts;
  const { provider, region, tier, maxTier } = workspace;
  const connections = byName(facts.connections).map((one) => connectionCopy(one, declared.get(one.name)));
  return sealed({
    ...{ schema: 1, kind: "slipway-streams-backup", environment, takenAt: takenAt.toISOString(), release },
    place: { projectId: place.projectId, workspace: place.workspace },
    workspace: { provider, region, ...(tier && { tier }), ...(maxTier && { maxTier }) },
    ...{ connections, variables: variablesIn(connections), processors: byName(facts.processors).map(processorCopy) },
  });
}

const byName = <T extends { name: string }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

function processorCopy(processor: AtlasProcessor): BackedUpProcessor {
  const { name, text, dlq, state, tier, effectiveTier, autoscaling, failoverEnabled, stats } = processor;
  const { kafkaPartitions, changeStreamState, watermark, lastMessageIn } = stats;
  const partitions = kafkaPartitions?.map(({ topic, partition, checkpointOffset, currentOffset }) => ({
    ...{ ...(topic === undefined ? {} : { topic }), partition, checkpointOffset, currentOffset },
  }));
  return {
    ...{ name, digest: definitionDigest({ pipelineText: text, dlq }), pipeline: text, ...(dlq && { dlq }), state },
    ...{ ...(tier && { tier }), ...(effectiveTier && { effectiveTier }), ...(autoscaling && { autoscaling }) },
    failover: failoverEnabled ?? false,
    counts: {
      ...{ input: stats.inputMessageCount, output: stats.outputMessageCount },
      ...{ dlq: stats.dlqMessageCount, stateSize: stats.stateSize },
    },
    position: {
      ...(partitions && { partitions }),
      ...(changeStreamState === undefined ? {} : { resumeToken: changeStreamState }),
      ...(watermark && { watermark }),
      ...(lastMessageIn && { lastMessageIn }),
    },
  };
}

/** Processors whose pipelines hold a secret in plain text: the backup has it, too, as nothing could stand for it. */
export const withSecrets = ({ processors }: Backup): string[] =>
  processors.filter(({ pipeline }) => holdsSecret(JSON.parse(pipeline), ["pipeline"])).map(({ name }) => name);

function holdsSecret(value: unknown, path: readonly (string | number)[]): boolean {
  if (typeof value === "string") return isSecret(value, path);
  if (Array.isArray(value)) return value.some((one, index) => holdsSecret(one, [...path, index]));
  return isDocument(value) && Object.entries(value).some(([key, one]) => holdsSecret(one, [...path, key]));
}

import type { Store } from "../../store/store.ts";
import type { AtlasProcessor, AtlasStreams } from "../../streams/atlas/types.ts";

/** What stood before a deployment touched it: definitions, states and places, for whoever has to find a way back by hand. */
export interface Snapshot {
  schema: 1;
  environment: string;
  at: string;
  projectId: string;
  workspace: string;
  processors: {
    name: string;
    state: string;
    /** As Atlas gave it. */
    pipeline: string;
    dlq: AtlasProcessor["dlq"] | null;
    tier: string | null;
    effectiveTier: string | null;
    stats: Readonly<Record<string, unknown>>;
  }[];
}

/** Pure: a snapshot of what Atlas shows. */
export function snapshotOf(
  environment: string,
  { projectId, workspace }: AtlasStreams["place"],
  processors: readonly AtlasProcessor[],
  at: Date,
): Snapshot {
  return {
    ...{ schema: 1, environment, at: at.toISOString(), projectId, workspace },
    processors: processors.map(({ name, state, text, dlq, tier, effectiveTier, stats }) => ({
      ...{ name, state, pipeline: text, dlq: dlq ?? null, tier: tier ?? null },
      ...{ effectiveTier: effectiveTier ?? null, stats: stats.raw },
    })),
  };
}

/** Keeps what stands in the store. @returns its key */
export async function takeSnapshot(
  client: Pick<AtlasStreams, "place" | "processors">,
  store: Pick<Store, "put">,
  { environment, now }: { environment: string; now: Date },
): Promise<string> {
  const snapshot = snapshotOf(environment, client.place, await client.processors(), now);
  const key = `streams/${environment}/snapshots/${snapshot.at.replaceAll(/[^0-9TZ]/g, "")}.json`;
  await store.put(key, `${JSON.stringify(snapshot)}\n`);
  return key;
}

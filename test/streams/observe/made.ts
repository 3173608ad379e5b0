import type { AtlasProcessor, AtlasStats } from "../../../automation/streams/atlas/types.ts";
import { documentOf, processorOf, statsOf } from "../../../automation/streams/atlas/read.ts";
import type { Distribution, Profile } from "../../../automation/streams/observe/profile.ts";
import { distribution } from "../../../automation/streams/observe/statistics.ts";

export const pipelineText = `[{"$source":{"connectionName":"in","topic":"t"}},{"$merge":{"into":{"connectionName":"out","db":"a","coll":"b"}}}]`;
export const windowed = (minutes: number) =>
  `[{"$source":{"connectionName":"in","topic":"t"}},{"$tumblingWindow":{"interval":{"size":${minutes},"unit":"minute"},"pipeline":[]}},{"$merge":{"into":{"connectionName":"out","db":"a","coll":"b"}}}]`;

/** A processor as the API shows it. */
export function processor(members: Record<string, unknown> = {}, text = pipelineText): AtlasProcessor {
  const all = { name: "orders", state: "STARTED", tier: "SP10", stats: {}, ...members };
  const body = JSON.stringify(all);
  return processorOf(documentOf(`${body.slice(0, -1)},"pipeline":${text}}`));
}

export const stats = (raw: Record<string, unknown>): AtlasStats => statsOf(raw);

/** Readings around a value: as many, as far apart. */
export const around = (middle: number, spread = 0, samples = 20): Distribution => {
  const values = Array.from({ length: samples }, (_, index) => middle + spread * ((index % 5) - 2));
  const made = distribution(values);
  if (made === null) throw new Error("some readings");
  return made;
};

/** A profile of a processor that is well. */
export function profile(changes: Partial<Profile> = {}): Profile {
  return {
    ...{ processor: "orders", digest: `sha256:${"a".repeat(64)}`, tier: "SP10", problem: null, samples: 20 },
    ...{ seconds: 600, windowMs: 0, memoryMb: { ...around(100), trend: "steady" } },
    latencyMs: { p50: around(20), p99: around(60) },
    throughputPerSecond: around(50),
    documents: { input: 30_000, output: 30_000, dlq: 0 },
    ...{ dlqRate: 0, outputPerInput: 1, lag: { unit: "documents", first: 0, last: 0, trend: "steady" } },
    ...changes,
  };
}

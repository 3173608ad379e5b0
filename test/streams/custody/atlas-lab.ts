import type { AtlasProcessor, AtlasStats } from "../../../automation/streams/atlas/types.ts";

const nothing: AtlasStats = {
  ...{ inputMessageCount: 0, inputMessageSize: 0, outputMessageCount: 0, outputMessageSize: 0 },
  ...{ dlqMessageCount: 0, dlqMessageSize: 0, memoryUsageBytes: 0, stateSize: 0, raw: {} },
};

/** A processor as Atlas shows it: one that reads a collection, started, with whatever a test says instead. */
export function processorThere(
  given: Partial<Omit<AtlasProcessor, "stats">> & { name: string; stats?: Partial<AtlasStats> },
): AtlasProcessor {
  const text =
    given.text ??
    '[{"$source":{"connectionName":"atlas","db":"shop","coll":"orders"}},{"$merge":{"into":{"connectionName":"atlas","db":"shop","coll":"out"}}}]';
  return {
    ...{ state: "STARTED", pipeline: JSON.parse(text) as AtlasProcessor["pipeline"] },
    ...given,
    ...{ text, stats: { ...nothing, ...given.stats } },
  };
}

import { diffProcessor, type ProcessorDiff } from "../../../streams/engine/diff/diff.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import type { AtlasProcessor } from "../atlas/types.ts";
import type { BackedUpProcessor } from "./backup-document.ts";
import { definitionOf } from "./backup-files.ts";

type Definition = Pick<BackedUpProcessor, "name" | "pipeline" | "dlq">;

/** Pure: what a change from the definition that is there to the one that is wanted means; undefined where either cannot be read. */
export function wayBackTo(
  { name, pipeline, dlq }: Definition,
  now: Pick<AtlasProcessor, "text" | "dlq">,
): ProcessorDiff | undefined {
  const [before, after] = [
    { pipeline: now.text, dlq: now.dlq },
    { pipeline, dlq },
  ].map((definition) => {
    const file = definitionOf({ name, ...definition });
    return loadStreams({ [`processors/${name}.json`]: file }).processors[0];
  });
  return before && after && diffProcessor(before, after);
}

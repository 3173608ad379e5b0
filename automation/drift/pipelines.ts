import { diffProcessor } from "../../streams/engine/diff/diff.ts";
import { loadStreams } from "../../streams/engine/files/project.ts";
import { shownPath } from "../../streams/engine/finding.ts";
import type { ShownDifference } from "./findings.ts";

/** Stages and fields in which the order of keys says something. */
const ordered = new Set<string | number>(["$sort", "sortBy", "sort", "_id", "$source"]);

/**
 * Where two pipelines differ, given as JSON: stage by stage, with secrets masked. White space is no difference, and neither is another order
 * of keys where that means nothing: Atlas gives keys back as it likes.
 */
export function pipelineDifferences(recorded: string, found: string): ShownDifference[] {
  if (recorded === found) return [];
  const [before, after] = [recorded, found].map(
    (pipeline) => loadStreams({ "processors/one.json": `{"pipeline":${pipeline}}` }).processors[0],
  );
  if (before === undefined || after === undefined) return [{ path: "pipeline", recorded: undefined, found: undefined }];
  return diffProcessor(before, after).stages.flatMap(({ kind, stage, from, to, changes }): ShownDifference[] => {
    const at = `pipeline[${from ?? to ?? 0}].${stage}`;
    if (kind !== "changed") {
      const [was, is] = kind === "removed" ? ["there", undefined] : [undefined, "there"];
      return [{ path: at, recorded: was, found: is }];
    }
    return changes.flatMap((change) => {
      const path = [...change.path];
      if (
        change.kind === "reordered" &&
        stage !== "$source" &&
        !ordered.has(stage) &&
        !path.some((key) => ordered.has(key))
      )
        return [];
      const below = shownPath(path);
      const place = below === "" ? at : `${at}${below.startsWith("[") ? "" : "."}${below}`;
      return [{ path: place, recorded: change.before, found: change.after }];
    });
  });
}

import type { JsonPath } from "../../json/document.ts";
import type { Meta } from "../expressions/runtime.ts";
import type { Doc } from "../values/types.ts";
import type { Envelope, StageContext } from "./stage.ts";

/** A pipeline over documents that are all there, as inside a `$lookup`. An error is the outer document's. */
export function runPipeline(
  stages: unknown,
  path: JsonPath,
  context: StageContext,
): (documents: readonly Doc[], meta: Meta, time: number) => Doc[] {
  const segments = context.segments(stages, path, "lookup", context);
  return (documents, meta, time) => {
    let current: Envelope[] = documents.map((doc) => ({ doc, meta, time }));
    for (const segment of segments) {
      if ("open" in segment) {
        const gathering = segment.open();
        for (const envelope of current) {
          segment.reached();
          gathering.add(envelope);
        }
        current = gathering.finish(meta, time);
      } else
        current = current.flatMap((envelope) => {
          segment.reached();
          const result = segment.apply(envelope);
          return result === undefined ? [] : Array.isArray(result) ? (result as Envelope[]) : [result as Envelope];
        });
    }
    return current.map(({ doc }) => doc);
  };
}

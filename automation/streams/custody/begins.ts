import { isDocument, member } from "../../../streams/engine/lint/subject.ts";
import { kindOfSource, placedAt, sourceOf } from "../../deploy/streams/position.ts";
import { stages } from "../../../streams/engine/catalogue/stages.ts";
import type { Backup, BackedUpProcessor } from "./backup-document.ts";

/** How a processor that is made from a backup begins. */
export interface Beginning {
  /** The pipeline that it is made with. */
  text: string;
  /** Where it begins to read. */
  begins: string;
  /** What is read a second time, or not at all, and what else is not as it was. */
  effects: string[];
}

const isWindow = (name: string) => Object.hasOwn(stages, name) && stages[name]?.role === "window";

/**
 * Pure: where a processor goes on that is made anew. No checkpoint is in a backup, as Atlas gives none away: there are resume tokens, offsets
 * and consumer groups, and each says something else of what is read again.
 */
export function beginningOf(processor: BackedUpProcessor, { takenAt }: Pick<Backup, "takenAt">): Beginning {
  const beginning = beginningBySource(processor, takenAt);
  const window = (JSON.parse(processor.pipeline) as unknown[])
    .flatMap((stage) => Object.keys(stage ?? {}))
    .find(isWindow);
  const lost =
    window === undefined ? [] : [`what was in open windows of ${window} is not in the backup: they begin empty`];
  return { ...beginning, effects: [...beginning.effects, ...lost] };
}

function beginningBySource({ pipeline: text, position, counts }: BackedUpProcessor, takenAt: string): Beginning {
  const source = sourceOf(text);
  const kind = kindOfSource(source);
  if (kind === "kafka") return { text, ...ofKafka(source, position, takenAt) };
  if (kind === "kinesis") return { text, ...ofKinesis(source, takenAt) };
  if (kind === "other")
    return { text, begins: "at the beginning of its documents", effects: ["all of them are read again"] };
  if (member(source, "config", "startAtOperationTime") !== undefined)
    return { text, begins: "at the time that its file names", effects: ["all changes since that time are read again"] };
  if (position.resumeToken !== undefined && position.resumeToken !== null)
    return {
      text: placedAt(text, { kind: "resume-token", token: position.resumeToken }, ""),
      begins: "after the last change of the backup",
      effects: [`changes that the original processed after ${takenAt} are read again`],
    };
  const copies = isDocument(source["initialSync"]) && source["initialSync"]["enable"] === true;
  if (copies) return { text, begins: "with a copy of the collection", effects: ["every document is read again"] };
  return {
    ...{ text, begins: "now" },
    effects: counts.input === 0 ? [] : [`changes since ${takenAt} are not read: Atlas told no resume token`],
  };
}

type Where = Pick<Beginning, "begins" | "effects">;
type Source = Readonly<Record<string, unknown>>;

const fromStart = new Set<unknown>(["earliest", "beginning", "smallest"]);

function ofKafka(source: Source, { partitions = [] }: BackedUpProcessor["position"], takenAt: string): Where {
  const group = member(source, "config", "group_id");
  const offsets = partitions.map(
    ({ topic, partition, checkpointOffset }) => `${topic ?? ""}/${partition} at ${checkpointOffset}`,
  );
  const known = offsets.length === 0 ? "" : ` (in the backup: ${offsets.join(", ")})`;
  if (typeof group === "string" && group !== "")
    return {
      begins: `where its consumer group ${group} stands${known}`,
      effects: [
        `documents behind what the group committed last are read again`,
        `where ${group} is still used, the two share the partitions between them: stop the original first`,
      ],
    };
  const read = partitions.reduce((sum, { currentOffset }) => sum + currentOffset, 0);
  if (fromStart.has(member(source, "config", "auto_offset_reset")))
    return {
      begins: `at the beginning of its topics${known}`,
      effects: [`everything that they still hold is read again: ${read} documents were read by ${takenAt}`],
    };
  return {
    begins: `at the end of its topics${known}`,
    effects: [`documents that came after ${takenAt} and before it starts are not read: it has no group_id`],
  };
}

function ofKinesis(source: Source, takenAt: string): Where {
  const position = member(source, "config", "initialPosition");
  if (typeof position !== "string" || position === "LATEST")
    return {
      begins: "at the end of its stream",
      effects: [`records after ${takenAt} and before it starts are not read`],
    };
  return { begins: `where initialPosition says: ${position}`, effects: ["records from there on are read again"] };
}

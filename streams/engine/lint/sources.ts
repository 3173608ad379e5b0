import { type Rule, type Subject, connectionType, found, isDocument, member, sourceOf, windowOf } from "./subject.ts";

/** An initial sync reads what is there already, and windows are about what comes. */
const initialSyncWithWindow: Rule = function* (subject) {
  const source = sourceOf(subject);
  if (member(source?.operand, "initialSync", "enable") !== true || windowOf(subject) === undefined) return;
  yield found(subject, [...(source?.path ?? []), "initialSync"], {
    rule: "sources/initial-sync-with-window",
    message: "an initial sync in front of a window",
    why: "Atlas refuses it: documents that were there before have no time that a window could order them by",
    fix: "leave one of the two out, or sync with a processor of its own",
  });
};

const twoStarts: Rule = function* (subject) {
  const source = sourceOf(subject);
  const config = member(source?.operand, "config");
  if (member(config, "startAfter") === undefined || member(config, "startAtOperationTime") === undefined) return;
  yield found(subject, [...(source?.path ?? []), "config", "startAtOperationTime"], {
    ...{ rule: "sources/two-starts", message: "startAfter and startAtOperationTime at once" },
    ...{ why: "a change stream begins in one place", fix: "leave one of the two out" },
  });
};

const timestampStart: Rule = function* (subject) {
  const source = sourceOf(subject);
  const config = member(source?.operand, "config");
  if (member(config, "initialPosition") !== "AT_TIMESTAMP" || member(config, "atTimestamp") !== undefined) return;
  yield found(subject, [...(source?.path ?? []), "config", "initialPosition"], {
    ...{ rule: "sources/timestamp", message: "initialPosition is AT_TIMESTAMP, and atTimestamp is missing" },
    ...{ why: "nothing says at which time to begin", fix: 'add "atTimestamp": {"$date": "..."}' },
  });
};

const collectionWithoutDatabase: Rule = function* (subject) {
  const source = sourceOf(subject);
  if (member(source?.operand, "coll") === undefined || member(source?.operand, "db") !== undefined) return;
  yield found(subject, [...(source?.path ?? []), "coll"], {
    ...{ rule: "sources/collection-without-database", message: "coll without db" },
    ...{ why: "a collection is one of a database", fix: "add db, or leave coll out to watch the whole cluster" },
  });
};

/** The watermark of Kafka is the least of all partitions, so one that is silent holds every window open. */
const idlePartition: Rule = function* (subject) {
  const source = sourceOf(subject);
  const window = windowOf(subject);
  if (source === undefined || window === undefined || member(window.operand, "boundary") === "processingTime") return;
  const type = connectionType(subject, member(source.operand, "connectionName"));
  const field = type === "Kafka" ? "partitionIdleTimeout" : type === "AWSKinesisDataStreams" ? "shardIdleTimeout" : "";
  if (field === "" || member(source.operand, field) !== undefined) return;
  yield found(subject, source.path, {
    ...{ rule: "sources/idle-partition", severity: "warning", message: `a window behind a source without ${field}` },
    why: "one silent partition holds the watermark back, and no window closes",
    fix: `add "${field}": {"size": 1, "unit": "minute"}, or how long a partition may be silent`,
  });
};

const inlineDocuments: Rule = function* (subject) {
  const source = sourceOf(subject);
  if (member(source?.operand, "documents") === undefined) return;
  yield found(subject, [...(source?.path ?? []), "documents"], {
    ...{ rule: "sources/inline-documents", severity: "warning", message: "the source holds its documents itself" },
    why: "the processor reads these and nothing else, which is for trying things out",
    fix: "name a connection, and put documents into tests/<processor>.test.json",
  });
};

const neededTimes = ["wallTime", "clusterTime"];

/** Atlas needs two fields of every change event, and a pipeline at the origin can take them away. */
const changeEventTimes: Rule = function* (subject) {
  const source = sourceOf(subject);
  const pipeline = member(source?.operand, "config", "pipeline");
  if (source === undefined || !Array.isArray(pipeline)) return;
  for (const [index, stage] of pipeline.entries()) {
    const lost = neededTimes.filter((name) => loses(stage, name));
    if (lost.length > 0)
      yield found(subject, [...source.path, "config", "pipeline", index], {
        ...{
          rule: "sources/change-event-times",
          message: `the source's own pipeline takes ${lost.join(" and ")} away`,
        },
        why: "Atlas takes the time of an event from these fields",
        fix: "leave them as they are",
      });
  }
};

function loses(stage: unknown, name: string): boolean {
  const unset = member(stage, "$unset");
  const project = member(stage, "$project");
  if (unset === name || (Array.isArray(unset) && unset.includes(name))) return true;
  if (!isDocument(project)) return false;
  const includes = Object.entries(project).some(([key, value]) => key !== "_id" && value !== 0 && value !== false);
  return includes ? !(name in project) : name in project;
}

export const sources: readonly Rule[] = [
  initialSyncWithWindow,
  twoStarts,
  timestampStart,
  collectionWithoutDatabase,
  idlePartition,
  inlineDocuments,
  changeEventTimes,
];

/** Collection that a change stream watches, as `connection/db/coll`; none for other sources and for several at once. */
export function watchedCollection(subject: Pick<Subject, "uses">): string | undefined {
  const operand = sourceOf(subject)?.operand;
  const coll = member(operand, "coll");
  const only = Array.isArray(coll) && coll.length === 1 ? (coll[0] as unknown) : coll;
  return collectionName({ connectionName: member(operand, "connectionName"), db: member(operand, "db"), coll: only });
}

/** A collection by its connection, as one text; undefined where a part is missing or is not fixed. */
export function collectionName(value: unknown): string | undefined {
  const parts = ["connectionName", "db", "coll"].map((key) => member(value, key));
  return parts.every((part) => typeof part === "string" && !part.startsWith("$")) ? parts.join("/") : undefined;
}

import {
  type Rule,
  type StageUse,
  type Subject,
  connectionType,
  found,
  isDocument,
  member,
  sourceOf,
} from "./subject.ts";
import { collectionName, watchedCollection } from "./sources.ts";

const sinkNamed = (subject: Subject, name: string): StageUse | undefined =>
  subject.uses.find((use) => use.name === name && use.place === "main");

const matched = ["replace", "keepExisting", "merge", "delete"];
const notMatched = ["insert", "discard"];

const mergeModes: Rule = function* (subject) {
  const merge = sinkNamed(subject, "$merge");
  for (const [name, words] of [
    ["whenMatched", matched],
    ["whenNotMatched", notMatched],
  ] as const) {
    const value = member(merge?.operand, name);
    const pipeline = name === "whenMatched" && Array.isArray(value);
    const expression = isDocument(value) || (typeof value === "string" && value.startsWith("$"));
    if (merge === undefined || value === undefined || pipeline || expression || words.includes(value as string))
      continue;
    yield found(subject, [...merge.path, name], {
      ...{ rule: "sinks/merge-mode", message: `${name} is none of ${words.join(", ")}` },
      why: "streams merge in these ways; others are the database's",
      fix: `write one of ${words.join(", ")}${name === "whenMatched" ? ", a pipeline" : ""} or an expression`,
    });
  }
};

/** Sources whose documents bring no `_id` of their own. */
const withoutId: ReadonlySet<string> = new Set(["Kafka", "AWSKinesisDataStreams", "Sample"]);

/**
 * Streams deliver at least once. A document that is written again must find itself: by fields that `on` names, or by an `_id` that is the
 * same each time.
 */
const idempotentMerge: Rule = function* (subject) {
  const merge = sinkNamed(subject, "$merge");
  const type = connectionType(subject, member(sourceOf(subject)?.operand, "connectionName"));
  if (merge === undefined || member(merge.operand, "on") !== undefined || !withoutId.has(type ?? "")) return;
  if (subject.uses.some(setsId)) return;
  yield found(subject, merge.path, {
    ...{ rule: "sinks/not-idempotent", severity: "warning", message: "$merge has no on, and no stage sets _id" },
    why: "streams deliver at least once: after a restart the same documents are inserted again, with new ids",
    fix: 'add "on" with fields of a unique index, or set _id from the document',
  });
};

function setsId({ name, operand }: StageUse): boolean {
  if (name === "$group" || name === "$replaceRoot" || name === "$replaceWith") return true;
  if (name !== "$addFields" && name !== "$set" && name !== "$project") return false;
  const id = member(operand, "_id");
  return id !== undefined && id !== 0 && id !== false && id !== 1 && id !== true;
}

const adding = new Set(["$add", "$sum", "$subtract", "$multiply", "$concatArrays", "$concat"]);

/** What adds the new to what is there counts a document twice that is delivered twice. */
const addsUp: Rule = function* (subject) {
  const merge = sinkNamed(subject, "$merge");
  const pipeline = member(merge?.operand, "whenMatched");
  if (merge === undefined || !Array.isArray(pipeline) || !addsToExisting(pipeline)) return;
  yield found(subject, [...merge.path, "whenMatched"], {
    ...{ rule: "sinks/adds-up", severity: "warning", message: "whenMatched adds to what is there" },
    why: "streams deliver at least once: what is delivered again is counted again",
    fix: "write whole results of windows, or remember in the target which ones were counted",
  });
};

function addsToExisting(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(addsToExisting);
  if (!isDocument(value)) return false;
  return Object.entries(value).some(([key, inside]) => {
    if (!adding.has(key) || !Array.isArray(inside)) return addsToExisting(inside);
    const terms = inside.map((term) => JSON.stringify(term));
    return (
      terms.some((term) => term.includes('"$$new')) &&
      terms.some((term) => /"\$[^$]/.test(term.replaceAll(/"\$\w+":/g, "")))
    );
  });
}

const emitKeys: Rule = function* (subject) {
  const emit = sinkNamed(subject, "$emit");
  const config = member(emit?.operand, "config");
  if (emit === undefined) return;
  const key = member(config, "key");
  if (key !== undefined && member(config, "keyFormat") === undefined)
    yield found(subject, [...emit.path, "config", "key"], {
      ...{ rule: "sinks/key-format", message: "key without keyFormat" },
      ...{ why: "keys are bytes to Kafka: Atlas must know how to make them", fix: 'add "keyFormat": "string"' },
    });
  if (key === undefined && member(config, "tombstoneWhen") !== undefined)
    yield found(subject, [...emit.path, "config", "tombstoneWhen"], {
      ...{ rule: "sinks/tombstone", severity: "warning", message: "tombstones without key" },
      ...{ why: "Kafka compacts by key: without one nothing is removed", fix: "add key and keyFormat" },
    });
};

const bulkInterval: Rule = function* (subject) {
  const emit = sinkNamed(subject, "$emit");
  const interval = member(emit?.operand, "config", "writeOptions", "interval");
  const days = { ms: 1 / 86_400_000, second: 1 / 86_400, minute: 1 / 1440, hour: 1 / 24, day: 1 };
  const unit = member(interval, "unit");
  const length = Number(member(interval, "size")) * (days[unit as keyof typeof days] ?? Number.NaN);
  if (emit !== undefined && length > 7)
    yield found(subject, [...emit.path, "config", "writeOptions", "interval"], {
      ...{ rule: "sinks/interval", message: "files are written less than once in seven days" },
      ...{ why: "Atlas waits for seven days at the most", fix: "make the interval shorter" },
    });
};

const icebergPartitions: Rule = function* (subject) {
  const iceberg = sinkNamed(subject, "$iceberg");
  if (iceberg === undefined) return;
  const path = [...iceberg.path, "partitionedBy"];
  const [first] = subject.processor.document.keys(path);
  const named = member(iceberg.operand, "idFieldName");
  const id = typeof named === "string" ? named : "_id";
  if (first !== undefined && first !== id)
    yield found(subject, path, {
      ...{ rule: "sinks/iceberg-partition", message: `partitionedBy does not begin with ${id}` },
      ...{ why: "the first transform is that of the row's key", fix: `name ${id} first` },
    });
};

const loop: Rule = function* (subject) {
  const merge = sinkNamed(subject, "$merge");
  const into = collectionName(member(merge?.operand, "into"));
  if (merge === undefined || into === undefined || into !== watchedCollection(subject)) return;
  yield found(subject, [...merge.path, "into"], {
    ...{ rule: "sinks/loop", severity: "warning", message: "the processor writes where it reads" },
    why: "each document that it writes is a change that it reads again",
    fix: "write into another collection, or leave out what the processor wrote itself with $match",
  });
};

export const sinks: readonly Rule[] = [
  ...[mergeModes, idempotentMerge, addsUp, emitKeys],
  ...[bulkInterval, icebergPartitions, loop],
];

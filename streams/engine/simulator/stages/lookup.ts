import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import { durationOf } from "../windows/duration.ts";
import { keyOf } from "../values/compare.ts";
import { valueAt } from "../values/paths.ts";
import { type Doc, isDoc } from "../values/types.ts";
import type { Collection } from "../world/collection.ts";
import { runPipeline } from "./nested.ts";
import { addingField } from "./as-field.ts";
import { type Envelope, type StageContext, type StageMaker, fieldsOf, textField } from "./stage.ts";

interface Source {
  connectionName: string;
  db: string;
  name: string;
}

function sourceOf(stage: string, from: unknown, path: JsonPath, { within }: StageContext): Source {
  if (typeof from === "string" && within !== undefined)
    return { ...within, name: `${within.connectionName}.${within.db}.${from}` };
  if (within !== undefined)
    throw new PipelineRefused("a $lookup inside another takes the name of a collection of the same connection", path);
  const given = fieldsOf(stage, from, path, ["connectionName", "db", "coll"]);
  const [connectionName, db, coll] = ["connectionName", "db", "coll"].map((name) =>
    textField(stage, given, name, path),
  );
  if (connectionName === undefined || db === undefined || coll === undefined)
    throw new Error("three names were asked for");
  return { connectionName, db, name: `${connectionName}.${db}.${coll}` };
}

/** Documents whose field is what the local one is; an element of a list on either side is enough. */
function joined(collection: Collection, foreignField: string, local: unknown): Doc[] {
  if (!Array.isArray(local)) return collection.where(foreignField, local ?? null);
  const found = new Set((local as unknown[]).flatMap((value) => collection.where(foreignField, value)));
  return [...found];
}

type Find = (envelope: Envelope) => Doc[];

function equality(stage: string, given: Doc, path: JsonPath, source: Source, { world }: StageContext): Find {
  const local = textField(stage, given, "localField", path).split(".");
  const foreign = textField(stage, given, "foreignField", path);
  return ({ doc }) => joined(world.collection(source.name), foreign, valueAt(doc, local));
}

/** `$lookup`: an outer join with a collection, by equal fields, by a pipeline, or by both. */
export const lookup: StageMaker = (argument, path, context) => {
  const known = ["from", "localField", "foreignField", "let", "pipeline", "as", "parallelism", "partitionBy"];
  const given = fieldsOf("$lookup", argument, path, known);
  const as = textField("$lookup", given, "as", path);
  const add = addingField(as, path);
  const source = sourceOf("$lookup", given["from"], [...path, "from"], context);
  const equal = Object.hasOwn(given, "localField") || Object.hasOwn(given, "foreignField");
  if (!equal && given["pipeline"] === undefined)
    throw new PipelineRefused("$lookup needs localField and foreignField, or a pipeline", path);
  const find: Find = equal
    ? equality("$lookup", given, path, source, context)
    : () => context.world.collection(source.name).documents;
  const refine = given["pipeline"] === undefined ? undefined : nested(given, path, source, context);
  return (envelope) => {
    const found = find(envelope);
    return add(envelope, refine === undefined ? found : refine(envelope, found));
  };
};

function nested(given: Doc, path: JsonPath, source: Source, context: StageContext) {
  const declared = given["let"] ?? {};
  if (!isDoc(declared)) throw new PipelineRefused("let takes an object", [...path, "let"]);
  const variables = Object.entries(declared).map(
    ([name, value]) => [name, context.evaluator.expression(value, [...path, "let", name])] as const,
  );
  const within = { connectionName: source.connectionName, db: source.db };
  const run = runPipeline(given["pipeline"], [...path, "pipeline"], { ...context, within });
  return ({ doc, meta, time }: Envelope, found: readonly Doc[]): Doc[] => {
    const bound = Object.fromEntries(variables.map(([name, value]) => [name, value(doc, meta)]));
    return context.evaluator.binding(bound, () => run(found, meta, time));
  };
}

/** `$cachedLookup`: the same by equal fields, with answers that are kept for a while. */
export const cachedLookup: StageMaker = (argument, path, context) => {
  const known = ["ttl", "maxMemUsageBytes", "from", "localField", "foreignField", "as"];
  const given = fieldsOf("$cachedLookup", argument, path, known);
  const ttl = durationOf(given["ttl"], [...path, "ttl"]);
  const add = addingField(textField("$cachedLookup", given, "as", path), path);
  const source = sourceOf("$cachedLookup", given["from"], [...path, "from"], context);
  const find = equality("$cachedLookup", given, path, source, context);
  const local = textField("$cachedLookup", given, "localField", path).split(".");
  const answers = new Map<string, { until: number; found: Doc[] }>();
  return (envelope) => {
    const key = keyOf(valueAt(envelope.doc, local) ?? null);
    const { now } = context.world;
    let answer = answers.get(key);
    if (answer === undefined || now >= answer.until) {
      answer = { until: now + ttl, found: find(envelope) };
      answers.set(key, answer);
    }
    return add(envelope, answer.found);
  };
};

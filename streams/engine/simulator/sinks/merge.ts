import type { JsonPath } from "../../json/document.ts";
import { CannotSimulate, DocumentError, PipelineRefused } from "../errors.ts";
import type { Compiled } from "../expressions/evaluator.ts";
import {
  type Envelope,
  type Stage,
  type StageContext,
  fieldsOf,
  perDocument,
  textField,
  withDoc,
} from "../stages/stage.ts";
import { equalValues } from "../values/compare.ts";
import { valueAt } from "../values/paths.ts";
import { type Doc, isDoc } from "../values/types.ts";
import type { Collection } from "../world/collection.ts";
import { type Sink, type Written, nameOf, projected } from "./sink.ts";

const matchedModes = ["merge", "replace", "keepExisting", "delete"] as const;
const unmatchedModes = ["insert", "discard"] as const;
type Matched = (typeof matchedModes)[number];
type Unmatched = (typeof unmatchedModes)[number];
type Action = NonNullable<Written["action"]>;

interface Change {
  collection: Collection;
  envelope: Envelope;
  doc: Doc;
}

/** `$merge`: writes documents into collections. */
export function mergeSink(argument: unknown, path: JsonPath, context: StageContext): Sink {
  const given = fieldsOf("$merge", argument, path, [
    "into",
    "on",
    "let",
    "whenMatched",
    "whenNotMatched",
    "parallelism",
  ]);
  const at = [...path, "into"];
  const into = fieldsOf("$merge", given["into"], at, ["connectionName", "db", "coll"]);
  const connectionName = textField("$merge", into, "connectionName", at);
  const db = nameOf("$merge", "db", into["db"], at, context);
  const coll = nameOf("$merge", "coll", into["coll"], at, context);
  const on = fieldsOn(given["on"], [...path, "on"]);
  const matched = whenMatched(given, path, context);
  const unmatched = modeOf(given["whenNotMatched"], unmatchedModes, "insert", [...path, "whenNotMatched"], context);
  const [reachMatched, reachUnmatched] = [context.point(path, "whenMatched"), context.point(path, "whenNotMatched")];
  return {
    name: "$merge",
    path,
    write(envelope) {
      const { doc, meta } = envelope;
      const name = [connectionName, db(doc, meta), coll(doc, meta)].join(".");
      const collection = context.world.sink(name);
      const change = { collection, envelope, doc: projected(envelope, context) };
      const values = on.map((field) => onValue(doc, field));
      const existing = values.includes(undefined) ? undefined : collection.match(on, values);
      (existing === undefined ? reachUnmatched : reachMatched)();
      const action = existing === undefined ? insert(change, unmatched(envelope), context) : matched(change, existing);
      return { into: name, doc, action };
    },
  };
}

function fieldsOn(on: unknown, path: JsonPath): string[] {
  const fields: unknown[] = on === undefined ? ["_id"] : Array.isArray(on) ? on : [on];
  if (fields.length === 0 || fields.some((field) => typeof field !== "string" || field === ""))
    throw new PipelineRefused("on takes a field or a list of fields", path);
  return fields as string[];
}

/** What a document is found by. `_id` may be missing: the cluster makes one. */
function onValue(doc: Doc, field: string): unknown {
  const value = valueAt(doc, field.split("."));
  if (field === "_id" && value === undefined) return undefined;
  if (value === null || value === undefined || Array.isArray(value))
    throw new DocumentError(`$merge write error: 'on' field '${field}' cannot be missing, null, undefined or an array`);
  return value;
}

/** A mode, or an expression that gives one for every document. */
function modeOf<T extends string>(
  given: unknown,
  modes: readonly T[],
  otherwise: T,
  path: JsonPath,
  { evaluator }: StageContext,
): (envelope: Envelope) => T {
  if (given === undefined) return () => otherwise;
  const named = modes.find((mode) => mode === given);
  if (named !== undefined) return () => named;
  if (!isDoc(given) && !(typeof given === "string" && given.startsWith("$")))
    throw new PipelineRefused(
      `got ${JSON.stringify(given)}, expected one of ${modes.join(", ")} or an expression`,
      path,
    );
  const compiled = evaluator.expression(given, path);
  return ({ doc, meta }) => {
    const value = compiled(doc, meta);
    const found = modes.find((mode) => mode === value);
    if (found !== undefined) return found;
    if (value === "pipeline" || value === "expression")
      throw new CannotSimulate(`an expression that gives "${value}"`, path);
    throw new DocumentError(
      `Failed to evaluate ${String(path.at(-1))} expression in $merge: got ${JSON.stringify(value)}`,
    );
  };
}

type WhenMatched = (change: Change, existing: Doc) => Action;

function whenMatched(given: Doc, path: JsonPath, context: StageContext): WhenMatched {
  const mode = given["whenMatched"];
  if (Array.isArray(mode)) return updating(mode as unknown[], given["let"], path, context);
  const modeFor = modeOf<Matched>(mode, matchedModes, "merge", [...path, "whenMatched"], context);
  return (change, existing) => matchedBy[modeFor(change.envelope)](change, existing);
}

const matchedBy: Readonly<Record<Matched, WhenMatched>> = {
  keepExisting: () => "kept",
  delete: ({ collection }, existing) => {
    collection.delete(existing);
    return "deleted";
  },
  replace: ({ collection, doc }, existing) => {
    collection.put(withId(doc, existing));
    return "replaced";
  },
  merge: ({ collection, doc }, existing) => {
    collection.put({ ...existing, ...withId(doc, existing) });
    return "merged";
  },
};

/** A document that takes the place of another has its `_id`. */
function withId(doc: Doc, { _id }: Doc): Doc {
  if (!Object.hasOwn(doc, "_id")) return { _id, ...doc };
  if (equalValues(doc["_id"], _id)) return doc;
  throw new DocumentError("$merge write error: the field '_id' is immutable and would be changed");
}

/** A pipeline changes the document that is there; it sees the new one as `$$new`. */
function updating(stages: readonly unknown[], declared: unknown, path: JsonPath, context: StageContext): WhenMatched {
  const { evaluator } = context;
  if (declared !== undefined && !isDoc(declared)) throw new PipelineRefused("let takes an object", [...path, "let"]);
  const variables: [string, Compiled][] = Object.entries(declared ?? { new: "$$ROOT" }).map(([name, value]) => [
    name,
    evaluator.expression(value, [...path, "let", name]),
  ]);
  const compiled: Stage[] = perDocument(context.segments(stages, [...path, "whenMatched"], "merge", context));
  return ({ collection, envelope, doc }, existing) => {
    const bound = Object.fromEntries(variables.map(([name, value]) => [name, value(doc, envelope.meta)]));
    const updated = evaluator.binding(bound, () =>
      compiled.reduce(
        (current, stage) => {
          stage.reached();
          return stage.apply(current) as Envelope;
        },
        withDoc(envelope, existing),
      ),
    );
    collection.put(withId(updated.doc, existing));
    return "updated";
  };
}

function insert({ collection, doc }: Change, mode: Unmatched, { world }: StageContext): Action {
  if (mode === "discard") return "discarded";
  const identified = Object.hasOwn(doc, "_id") ? doc : { _id: world.ids.objectId(), ...doc };
  if (collection.has(identified["_id"]))
    throw new DocumentError(
      `$merge write error: E11000 duplicate key error collection: ${collection.name} index: _id_`,
    );
  collection.put(identified);
  return "inserted";
}

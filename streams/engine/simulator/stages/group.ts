import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import { keyOf } from "../values/compare.ts";
import { fromEjson, toEjson } from "../values/ejson.ts";
import { type Doc, isDoc } from "../values/types.ts";
import { accumulationOf, stateToSave } from "./accumulators.ts";
import type { Gathering } from "./blocking.ts";
import type { Envelope, StageContext } from "./stage.ts";

interface Group {
  id: unknown;
  states: unknown[];
}

/**
 * `$group`: keeps what its accumulators need and no document. Groups whose keys have the same fields in another order are two, as in MongoDB.
 */
export function groupStage(argument: unknown, path: JsonPath, { evaluator }: StageContext) {
  if (!isDoc(argument) || !Object.hasOwn(argument, "_id")) throw new PipelineRefused("$group needs _id", path);
  const { _id, ...rest } = argument;
  const idOf = evaluator.expression(_id, [...path, "_id"]);
  const fields = Object.entries(rest).map(([field, specification]) => {
    const at = [...path, field];
    if (field.includes(".")) throw new PipelineRefused(`the field name '${field}' cannot contain '.'`, at);
    const { input, accumulator } = accumulationOf(specification, at);
    const [name = ""] = Object.keys(specification as Doc);
    return { field, accumulator, value: evaluator.expression(input, [...at, name]) };
  });
  return (saved?: unknown): Gathering => {
    const groups = new Map<string, Group>();
    for (const group of (fromEjson(saved) as Group[] | undefined) ?? []) groups.set(keyOf(group.id), group);
    return {
      add({ doc, meta }: Envelope) {
        const id = idOf(doc, meta) ?? null;
        // Everything is evaluated before anything is added: a document that fails leaves no part of itself.
        const values = fields.map(({ value }) => value(doc, meta));
        fields.forEach(({ accumulator }, index) => accumulator.check?.(values[index]));
        const key = keyOf(id);
        let group = groups.get(key);
        if (group === undefined) {
          group = { id, states: fields.map(({ accumulator }) => accumulator.start()) };
          groups.set(key, group);
        }
        const { states } = group;
        fields.forEach(({ accumulator }, index) => (states[index] = accumulator.add(states[index], values[index])));
      },
      finish: (meta, time) =>
        [...groups.values()].map(({ id, states }) => {
          const made = fields.map(
            ({ field, accumulator }, index) => [field, accumulator.finish(states[index])] as const,
          );
          return { doc: { _id: id, ...Object.fromEntries(made) }, meta, time };
        }),
      save: () => toEjson([...groups.values()].map(({ id, states }) => ({ id, states: states.map(stateToSave) }))),
    };
  };
}

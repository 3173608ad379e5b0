import { Coverage } from "../../../streams/engine/simulator/coverage.ts";
import { Evaluator } from "../../../streams/engine/simulator/expressions/evaluator.ts";
import type { Meta } from "../../../streams/engine/simulator/expressions/runtime.ts";
import { fromEjson, toEjson } from "../../../streams/engine/simulator/values/ejson.ts";
import type { Doc } from "../../../streams/engine/simulator/values/types.ts";
import { Ids } from "../../../streams/engine/simulator/world/ids.ts";

export const meta: Meta = { source: { type: "kafka", topic: "orders", offset: 7 }, window: { start: new Date(0) } };

/** An evaluator whose clock shows 2026-01-02T03:04:05.678Z. */
export function evaluator(coverage = new Coverage()): Evaluator {
  const ids = new Ids("seq");
  const runtime = {
    meta,
    functionTimeoutMs: 200,
    now: () => Date.parse("2026-01-02T03:04:05.678Z"),
    uuid: () => ids.uuid(),
    objectId: () => ids.objectId(),
    random: () => ids.random(),
    took: (expression: object, branch: string) => coverage.took(expression, branch),
  };
  return new Evaluator(runtime, (expression, path, names) => coverage.branches(expression, path, names));
}

/** The value of an expression, both as Extended JSON; "missing" where it has none, an Error where it fails. */
export function valueOf(expression: unknown, doc: Doc, using = evaluator()): unknown {
  try {
    const value = using.expression(fromEjson(expression), [])(doc, meta);
    return value === undefined ? "missing" : toEjson(value);
  } catch (error) {
    return error;
  }
}

/** Whether a document fulfils a condition. */
export const fulfils = (condition: unknown, doc: Doc): boolean =>
  evaluator().condition(fromEjson(condition), [])(doc, meta);

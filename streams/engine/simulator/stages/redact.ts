import type { Compiled } from "../expressions/evaluator.ts";
import type { Meta } from "../expressions/runtime.ts";
import { type Doc, isDoc } from "../values/types.ts";

/** What a `$redact` expression leaves of a document; undefined for nothing. Objects inside are asked about one by one. */
export function evaluatesTo(expression: Compiled): (doc: Doc, meta: Meta) => Doc | undefined {
  const decide = (doc: Doc, meta: Meta): Doc | undefined => {
    const verdict = expression(doc, meta);
    if (verdict === "$$KEEP") return doc;
    if (verdict === "$$PRUNE") return undefined;
    if (verdict !== "$$DESCEND")
      throw new Error(
        "$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE",
      );
    const result: Doc = {};
    for (const [key, value] of Object.entries(doc)) {
      const inner = inside(value, meta);
      if (inner !== undefined) result[key] = inner;
    }
    return result;
  };
  const inside = (value: unknown, meta: Meta): unknown => {
    if (Array.isArray(value)) return value.map((item) => inside(item, meta)).filter((item) => item !== undefined);
    return isDoc(value) ? decide(value, meta) : value;
  };
  return decide;
}

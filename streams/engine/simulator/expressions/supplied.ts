import { CannotSimulate } from "../errors.ts";
import { valueAt } from "../values/paths.ts";
import { bytesOf } from "../values/compare.ts";
import { bsonSize } from "../values/size.ts";
import { Binary, type Doc, Timestamp, Uuid, isDoc } from "../values/types.ts";
import { type Operators, evaluate, isNil, truthy, unary } from "./operator.ts";
import { callScript } from "./script.ts";
import type { ExpressionRuntime } from "./runtime.ts";

/** Operators that need to know more than the document: its metadata, the clock, what is random. */
export function supplied(runtime: ExpressionRuntime): Operators {
  return {
    $meta: (_, path) => {
      const [root, ...parts] = String(path).split(".");
      if (root !== "stream") throw new CannotSimulate(`$meta ${JSON.stringify(path)}`);
      return valueAt(runtime.meta, parts);
    },
    $currentDate: () => new Date(runtime.now()),
    $createUUID: () => runtime.uuid(),
    $rand: () => runtime.random(),
    $function: (object, argument, scope) => {
      const { body, args = [] } = argument as Doc;
      return callScript(String(body), evaluate(object, args, scope) as unknown[], runtime.functionTimeoutMs);
    },
    $bsonSize: unary((value) => {
      if (isNil(value)) return null;
      if (!isDoc(value)) throw new Error("$bsonSize requires a document input");
      return bsonSize(value);
    }),
    $binarySize: unary((value) => {
      if (isNil(value)) return null;
      if (typeof value === "string") return Buffer.byteLength(value);
      if (value instanceof Binary || value instanceof Uuid) return bytesOf(value).length;
      throw new Error("$binarySize requires a string or BinData argument");
    }),
    $tsSecond: unary((value) => timestamp("$tsSecond", value)?.seconds ?? null),
    $tsIncrement: unary((value) => timestamp("$tsIncrement", value)?.increment ?? null),
    ...conditions(runtime),
  };
}

function timestamp(name: string, value: unknown): Timestamp | null {
  if (isNil(value)) return null;
  if (value instanceof Timestamp) return value;
  throw new Error(`Argument to ${name} must be a timestamp`);
}

/** Operators with branches: which of them a document took is what coverage is about. */
function conditions(runtime: ExpressionRuntime): Operators {
  return {
    $cond: (object, argument, scope) => {
      const given = argument as Doc;
      const branch = truthy(evaluate(object, given["if"], scope)) ? "then" : "else";
      runtime.took(given, branch);
      return evaluate(object, given[branch], scope);
    },
    $switch: (object, argument, scope) => {
      const given = argument as { branches: readonly { case: unknown; then: unknown }[] } & Doc;
      const index = given.branches.findIndex((branch) => truthy(evaluate(object, branch.case, scope)));
      runtime.took(given, index < 0 ? "default" : String(index));
      if (index >= 0) return evaluate(object, given.branches[index]?.then, scope);
      if (Object.hasOwn(given, "default")) return evaluate(object, given["default"], scope);
      throw new Error("$switch could not find a matching branch for an input, and no default was specified.");
    },
    $ifNull: (object, argument, scope) => {
      const choices = argument as readonly unknown[];
      for (const [index, choice] of choices.entries()) {
        const value = evaluate(object, choice, scope);
        if (isNil(value) && index < choices.length - 1) continue;
        runtime.took(choices, String(index));
        return value;
      }
      return null;
    },
  };
}

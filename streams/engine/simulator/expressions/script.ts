import { Script, createContext } from "node:vm";
import { fromEjson, toEjson } from "../values/ejson.ts";

const scripts = new Map<string, Script>();

/**
 * Calls a function that a pipeline holds as text. It gets and gives Extended JSON inside a context of its own, which has nothing of Node and makes
 * no code of strings. That keeps an honest function apart; it is no wall against a hostile one.
 */
export function callScript(body: string, args: readonly unknown[], timeout: number): unknown {
  let script = scripts.get(body);
  if (script === undefined) {
    script = new Script(`${dates}JSON.stringify(toEjson((${body}\n).apply(null, fromEjson(JSON.parse(given)))))`, {
      filename: "$function",
    });
    scripts.set(body, script);
  }
  const context = createContext(
    { given: JSON.stringify(toEjson(args)) },
    { codeGeneration: { strings: false, wasm: false } },
  );
  const text = script.runInContext(context, { timeout }) as string | undefined;
  return text === undefined ? null : fromEjson(JSON.parse(text) as unknown);
}

/** Dates are dates inside, too; other types of BSON are objects of Extended JSON there. */
const dates = `
const fromEjson = (v) => Array.isArray(v) ? v.map(fromEjson) : v === null || typeof v !== "object" ? v
  : typeof v.$date === "string" ? new Date(v.$date)
  : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, fromEjson(x)]));
const toEjson = (v) => Array.isArray(v) ? v.map(toEjson) : v instanceof Date ? { $date: v.toISOString() }
  : v === null || typeof v !== "object" ? v
  : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, toEjson(x)]));
`;

import type { JsonPath } from "../../json/document.ts";
import { PipelineRefused } from "../errors.ts";
import { type Doc, isDoc, own } from "../values/types.ts";

/** What happens to a field: it is kept, dropped, or computed. */
export type Leaf = "keep" | "drop" | ((root: Doc) => unknown);
/** Fields by name, those inside of objects as trees of their own. */
export type Tree = Map<string, Leaf | Tree>;

/** Puts a leaf into a tree at a path such as `a.b`. @throws PipelineRefused where two are about the same field */
export function plant(tree: Tree, field: string, leaf: Leaf, path: JsonPath): void {
  const parts = field.split(".");
  if (parts.some((part) => part === "" || part.startsWith("$") || part === "__proto__"))
    throw new PipelineRefused(`${JSON.stringify(field)} is no path of a field`, path);
  let at = tree;
  for (const part of parts.slice(0, -1)) {
    const inner = at.get(part) ?? new Map<string, Leaf | Tree>();
    if (!(inner instanceof Map)) throw new PipelineRefused(`two specifications are about ${field}`, path);
    at.set(part, inner);
    at = inner;
  }
  const last = parts.at(-1) ?? "";
  if (at.has(last)) throw new PipelineRefused(`two specifications are about ${field}`, path);
  at.set(last, leaf);
}

/** A value with some fields computed and all others as they are. Copies what it changes, and nothing else. */
export function withComputed(value: unknown, tree: Tree, root: Doc): unknown {
  if (Array.isArray(value)) return value.map((item) => withComputed(item, tree, root));
  const result: Doc = isDoc(value) ? { ...value } : {};
  for (const [name, branch] of tree) {
    const inner = branch instanceof Map ? withComputed(own(result, name), branch, root) : computed(branch, root);
    if (inner === undefined) delete result[name];
    else result[name] = inner;
  }
  return result;
}

const computed = (leaf: Leaf, root: Doc) => (typeof leaf === "function" ? leaf(root) : undefined);

/** A value without some fields. */
export function without(value: unknown, tree: Tree): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, tree));
  if (!isDoc(value)) return value;
  const result: Doc = {};
  for (const name of Object.keys(value)) {
    const branch = tree.get(name);
    if (branch === undefined) result[name] = value[name];
    else if (branch instanceof Map) result[name] = without(value[name], branch);
  }
  return result;
}

/** A value with nothing but some fields: those that are kept in the value's order, then those that are computed. */
export function only(value: unknown, tree: Tree, root: Doc): unknown {
  if (Array.isArray(value)) return value.map((item) => only(item, tree, root)).filter((item) => item !== undefined);
  const result: Doc = {};
  if (isDoc(value))
    for (const name of Object.keys(value)) {
      const branch = tree.get(name);
      const inner =
        branch === "keep" ? value[name] : branch instanceof Map ? only(value[name], branch, root) : undefined;
      if (inner !== undefined) result[name] = inner;
    }
  let made = false;
  for (const [name, branch] of tree) {
    if (branch === "keep" || branch === "drop" || Object.hasOwn(result, name)) continue;
    const inner = branch instanceof Map ? (computes(branch) ? only(undefined, branch, root) : undefined) : branch(root);
    if (inner === undefined) continue;
    result[name] = inner;
    made = true;
  }
  return isDoc(value) || made ? result : undefined;
}

/** Whether anything in a tree is computed. */
export function computes(tree: Tree): boolean {
  return [...tree.values()].some(
    (branch) => typeof branch === "function" || (branch instanceof Map && computes(branch)),
  );
}

import { isUnknown } from "../unknown.ts";
import { contentHash } from "./marshal.ts";

export type DifferenceKind = "add" | "update" | "delete";

export interface Difference {
  /** Property path as the engine writes it: `tags.owner`, `rules[0].port`, `data["a.b"]`. */
  path: string;
  kind: DifferenceKind;
  replace: boolean;
}

export interface DiffRules {
  /** Property paths whose change replaces the resource; a path also covers everything below it. */
  replaceOn: readonly string[];
}

/** What the new inputs change, by property. Values that a preview does not know yet count as changed. */
export function diffProperties(olds: object, news: object, rules: DiffRules): Difference[] {
  const found: { path: string; kind: DifferenceKind }[] = [];
  walk(olds, news, "", found);
  return found.map((difference) => ({
    ...difference,
    replace: rules.replaceOn.some((key) => covers(key, difference.path)),
  }));
}

/** Whether two values are the same to a resource: assets by their hash, absent and null alike. */
export function sameValue(a: unknown, b: unknown): boolean {
  const found: { path: string; kind: DifferenceKind }[] = [];
  walk({ value: a }, { value: b }, "", found);
  return found.length === 0;
}

function walk(olds: unknown, news: unknown, path: string, found: { path: string; kind: DifferenceKind }[]): void {
  if (olds === news && !isUnknown(news)) return;
  const absentBefore = olds === undefined || olds === null;
  const absentAfter = news === undefined || news === null;
  if (absentBefore && absentAfter) return;
  if (absentBefore || absentAfter) {
    found.push({ path, kind: absentBefore ? "add" : "delete" });
    return;
  }
  const hash = contentHash(olds);
  if (hash !== undefined && hash === contentHash(news)) return;
  if (hash === undefined && bothContainers(olds, news)) walkContainers(olds, news, path, found);
  else found.push({ path, kind: "update" });
}

function walkContainers(
  olds: object,
  news: object,
  path: string,
  found: { path: string; kind: DifferenceKind }[],
): void {
  const isList = Array.isArray(olds);
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    const below = isList ? `${path}[${key}]` : joinPath(path, key);
    walk((olds as Record<string, unknown>)[key], (news as Record<string, unknown>)[key], below, found);
  }
}

function bothContainers(a: unknown, b: unknown): boolean {
  return typeof a === "object" && typeof b === "object" && Array.isArray(a) === Array.isArray(b);
}

function joinPath(path: string, key: string): string {
  if (/^[A-Za-z_$][\w$-]*$/.test(key)) return path === "" ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(key)}]`;
}

function covers(key: string, path: string): boolean {
  return path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`) || key.startsWith(`${path}.`);
}

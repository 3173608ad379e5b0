import type { JsonDocument, JsonPath } from "../json/document.ts";
import { isSecret } from "../lint/secrets.ts";
import { isDocument } from "../lint/subject.ts";

/** One difference inside of a stage. Values are compact JSON; secrets are masked, long ones shortened. */
export interface ValueChange {
  kind: "added" | "removed" | "changed" | "reordered";
  /** Path below the stage. */
  path: JsonPath;
  before?: string;
  after?: string;
}

/** A part of a document: the value, and where it stands. */
export interface Part {
  document: JsonDocument;
  path: JsonPath;
  value: unknown;
}

/** Everything in which two parts differ. Order of keys is meaning, so it counts. */
export function valueChanges(before: Part, after: Part, path: JsonPath = []): ValueChange[] {
  if (isDocument(before.value) && isDocument(after.value)) return documentChanges(before, after, path);
  if (Array.isArray(before.value) && Array.isArray(after.value)) return listChanges(before, after, path);
  if (Object.is(before.value, after.value)) return [];
  return [{ kind: "changed", path, before: shown(before), after: shown(after) }];
}

const child = ({ document, path, value }: Part, key: string | number): Part => ({
  document,
  path: [...path, key],
  value: (value as Record<string | number, unknown>)[key],
});

function documentChanges(before: Part, after: Part, path: JsonPath): ValueChange[] {
  const [old, now] = [before.document.keys(before.path), after.document.keys(after.path)];
  const [inOld, inNow] = [new Set(old), new Set(now)];
  const changes: ValueChange[] = [
    ...old
      .filter((key) => !inNow.has(key))
      .map((key) => ({ kind: "removed" as const, path: [...path, key], before: shown(child(before, key)) })),
    ...now
      .filter((key) => !inOld.has(key))
      .map((key) => ({ kind: "added" as const, path: [...path, key], after: shown(child(after, key)) })),
    ...old
      .filter((key) => inNow.has(key))
      .flatMap((key) => valueChanges(child(before, key), child(after, key), [...path, key])),
  ];
  const [oldOrder, newOrder] = [old.filter((key) => inNow.has(key)), now.filter((key) => inOld.has(key))];
  if (oldOrder.some((key, index) => key !== newOrder[index]))
    changes.push({ kind: "reordered", path, before: oldOrder.join(", "), after: newOrder.join(", ") });
  return changes;
}

function listChanges(before: Part, after: Part, path: JsonPath): ValueChange[] {
  const [old, now] = [before.value as unknown[], after.value as unknown[]];
  const common = Math.min(old.length, now.length);
  return [
    ...old
      .slice(0, common)
      .flatMap((_, index) => valueChanges(child(before, index), child(after, index), [...path, index])),
    ...old.slice(common).map((_, index) => {
      const at = common + index;
      return { kind: "removed" as const, path: [...path, at], before: shown(child(before, at)) };
    }),
    ...now.slice(common).map((_, index) => {
      const at = common + index;
      return { kind: "added" as const, path: [...path, at], after: shown(child(after, at)) };
    }),
  ];
}

const longest = 120;

/** A value as people may see it. */
export function shown({ value, path }: Part): string {
  const text = JSON.stringify(masked(value, path));
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function masked(value: unknown, path: JsonPath): unknown {
  if (typeof value === "string") return isSecret(value, path) ? "***" : value;
  if (Array.isArray(value)) return value.map((inside, index) => masked(inside, [...path, index]));
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, masked(inside, [...path, key])]));
}

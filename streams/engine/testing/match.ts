import type { JsonPath } from "../json/document.ts";
import { equalValues } from "../simulator/values/compare.ts";
import { fromEjson, toEjson } from "../simulator/values/ejson.ts";
import { type Doc, isDoc, own } from "../simulator/values/types.ts";

/** Something that is not as it was expected. */
export interface Difference {
  /** Where in the test file. */
  path: JsonPath;
  message: string;
  expected?: unknown;
  actual?: unknown;
}

/** Whether two values are the same; the order of fields does not count. */
export function sameValue(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => sameValue((actual as unknown[])[index], item))
    );
  if (!isDoc(expected)) return equalValues(actual, expected);
  if (!isDoc(actual)) return false;
  const present = Object.keys(actual).filter((key) => actual[key] !== undefined);
  return (
    present.length === Object.keys(expected).length &&
    Object.entries(expected).every(([key, value]) => sameValue(own(actual, key), value))
  );
}

/** Whether a value has everything that is expected, at every depth, and maybe more. */
export function hasParts(actual: unknown, expected: unknown): boolean {
  if (!isDoc(expected)) return sameValue(actual, expected);
  return isDoc(actual) && Object.entries(expected).every(([key, value]) => hasParts(own(actual, key), value));
}

/** A document; its metadata counts only where the expected one names them. */
export function sameDocument(actual: unknown, expected: unknown, metaField: string): boolean {
  if (!isDoc(actual) || !isDoc(expected) || Object.hasOwn(expected, metaField)) return sameValue(actual, expected);
  return sameValue(withoutField(actual, metaField), expected);
}

export function withoutField(doc: Doc, field: string): Doc {
  const { [field]: _, ...rest } = doc;
  return rest;
}

/** Compares lists, in order or not; tells what is missing, what is too much and what differs. */
export function compareLists<T>(
  actual: readonly T[],
  expected: readonly unknown[],
  path: JsonPath,
  {
    ordered,
    matches,
    show,
    what,
  }: {
    ordered: boolean;
    matches: (actual: T, expected: unknown) => boolean;
    show: (actual: T) => unknown;
    what: string;
  },
): Difference[] {
  if (ordered) return inOrder(actual, expected, path, { matches, show, what });
  const left = [...actual];
  const missing = [...expected.entries()].filter(([, item]) => {
    const found = left.findIndex((candidate) => matches(candidate, item));
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
  const differences = missing.map(([index, item]): Difference => {
    const other = left.shift();
    return other === undefined
      ? { path: [...path, index], message: `this ${what} did not come`, expected: item }
      : { path: [...path, index], message: `this ${what} is another`, expected: item, actual: show(other) };
  });
  return [...differences, ...left.map((extra) => tooMuch(path, what, show(extra)))];
}

const tooMuch = (path: JsonPath, what: string, actual: unknown): Difference => ({
  ...{ path, message: `a ${what} came that nobody expects`, actual },
});

function inOrder<T>(
  actual: readonly T[],
  expected: readonly unknown[],
  path: JsonPath,
  {
    matches,
    show,
    what,
  }: { matches: (actual: T, expected: unknown) => boolean; show: (actual: T) => unknown; what: string },
): Difference[] {
  const differences: Difference[] = [];
  for (const [index, item] of expected.entries()) {
    const at = [...path, index];
    if (index >= actual.length) differences.push({ path: at, message: `this ${what} did not come`, expected: item });
    else if (!matches(actual[index] as T, item))
      differences.push({
        path: at,
        message: `this ${what} is another`,
        expected: item,
        actual: show(actual[index] as T),
      });
  }
  return [...differences, ...actual.slice(expected.length).map((extra) => tooMuch(path, what, show(extra)))];
}

/** What is expected, as values. */
export const expectedValue = (value: unknown): unknown => fromEjson(value);
/** What came, as somebody would write it. */
export const shownValue = (value: unknown): unknown => toEjson(value);

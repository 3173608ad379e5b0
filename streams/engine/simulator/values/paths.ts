import { type Doc, isDoc } from "./types.ts";

/**
 * What a path such as `items.price` is in a document, as expressions read it: a list of values where a list is on the way. Undefined where
 * nothing is.
 */
export function valueAt(value: unknown, parts: readonly string[], from = 0): unknown {
  let current = value;
  for (let index = from; index < parts.length; index += 1) {
    if (Array.isArray(current)) {
      const found: unknown[] = [];
      for (const item of current) {
        const inner = typeof item === "object" && item !== null ? valueAt(item, parts, index) : undefined;
        if (inner !== undefined) found.push(inner);
      }
      return found;
    }
    if (!isDoc(current)) return undefined;
    const part = parts[index] ?? "";
    current = Object.hasOwn(current, part) ? current[part] : undefined;
  }
  return current;
}

/**
 * Whether any of the values that a condition on a path is tried against passes a test: elements of lists on the way, and of a list at its
 * end, and that list itself.
 */
export function anyValueAt(
  value: unknown,
  parts: readonly string[],
  test: (value: unknown) => boolean,
  index = 0,
): boolean {
  if (index === parts.length) return (Array.isArray(value) && value.some(test)) || test(value);
  const part = parts[index] ?? "";
  if (Array.isArray(value)) {
    const position = /^\d+$/.test(part) ? Number(part) : -1;
    if (position >= 0 && position < value.length && anyValueAt(value[position], parts, test, index + 1)) return true;
    // Where the number is a position, it is a field's name only in elements that have such a field.
    return value.some(
      (item) => isDoc(item) && (position < 0 || Object.hasOwn(item, part)) && anyValueAt(item, parts, test, index),
    );
  }
  if (isDoc(value) && Object.hasOwn(value, part)) return anyValueAt(value[part], parts, test, index + 1);
  return test(undefined);
}

/** The same value without fields that have none; lists keep null in their place. What needs no change is handed back as it is. */
export function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (const [index, item] of value.entries()) {
      const cleaned = item === undefined ? null : withoutHoles(item);
      if (cleaned !== item) (copy ??= [...(value as unknown[])])[index] = cleaned;
    }
    return copy ?? value;
  }
  if (!isDoc(value)) return value;
  let copy: Doc | undefined;
  for (const key of Object.keys(value)) {
    const inner = value[key];
    const cleaned = withoutHoles(inner);
    if (inner === undefined) delete (copy ??= { ...value })[key];
    else if (cleaned !== inner) (copy ??= { ...value })[key] = cleaned;
  }
  return copy ?? value;
}

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

/** Every value that a condition on a path is tried against: elements of lists on the way, and of a list at its end, and that list itself. */
export function valuesAt(doc: Doc, parts: readonly string[]): unknown[] {
  const found: unknown[] = [];
  collect(doc, parts, 0, found);
  return found;
}

function collect(value: unknown, parts: readonly string[], index: number, found: unknown[]): void {
  if (index === parts.length) {
    if (Array.isArray(value)) found.push(...(value as unknown[]));
    found.push(value);
    return;
  }
  const part = parts[index] ?? "";
  if (Array.isArray(value)) {
    const position = /^\d+$/.test(part) ? Number(part) : -1;
    if (position >= 0 && position < value.length) collect(value[position], parts, index + 1, found);
    // Where the number is a position, it is a field's name only in elements that have such a field.
    for (const item of value)
      if (isDoc(item) && (position < 0 || Object.hasOwn(item, part))) collect(item, parts, index, found);
    return;
  }
  if (isDoc(value) && Object.hasOwn(value, part)) collect(value[part], parts, index + 1, found);
  else found.push(undefined);
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

/**
 * Stands for a value that a preview cannot know yet: an output of a resource that is still to be created. Registered
 * globally, so that tables can compare against it without importing this file.
 */
export const unknown: unique symbol = Symbol.for("slipway:unknown") as never;

export function isUnknown(value: unknown): boolean {
  return value === unknown;
}

/** Whether an unknown hides anywhere inside the value. */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}

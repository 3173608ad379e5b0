import type { Envelope } from "../stages/stage.ts";

/** A document inside a window: its metadata says which. */
export function inWindow(
  envelope: Envelope,
  { start, end, partition }: { start: number; end: number; partition?: unknown },
): Envelope {
  const window = { start: new Date(start), end: new Date(end), ...(partition === undefined ? {} : { partition }) };
  return { doc: envelope.doc, meta: { ...envelope.meta, window }, time: envelope.time };
}

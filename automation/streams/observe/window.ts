import { isDocument, member } from "../../../streams/engine/lint/subject.ts";
import { durationOf } from "../../../streams/engine/simulator/windows/duration.ts";

/** Windows, and what says how long documents wait in them. */
const lengths: Readonly<Record<string, string>> = {
  $tumblingWindow: "interval",
  $hoppingWindow: "interval",
  $sessionWindow: "gap",
};

/** Milliseconds that documents wait in the window of a pipeline; 0 without one. Atlas counts them as latency. */
export function windowMsOf(pipeline: readonly unknown[]): number {
  for (const stage of pipeline) {
    const [name = ""] = isDocument(stage) ? Object.keys(stage) : [];
    const key = Object.hasOwn(lengths, name) ? lengths[name] : undefined;
    if (key !== undefined) return lengthOf(member(stage, name, key));
  }
  return 0;
}

function lengthOf(given: unknown): number {
  try {
    return durationOf(given, []);
  } catch {
    // A unit that is newer than this: Atlas took it, and the latency is then told with the window's time.
    return 0;
  }
}

import { isDocument, member } from "../../../streams/engine/lint/subject.ts";
import { windowMsOf } from "../../streams/observe/window.ts";
import { stagesOf } from "./pipeline.ts";

/** What Atlas waits for late documents where a window does not say. */
const usualLatenessMs = 3_000;
const units: Readonly<Record<string, number>> = {
  ms: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** Windows longer than this are not waited for by a deployment. */
export const longestWindowMs = 3_600_000;

/** Pure: how much event time has to pass until every window that is open began after a processor did; 0 without windows. */
export function windowSpanMs(text: string): number {
  const pipeline = stagesOf(text);
  const length = windowMsOf(pipeline);
  if (length === 0) return 0;
  const window = pipeline.flatMap((stage) => Object.values(stage)).find((one) => isDocument(one) && "pipeline" in one);
  const lateness = member(window, "allowedLateness");
  const [size, unit] = [member(lateness, "size"), member(lateness, "unit")];
  return length + (typeof size === "number" ? size * (units[String(unit)] ?? 0) : usualLatenessMs);
}

/** Pure: whether a version fills its windows beside what runs, before it goes into service. */
export function fillsWindows(text: string): boolean {
  const span = windowSpanMs(text);
  return span > 0 && span <= longestWindowMs;
}

import { findingAt } from "../../../streams/engine/finding.ts";
import { JsonDocument } from "../../../streams/engine/json/document.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import { environmentName } from "./environments.ts";
import type { Carried, Note, Remark } from "./note.ts";

const limits = ["memory_mb", "latency_p99_ms", "throughput_min"];

/** `environments/<environment>/thresholds.json`: the three limits that there are. */
export function importThresholds(path: string, folder: string, text: string): Carried {
  const document = new JsonDocument(text);
  const target = `environments/${environmentName(folder)}/thresholds.json`;
  const { value } = document;
  const notes: Note[] = [];
  const say = (key: string | undefined, remark: Remark) => {
    const { outcome, ...what } = remark;
    const found = findingAt({ path, document }, key === undefined ? [] : [key], { severity: "warning", ...what });
    notes.push({ ...found, ...(key === undefined ? document.problems[0] && placeOf(document) : {}), outcome });
  };
  if (!isDocument(value) || document.problems.length > 0) {
    say(undefined, { ...notRead(document.problems[0]?.message ?? "no object"), severity: "error" });
    return { files: {}, notes };
  }
  const kept = Object.entries(value).filter(([key, limit]) => {
    if (limits.includes(key) && typeof limit === "number" && (limit > 0 || (limit === 0 && key === "throughput_min")))
      return true;
    if (key !== "$schema") say(key, limits.includes(key) ? notALimit(key) : unknownLimit(key));
    return false;
  });
  const same = kept.length === Object.keys(value).length;
  return { files: { [target]: same ? text : `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n` }, notes };
}

const placeOf = ({ problems: [first] }: JsonDocument) => ({ line: first?.line ?? 1, column: first?.column ?? 1 });

const notRead = (message: string): Remark => ({
  ...{ rule: "import/json", outcome: "left-out", message: `not the JSON that it should be: ${message}` },
  ...{ why: "sp went on without any limit then", fix: "correct it there, and import again" },
});

const notALimit = (key: string): Remark => ({
  ...{ rule: "import/threshold", outcome: "left-out", message: `${key} is no number that could be a limit` },
  ...{ why: "nothing can be held against it", fix: "write a number above zero" },
});

const unknownLimit = (key: string): Remark => ({
  ...{ rule: "import/threshold", outcome: "left-out", message: `there is no limit ${JSON.stringify(key)}` },
  ...{ why: `sp looked at ${limits.join(", ")} alone`, fix: "remove it" },
});

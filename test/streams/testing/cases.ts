import assert from "node:assert/strict";
import { type FileResult, type LoadedTest, loadTest, runTest } from "../../../streams/engine/testing/file.ts";
import type { Subject } from "../../../streams/engine/testing/run.ts";

const window = { interval: { size: 1, unit: "minute" }, allowedLateness: { size: 10, unit: "second" } };
const source = { connectionName: "k", topic: "t", timeField: { $toDate: "$ts" } };
const into = { connectionName: "c", db: "d", coll: "x" };
export const group = [{ $group: { _id: "$k", n: { $sum: 1 } } }];

/** Counts by key and minute. */
export const counting = (pipeline: readonly object[] = group, more: object = {}): Subject => ({
  name: "counting",
  pipeline: [
    { $source: { ...source, ...more } },
    { $match: { k: { $ne: "skip" } } },
    { $tumblingWindow: { ...window, pipeline } },
    { $merge: { into, whenMatched: "replace" } },
  ],
  dlq: { connectionName: "c", db: "d", coll: "dlq" },
});

/** Keeps what comes as it comes. */
export const keeping = (...stages: object[]): Subject => ({
  ...counting(),
  name: "counting",
  pipeline: [{ $source: { connectionName: "k", topic: "t" } }, ...stages, { $merge: { into } }],
});

export function loaded(text: string, { yaml = true, subject = counting() } = {}): LoadedTest {
  const path = `tests/counting.test.${yaml ? "yaml" : "json"}`;
  const { test, findings } = loadTest(path, text, new Map([["counting", subject]]));
  assert.deepEqual(findings, []);
  assert.ok(test);
  return test;
}

/** Runs the cases of a text. */
export function runText(
  text: string,
  subject: Subject = counting(),
  versions: ReadonlyMap<string, Subject> = new Map(),
): FileResult & { test: LoadedTest } {
  const test = loaded(text, { subject });
  return { ...runTest(test, { subject, connections: [], versions }), test };
}

/** What differs, each in one line with its place. */
export function problemsOf({ cases, test }: ReturnType<typeof runText>): string[] {
  return cases.flatMap(({ differences }) =>
    differences.map(({ path, message }) => {
      const { line, column } = test.document.at(path);
      return `${line}:${column} ${message}`;
    }),
  );
}

/** One case from its steps and what it expects. */
export const oneCase = (steps: string, rest: string) => `cases:\n  - name: one\n    steps: ${steps}\n${rest}`;
export const event = (k: string, clock: string) => `{ in: { k: ${k}, ts: "2026-01-01T${clock}Z" } }`;

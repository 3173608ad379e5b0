import { applyEdits, modify } from "jsonc-parser";
import { parseDocument } from "yaml";
import type { JsonPath } from "../json/document.ts";
import type { CaseResult } from "./case.ts";
import type { Actual } from "./expect.ts";
import type { LoadedTest } from "./file.ts";
import type { TestCase } from "./format.ts";

/** What is written where a case expects nothing yet. */
const firstTime: readonly (keyof Actual)[] = ["out", "dlq", "sink", "stats"];

/**
 * A test file with what came in the place of what was expected, where they differ. Everything else stays as it is written, remarks of YAML
 * included. Undefined where nothing changes.
 */
export function updatedText({ document, file }: LoadedTest, results: readonly CaseResult[]): string | undefined {
  const changes = file.cases.flatMap((testCase, index) => {
    const result = results.find(({ name }) => name === testCase.name);
    return result?.actual === undefined || result.status !== "failed" ? [] : changesOf(testCase, index, result);
  });
  if (changes.length === 0) return undefined;
  return document.path.endsWith(".json") ? inJson(document.text, changes) : inYaml(document.text, changes);
}

type Change = readonly [path: JsonPath, value: unknown];

function changesOf({ expect }: TestCase, index: number, { differences, actual }: CaseResult): Change[] {
  const path: JsonPath = ["cases", index, "expect"];
  if (actual === undefined) return [];
  if (expect === undefined) return [[path, Object.fromEntries(firstTime.map((name) => [name, actual[name]]))]];
  const members = new Set(
    differences.filter(({ path: at }) => at[2] === "expect").map(({ path: at }) => String(at[3])),
  );
  return [...members].flatMap((name): Change[] => {
    if (!Object.hasOwn(actual, name)) return [];
    if (name !== "sink" && name !== "stats") return [[[...path, name], actual[name as keyof Actual]]];
    // Only what was expected of them: a case that looks at one sink goes on looking at that one.
    return Object.keys(expect[name] ?? {}).map((inner): Change => {
      const values = actual[name] as Record<string, unknown>;
      return [[...path, name, inner], values[inner] ?? []];
    });
  });
}

/** What is not changed keeps its own form: of JSON's values only the new ones are laid out. */
function inJson(text: string, changes: readonly Change[]): string {
  return changes.reduce((current, [path, value]) => {
    const edits = modify(current, [...path], value, {}).map((edit) => {
      const lineStart = current.lastIndexOf("\n", edit.offset - 1) + 1;
      const indent = /^[ \t]*/.exec(current.slice(lineStart))?.[0] ?? "";
      const laidOut = JSON.stringify(value, null, 2).replaceAll("\n", `\n${indent}`);
      const name = edit.content.startsWith(",") ? `,\n${indent}${JSON.stringify(path.at(-1))}: ` : "";
      return { ...edit, content: name + laidOut };
    });
    return applyEdits(current, edits);
  }, text);
}

function inYaml(text: string, changes: readonly Change[]): string {
  const document = parseDocument(text, { version: "1.2" });
  for (const [path, value] of changes) document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 120 });
}

import { LineCounter, isNode, isPair, parseDocument, type Document, type Node, type Pair } from "yaml";
import type { Finding } from "../finding.ts";
import { JsonDocument, type JsonPath, type Position } from "../json/document.ts";

/** A test file, in JSON or YAML, that knows where everything stands. */
export interface TestDocument {
  path: string;
  text: string;
  value: unknown;
  at(path: JsonPath): Position;
  /** Why it cannot be read. */
  findings: Finding[];
}

/** Reads the text of a test file; its name says how. */
export function testDocument(path: string, text: string): TestDocument {
  return path.endsWith(".json") ? jsonDocument(path, text) : yamlDocument(path, text);
}

const advice = { why: "nothing of the file is tested", fix: "correct it there" };

function jsonDocument(path: string, text: string): TestDocument {
  const document = new JsonDocument(text);
  const findings = document.problems.map(({ kind, message, line, column }): Finding => {
    return { rule: `json/${kind}`, severity: "error", file: path, line, column, path: "", message, ...advice };
  });
  return { path, text, value: document.value, at: (place) => document.at(place), findings };
}

function yamlDocument(path: string, text: string): TestDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2", merge: false });
  const findings = [...document.errors, ...document.warnings].map(({ message, pos }): Finding => {
    const { line, col } = lines.linePos(pos[0]);
    const [first = message] = message.split("\n");
    const words = first.replace(/ at line \d+, column \d+:?$/, "");
    return {
      rule: "yaml/syntax",
      severity: "error",
      file: path,
      line,
      column: col,
      path: "",
      message: words,
      ...advice,
    };
  });
  const at = (place: JsonPath): Position => {
    for (let length = place.length; length >= 0; length -= 1) {
      const offset = offsetOf(document, place.slice(0, length));
      if (offset === undefined) continue;
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
    return { line: 1, column: 1 };
  };
  return { path, text, value: findings.length > 0 ? undefined : (document.toJS() as unknown), at, findings };
}

/** Where something stands; for a member of a map where its key does. */
function offsetOf(document: Document.Parsed, path: JsonPath): number | undefined {
  if (path.length === 0) return document.contents?.range?.[0];
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const items = isNode(parent) && "items" in parent ? (parent.items as (Pair | Node)[]) : [];
  const last = path.at(-1);
  const found =
    typeof last === "number" ? items[last] : items.find((item) => isPair(item) && String(item.key) === String(last));
  const node = isPair(found) ? (found.key as Node) : found;
  return node?.range?.[0];
}

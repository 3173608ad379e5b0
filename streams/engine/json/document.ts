import { type Node, type ParseError, findNodeAtLocation, parseTree, printParseErrorCode } from "jsonc-parser";

/** A place in a text; both count from 1, as editors do. */
export interface Position {
  line: number;
  column: number;
}

export type JsonPath = readonly (string | number)[];

/** Why a text is not the JSON that it should be. */
export interface JsonProblem extends Position {
  kind: "syntax" | "duplicate-key" | "too-large" | "too-deep";
  message: string;
}

/** Largest text that is read at all: what Atlas takes as one pipeline. */
export const largestText = 16 * 1024 * 1024;

/** Deepest nesting that is read; documents of MongoDB hold a hundred levels. */
export const deepestNesting = 200;

/**
 * JSON that remembers where everything stands and in which order it was written. The order of keys is meaning in a pipeline, and objects
 * of JavaScript put keys such as "1" first: `source` gives a part back exactly in its own order.
 */
export class JsonDocument {
  readonly text: string;
  readonly problems: readonly JsonProblem[];
  readonly #root: Node | undefined;
  readonly #lineStarts: readonly number[];
  #value: unknown;

  /** @param limit bytes of UTF-8 that are read at the most. */
  constructor(text: string, limit = largestText) {
    this.text = text;
    this.#lineStarts = lineStartsOf(text);
    const bytes = Buffer.byteLength(text);
    if (bytes > limit) {
      const message = `${bytes.toLocaleString("en-US")} bytes, at most ${limit.toLocaleString("en-US")} are allowed`;
      this.problems = [{ kind: "too-large", message, line: 1, column: 1 }];
      return;
    }
    const deep = tooDeepAt(text);
    if (deep !== undefined) {
      const message = `more than ${deepestNesting} objects and lists inside each other`;
      this.problems = [{ kind: "too-deep", message, ...this.positionAt(deep) }];
      return;
    }
    const errors: ParseError[] = [];
    const content = text.replace(/^\uFEFF/, " ");
    this.#root = parseTree(content, errors, { disallowComments: true, allowTrailingComma: false });
    this.problems = [
      ...errors.slice(0, 1).map((error) => this.#syntaxProblem(error)),
      ...(this.#root === undefined ? [] : [...this.#duplicates(this.#root)]),
    ];
  }

  /** Whether it can be used at all. Doubled keys are problems too, and leave a value. */
  get readable(): boolean {
    return this.problems.every(({ kind }) => kind === "duplicate-key");
  }

  /** The whole as values of JavaScript; undefined where it is not readable. Of doubled keys the last counts. */
  get value(): unknown {
    if (!this.readable || this.#root === undefined) return undefined;
    // Not the parser's own: its objects have no prototype, and a key "__proto__" is a key like any other.
    return (this.#value ??= JSON.parse(this.#compact(this.#root)) as unknown);
  }

  /** Where something stands; for a member of an object where its key does. The nearest that is there for a path that is not. */
  at(path: JsonPath): Position {
    const root = this.#root;
    if (root === undefined) return { line: 1, column: 1 };
    for (let length = path.length; length > 0; length -= 1) {
      const node = findNodeAtLocation(root, path.slice(0, length));
      if (node === undefined) continue;
      return this.positionAt(node.parent?.type === "property" ? node.parent.offset : node.offset);
    }
    return this.positionAt(root.offset);
  }

  /** A part as compact JSON, keys in the order in which they were written; undefined where nothing is. */
  source(path: JsonPath = []): string | undefined {
    const node = this.#root === undefined || !this.readable ? undefined : findNodeAtLocation(this.#root, [...path]);
    return node === undefined ? undefined : this.#compact(node);
  }

  /** Keys of an object in the order in which they were written, each once; none where no object is. */
  keys(path: JsonPath): string[] {
    const node = this.#root && findNodeAtLocation(this.#root, [...path]);
    if (node?.type !== "object") return [];
    return [...new Set((node.children ?? []).map((member) => String(member.children?.[0]?.value)))];
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  #syntaxProblem({ error, offset }: ParseError): JsonProblem {
    const { line, column } = this.positionAt(offset);
    return { kind: "syntax", message: syntaxMessage(printParseErrorCode(error)), line, column };
  }

  *#duplicates(node: Node): Generator<JsonProblem> {
    const seen = new Map<string, Position>();
    for (const child of node.children ?? []) {
      const key = node.type === "object" ? child.children?.[0] : undefined;
      if (key !== undefined) {
        const name = String(key.value);
        const first = seen.get(name);
        const here = this.positionAt(key.offset);
        if (first === undefined) seen.set(name, here);
        else {
          const message = `the key ${JSON.stringify(name)} is there twice, first in line ${first.line}`;
          yield { kind: "duplicate-key", message, ...here };
        }
      }
      yield* this.#duplicates(child);
    }
  }

  #compact(node: Node): string {
    const children = node.children ?? [];
    if (node.type === "array") return `[${children.map((child) => this.#compact(child)).join(",")}]`;
    if (node.type !== "object") return this.text.slice(node.offset, node.offset + node.length);
    const members = new Map<string, string>();
    for (const { children: [key, value] = [] } of children)
      if (key !== undefined && value !== undefined) members.set(JSON.stringify(key.value), this.#compact(value));
    return `{${[...members].map(([key, value]) => `${key}:${value}`).join(",")}}`;
  }
}

/** Where the nesting becomes too deep: readers of trees would run out of stack there. */
function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[{\]}]/g)) {
    if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > deepestNesting) return index;
  }
  return undefined;
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) starts.push(index + 1);
  return starts;
}

/** The parser's own words are names: PropertyNameExpected becomes "a property name is expected". */
function syntaxMessage(code: string): string {
  const words = code.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  const expected = /^(.*) expected$/.exec(words)?.[1];
  if (expected === undefined) return words;
  return expected === "end of file"
    ? "nothing more is expected here"
    : `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected} is expected here`;
}

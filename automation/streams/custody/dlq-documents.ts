import { readFile } from "node:fs/promises";
import { isDocument, member } from "../../../streams/engine/lint/subject.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";

/** A document of a dead letter queue, as far as it is read. Values are Extended JSON, as they were exported. */
export interface DeadLetter {
  /** Its number in the file, from 1. */
  number: number;
  processor: string;
  operator: string;
  reason: string;
  /** ISO 8601; undefined where the document does not say. */
  at: string | undefined;
  doc: unknown;
  /** What the source said of it. */
  source: Readonly<Record<string, unknown>>;
}

/** Reads a file of documents: a JSON array, or one document a line, as `mongoexport` writes them. */
export async function readDeadLetters(path: string): Promise<DeadLetter[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw refused(path, "The file cannot be read", cause);
  });
  return deadLettersOf(path, text);
}

/** The documents of a text. @throws SlipwayError that says which one is none of a dead letter queue */
export function deadLettersOf(path: string, text: string): DeadLetter[] {
  return valuesOf(path, text).map((value, index) => letterOf(path, value, index + 1));
}

function valuesOf(path: string, text: string): unknown[] {
  if (text.trim() === "") return [];
  if (text.trimStart().startsWith("[")) return parsed(path, text, 1) as unknown[];
  const lines = text.split(/\r?\n/);
  const values = lines.flatMap((line, index) => (line.trim() === "" ? [] : [{ line, number: index + 1 }]));
  // One document that is spread over lines is one, too.
  if (/^\s*\{\s*$/.test(values[0]?.line ?? "")) return [parsed(path, text, 1)];
  return values.map(({ line, number }) => parsed(path, line, number));
}

function parsed(path: string, text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(`${path}:${line}`, "This is not JSON", cause);
  }
}

function letterOf(path: string, value: unknown, number: number): DeadLetter {
  const reason = member(value, "errInfo", "reason");
  const processor = member(value, "processorName");
  if (!isDocument(value) || typeof reason !== "string" || typeof processor !== "string")
    throw refused(
      path,
      `Document ${number} is none of a dead letter queue: it has no processorName and errInfo.reason`,
    );
  const source = member(value, "_stream_meta", "source");
  const operator = value["operatorName"];
  return {
    ...{ number, processor, reason, operator: typeof operator === "string" && operator !== "" ? operator : "$source" },
    ...{ at: timeOf(value["dlqTime"]), doc: value["doc"] ?? null, source: isDocument(source) ? source : {} },
  };
}

/** A time as Extended JSON, as text or as milliseconds. */
export function timeOf(value: unknown): string | undefined {
  const inner = isDocument(value) ? value["$date"] : value;
  const plain = isDocument(inner) ? Number(inner["$numberLong"]) : inner;
  const date = typeof plain === "string" || typeof plain === "number" ? new Date(plain) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

const refused = (where: string, problem: string, cause?: unknown) =>
  new SlipwayError(ExitCode.usage, `${problem}.`, {
    ...{ where, cause },
    next: "Export the collection: mongoexport --jsonFormat=canonical --jsonArray, or one document a line.",
  });

/** Documents that failed in the same place for the same reason. */
export interface LetterGroup {
  processor: string;
  operator: string;
  /** The reason without what differs from document to document. */
  reason: string;
  count: number;
  first: string | null;
  last: string | null;
  /** The first of them. */
  example: DeadLetter;
}

/** Groups by processor, operator and reason, the largest first. */
export function grouped(letters: readonly DeadLetter[]): LetterGroup[] {
  const groups = new Map<string, DeadLetter[]>();
  for (const letter of letters) {
    const key = JSON.stringify([letter.processor, letter.operator, reasonPattern(letter.reason)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [letter]);
    else group.push(letter);
  }
  const all = [...groups.values()].map((members): LetterGroup => {
    const [example] = members as [DeadLetter, ...DeadLetter[]];
    const times = members.flatMap(({ at }) => (at === undefined ? [] : [at])).sort();
    return {
      ...{ processor: example.processor, operator: example.operator, reason: reasonPattern(example.reason) },
      ...{ count: members.length, first: times[0] ?? null, last: times.at(-1) ?? null, example },
    };
  });
  return all.sort((a, b) => b.count - a.count);
}

/** What is of one document and not of its kind. The values may be nobody's to read, so they are not shown either. */
const particular: readonly [RegExp, string][] = [
  [/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "'…'"],
  [/\{.*\}|\[.*\]/gs, "{…}"],
  [/\b\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?/g, "<time>"],
  [/\b[0-9a-f]{24}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "<id>"],
  [/(?<![\w$])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, "<n>"],
];

/** A reason as its kind: quoted values, numbers, times and ids are left out. */
export const reasonPattern = (reason: string): string =>
  particular.reduce((text, [form, kind]) => text.replaceAll(form, kind), reason).trim();

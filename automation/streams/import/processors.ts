import { applyEdits, modify } from "jsonc-parser";
import { tiers } from "../../../streams/engine/files/documents.ts";
import { type JsonFile, loadStreams } from "../../../streams/engine/files/project.ts";
import { findingAt, shownPath } from "../../../streams/engine/finding.ts";
import { JsonDocument, type JsonPath } from "../../../streams/engine/json/document.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { isSecret } from "../../../streams/engine/lint/secrets.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import type { Carried, Note, Remark } from "./note.ts";

const topLevel = new Set(["$schema", "name", "pipeline", "options"]);
const states = ["STARTED", "STOPPED", "CREATED"];
const indentation = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/** A change of a document: what stands at a place from now on; undefined removes it. */
interface Edit {
  path: JsonPath;
  value: unknown;
}

/** `processors/<name>.json` as it is here. A pipeline is carried over as it is written, and what the tool does not know is not. */
export function importProcessor(path: string, text: string): Carried {
  const document = new JsonDocument(text);
  const file = { path, document };
  const problem = document.problems[0];
  if (problem !== undefined)
    return leftOut({ ...findingAt(file, [], unreadable(problem.message)), line: problem.line, column: problem.column });
  const { value } = document;
  if (!isDocument(value) || !Array.isArray(value["pipeline"]) || value["pipeline"].length === 0)
    return leftOut(findingAt(file, [], noPipeline));
  const secrets = secretsIn(file);
  if (secrets.length > 0) return { files: {}, notes: secrets };
  const stem = /([^/]+)\.json$/.exec(path)?.[1] ?? path;
  const policy: Record<string, unknown> = {};
  const known = [...ofName(value, stem), ...ofKeys(value, policy)];
  const changes = [...known, ...ofTime(file, edited(text, known))];
  const files = { [path]: edited(text, changes) };
  if (Object.keys(policy).length > 0) files[`policies/${stem}.json`] = `${JSON.stringify(policy, null, 2)}\n`;
  const notes = changes.map(({ path: place, remark }): Note => {
    return { ...findingAt(file, place, { severity: "warning", ...remark }), outcome: remark.outcome };
  });
  return { files, notes };
}

const leftOut = (finding: ReturnType<typeof findingAt>): Carried => ({
  files: {},
  notes: [{ ...finding, outcome: "left-out" }],
});

const unreadable = (message: string) => ({
  ...{ rule: "import/json", message: `not the JSON that it should be: ${message}` },
  ...{ why: "nothing of it can be taken over", fix: "correct it there, and import again" },
});

const noPipeline = {
  ...{ rule: "import/processor", message: "there is no pipeline in it" },
  ...{ why: "a processor is a list of stages", fix: 'write {"pipeline": [...]}, and import again' },
};

function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((now, { path, value }) => applyEdits(now, modify(now, [...path], value, indentation)), text);
}

type Change = Edit & { remark: Remark };

/** The other tool calls a processor as its file, whatever stands inside. */
function* ofName(value: Readonly<Record<string, unknown>>, stem: string): Generator<Change> {
  if (value["name"] === undefined || value["name"] === stem) return;
  yield {
    path: ["name"],
    value: stem,
    remark: {
      ...{ rule: "import/name", outcome: "changed", message: `the name inside is ${JSON.stringify(value["name"])}` },
      why: `sp never read it, and made the processor as ${stem}`,
      fix: "rename the file where the other name is meant",
    },
  };
}

/** Keys that this format has not; of them a tier and a state have a place of their own. */
function* ofKeys(value: Readonly<Record<string, unknown>>, policy: Record<string, unknown>): Generator<Change> {
  const inside = isDocument(value["options"]) ? Object.keys(value["options"]) : [];
  for (const key of Object.keys(value).filter((name) => !topLevel.has(name))) {
    const given = value[key];
    const moves = (key === "tier" && tiers.some((tier) => tier === given)) || (key === "state" && fits(given));
    if (moves) policy[key] = given;
    yield {
      path: [key],
      value: undefined,
      remark: moves
        ? {
            ...{ rule: "import/policy", outcome: "changed", message: `${key} is in policies/ now` },
            ...{ why: "sp never read it", fix: "look whether it still holds" },
          }
        : unknownKey(key),
    };
  }
  for (const key of inside.filter((name) => name !== "dlq"))
    yield { path: ["options", key], value: undefined, remark: unknownKey(`options.${key}`) };
}

const fits = (state: unknown) => states.some((one) => one === state);

const unknownKey = (key: string): Remark => ({
  ...{ rule: "import/unknown-key", outcome: "left-out", message: `nothing reads ${JSON.stringify(key)}` },
  ...{ why: "sp sent it to Atlas, which knows no such thing here", fix: "none, unless it was meant to do something" },
});

/** A pipeline knows no variables, so a secret in it has no place that it could come from. The note never repeats it. */
function secretsIn(file: JsonFile): Note[] {
  const places = [...stringsIn(file.document.value, [])].filter(({ text, path }) => isSecret(text, path));
  return places.map(({ path }) => ({ ...findingAt(file, path, secret), outcome: "left-out" }));
}

const secret = {
  ...{ rule: "import/secret", message: "a secret in plain text: the processor is not carried over" },
  why: "whoever reads the repository, or the processor in Atlas, has it; and a pipeline takes nothing from elsewhere",
  fix: "put it into the headers or the url of a connection, and import again; make a new one, as this one is known",
};

/** `$$NOW` where it is the variable: the linter knows the places, as a text in a query is none. `text` is the file as it can be read. */
function* ofTime({ path, document }: JsonFile, text: string): Generator<Change> {
  const unsupported = lint(loadStreams({ [path]: text })).filter(
    ({ rule }) => rule === "expressions/unsupported-variable",
  );
  const places = new Set(unsupported.map((found) => found.path));
  for (const { text: variable, path: place } of stringsIn(document.value, []))
    if (variable === "$$NOW" && places.has(shownPath(place)))
      yield {
        path: place,
        value: { $currentDate: {} },
        remark: {
          ...{ rule: "import/now", outcome: "changed" },
          message: 'streams have no $$NOW: it is {"$currentDate": {}} now',
          why: "there is no query whose time it could be; Atlas refuses the processor",
          fix: "look whether the time of the event is meant: that is in the document",
        },
      };
}

function* stringsIn(value: unknown, path: JsonPath): Generator<{ text: string; path: JsonPath }> {
  if (typeof value === "string") yield { text: value, path };
  else if (Array.isArray(value))
    for (const [index, inside] of value.entries()) yield* stringsIn(inside, [...path, index]);
  else if (isDocument(value))
    for (const [key, inside] of Object.entries(value)) yield* stringsIn(inside, [...path, key]);
}

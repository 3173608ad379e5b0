import { suggest } from "../../../config/suggest.ts";
import { connectionTypes } from "../../../streams/engine/files/documents.ts";
import { findingAt } from "../../../streams/engine/finding.ts";
import { JsonDocument, type JsonPath } from "../../../streams/engine/json/document.ts";
import { isSecret } from "../../../streams/engine/lint/secrets.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import type { Carried, Note, Remark } from "./note.ts";

type Say = (path: JsonPath, remark: Remark) => void;
type Value = Readonly<Record<string, unknown>>;

/** What Atlas takes of the two kinds of connections that sp could make. */
const fields: Readonly<Record<string, readonly string[]>> = {
  Cluster: ["name", "type", "clusterName", "clusterProjectId", "dbRoleToExecute"],
  Https: ["name", "type", "url", "headers", "networking"],
};

/** A file of connections as it is here: a list, `{"connections": […]}`, or one alone. `writes` names those that something is written to. */
export function importConnections(
  path: string,
  text: string,
  { target, writes }: { target: string; writes: ReadonlySet<string> },
): Carried {
  const document = new JsonDocument(text);
  const notes: Note[] = [];
  const say: Say = (place, remark) => {
    const { outcome, ...what } = remark;
    notes.push({ ...findingAt({ path, document }, place, { severity: "warning", ...what }), outcome });
  };
  const problem = document.problems[0];
  if (problem !== undefined) {
    say([], broken(problem.message));
    return { files: {}, notes: notes.map((note) => ({ ...note, line: problem.line, column: problem.column })) };
  }
  const all = listOf(document.value);
  const read = all.flatMap(({ value, at }) => connectionOf(value, at, writes, say));
  if (read.length === 0) return { files: {}, notes };
  const same = notes.length === 0 && read.length === all.length;
  return { files: { [target]: same ? text : `${JSON.stringify({ connections: read }, null, 2)}\n` }, notes };
}

const broken = (message: string): Remark => ({
  ...{
    rule: "import/json",
    outcome: "left-out",
    severity: "error",
    message: `not the JSON that it should be: ${message}`,
  },
  ...{ why: "nothing of it can be taken over", fix: "correct it there, and import again" },
});

function listOf(value: unknown): { value: unknown; at: JsonPath }[] {
  const below = isDocument(value) && Array.isArray(value["connections"]);
  if (!below && !Array.isArray(value)) return [{ value, at: [] }];
  const list = (below ? value["connections"] : value) as readonly unknown[];
  return list.map((one, index) => ({ value: one, at: below ? ["connections", index] : [index] }));
}

function connectionOf(value: unknown, at: JsonPath, writes: ReadonlySet<string>, say: Say): Value[] {
  const name = isDocument(value) ? value["name"] : undefined;
  const type = isDocument(value) ? value["type"] : undefined;
  if (!isDocument(value) || typeof name !== "string" || name === "") {
    say(at, {
      ...{ rule: "import/connection", outcome: "left-out", severity: "error", message: "a connection without a name" },
      ...{ why: "processors find a connection by its name", fix: "give it one, and import again" },
    });
    return [];
  }
  if (!connectionTypes.some((one) => one === type)) {
    const like = typeof type === "string" ? suggest(type, connectionTypes) : undefined;
    say([...at, "type"], {
      ...{ rule: "import/connection-type", outcome: "left-out", severity: "error" },
      message: `${name} is of the type ${JSON.stringify(type)}, which Atlas has not`,
      why: "nothing can make it",
      fix: like === undefined ? `use one of ${connectionTypes.join(", ")}` : `did you mean ${like}?`,
    });
    return [];
  }
  const filled = withoutSecrets(value, { name, at, path: [], say }) as Value;
  return [withRole(withoutUnknown(filled, at, say), at, writes, say)];
}

interface Place {
  name: string;
  at: JsonPath;
  path: JsonPath;
  say: Say;
}

/** References in the form that is read here, and variables in place of values that nobody may read. */
function withoutSecrets(value: unknown, place: Place): unknown {
  const { path } = place;
  if (typeof value === "string") return filled(value, place);
  if (Array.isArray(value)) return value.map((one, index) => withoutSecrets(one, { ...place, path: [...path, index] }));
  if (!isDocument(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, one]) => [key, withoutSecrets(one, { ...place, path: [...path, key] })]),
  );
}

function filled(value: string, { name, at, path, say }: Place): string {
  const text = value.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, "$${$1}");
  if (text !== value)
    say([...at, ...path], {
      ...{ rule: "import/reference", outcome: "changed", message: "{{NAME}} is ${NAME} now" },
      ...{ why: "sp's guide shows it, and sp put nothing in for it", fix: "set the variable where it is deployed" },
    });
  if (!isSecret(text, path)) return text;
  const variable = [name, ...path.map(String)].join("_").replaceAll(/\W+/g, "_").toUpperCase();
  say([...at, ...path], {
    ...{ rule: "import/secret", outcome: "left-out", message: `a secret in plain text: it is \${${variable}} now` },
    why: "whoever reads the repository has it",
    fix: "make a new one, as this one is known, and set the variable where it is deployed",
  });
  // An address has to say that it is one, before anybody knows where it leads.
  return `${text.startsWith("https://") ? "https://" : ""}\${${variable}}`;
}

function withoutUnknown(value: Value, at: JsonPath, say: Say): Value {
  const known = fields[String(value["type"])];
  if (known === undefined) return value;
  for (const key of Object.keys(value).filter((one) => !known.includes(one)))
    say([...at, key], {
      ...{ rule: "import/unknown-key", outcome: "left-out", message: `nothing reads ${JSON.stringify(key)}` },
      why: `a connection of type ${String(value["type"])} has ${known.join(", ")}`,
      fix: "none, unless it was meant to do something",
    });
  return Object.fromEntries(Object.entries(value).filter(([key]) => known.includes(key)));
}

/** sp gives every right where nothing is said; here the least one that what uses the connection needs. */
function withRole(value: Value, at: JsonPath, writes: ReadonlySet<string>, say: Say): Value {
  if (value["type"] !== "Cluster") return value;
  const given = value["dbRoleToExecute"];
  if (isDocument(given) && given["role"] === "atlasAdmin")
    say([...at, "dbRoleToExecute", "role"], {
      ...{ rule: "import/admin", outcome: "kept", message: "processors may do anything in this cluster" },
      ...{ why: "atlasAdmin is written there", fix: 'use {"role": "readWriteAnyDatabase", "type": "BUILT_IN"}' },
    });
  if (given !== undefined) return value;
  const role = writes.has(String(value["name"])) ? "readWriteAnyDatabase" : "readAnyDatabase";
  say(at, {
    ...{ rule: "import/admin", outcome: "changed", message: `no role is given: it is ${role} now` },
    ...{ why: "sp takes atlasAdmin, which may do anything in the cluster", fix: "name a custom role that may do less" },
  });
  return { ...value, dbRoleToExecute: { role, type: "BUILT_IN" } };
}

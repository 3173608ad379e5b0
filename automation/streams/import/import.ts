import { type Finding, inOrder } from "../../../streams/engine/finding.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { importConnections } from "./connections.ts";
import { environmentName, importConfig } from "./environments.ts";
import { carried, type Carried, type Note, noteAtLine } from "./note.ts";
import { importProcessor } from "./processors.ts";
import { importScript } from "./scripts.ts";
import { importThresholds } from "./thresholds.ts";

/** A repository of the `sp` tool in the form that is read here. */
export interface Imported {
  /** By path below a folder of streams. */
  files: Readonly<Record<string, string>>;
  notes: readonly Note[];
  /** Variables that connections need where they are made. */
  variables: readonly string[];
  /** What `streams lint` says about it. */
  findings: readonly Finding[];
}

/** What can be carried over of a repository's files, by path below its root. Pure, and runs nothing of what it reads. */
export function importRepository(texts: Readonly<Record<string, string>>): Imported {
  const paths = Object.keys(texts).sort();
  const parts = [processorsOf, connectionsOf, environmentsOf, restOf].map((part) => part(paths, texts));
  const { files, notes } = carried(parts);
  const project = loadStreams(files);
  return {
    files,
    notes: inOrder(notes).map((note) => note as Note),
    variables: variablesOf(project.connections.map(({ value }) => value)),
    findings: lint(project),
  };
}

type Part = (paths: readonly string[], texts: Readonly<Record<string, string>>) => Carried;

const processorsOf: Part = (paths, texts) =>
  carried(
    paths
      .filter((path) => /^processors\/[^/]+\.json$/.test(path))
      .map((path) => importProcessor(path, texts[path] ?? "")),
  );

const connectionsOf: Part = (paths, texts) => {
  const pipelines = paths.filter((path) => path.startsWith("processors/")).map((path) => parsed(texts[path] ?? ""));
  const writes = new Set(pipelines.flatMap((value) => [...writtenTo(value, false)]));
  const found = paths.filter((path) => /^(?:connections\/[^/]+|connections)\.json$/.test(path));
  return carried(
    found.map((path) => {
      const beside = path === "connections.json" && found.includes("connections/connections.json");
      const target = beside ? "connections/more.json" : path.includes("/") ? path : `connections/${path}`;
      return importConnections(path, texts[path] ?? "", { target, writes });
    }),
  );
};

const environmentsOf: Part = (paths, texts) => {
  const from = new Map<string, string>();
  return carried(
    paths.map((path) => {
      const [, folder, file] = /^environments\/([^/]+)\/(config\.env|thresholds\.json)$/.exec(path) ?? [];
      if (folder === undefined) return { files: {}, notes: [] };
      const target = `${environmentName(folder)}/${file ?? ""}`;
      const first = from.get(target);
      if (first !== undefined) return { files: {}, notes: [noteAtLine(path, 1, 1, sameEnvironment(first, target))] };
      from.set(target, path);
      return (file === "config.env" ? importConfig : importThresholds)(path, folder, texts[path] ?? "");
    }),
  );
};

const sameEnvironment = (first: string, target: string) => ({
  ...{
    rule: "import/environment",
    outcome: "left-out" as const,
    message: `${first} is environments/${target} already`,
  },
  ...{ why: "both folders mean the same environment here", fix: "rename one of the two folders" },
});

const script = /^(?:\.github\/workflows\/[^/]+\.ya?ml|(?:.*\/)?[^/]+\.(?:sh|bash))$/;

/** What is no file of stream processing: workflows, scripts, and files with keys. */
const restOf: Part = (paths, texts) =>
  carried(
    paths.map((path) => {
      if (script.test(path)) return importScript(path, texts[path] ?? "");
      if (!/(?:^|\/)config\.txt$/.test(path)) return { files: {}, notes: [] };
      return { files: {}, notes: [noteAtLine(path, 1, 1, { ...keyFile, severity: "error" })] };
    }),
  );

const keyFile = {
  ...{ rule: "import/key-file", outcome: "left-out" as const, message: "a file of keys" },
  ...{
    why: "whoever reads the repository has them",
    fix: "make new keys, as these are known; better a service account",
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names of connections below something that writes: a sink, or a dead letter queue. */
function* writtenTo(value: unknown, inside: boolean): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* writtenTo(one, inside);
  else if (isDocument(value))
    for (const [key, one] of Object.entries(value))
      if (key === "connectionName" && inside && typeof one === "string") yield one;
      else yield* writtenTo(one, inside || ["$merge", "$emit", "dlq"].includes(key));
}

/** `${NAME}` in whatever connections say. */
const variablesOf = (connections: readonly unknown[]): string[] =>
  [...new Set([...JSON.stringify(connections).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? ""))].sort();

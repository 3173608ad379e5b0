import type { z } from "zod";
import { type Finding, findingAt } from "../finding.ts";
import { JsonDocument } from "../json/document.ts";
import {
  type Consent,
  type ConnectionDocument,
  type DeadLetterQueue,
  type Policy,
  type Thresholds,
  connectionSchema,
  connectionsSchema,
  consentSchema,
  policySchema,
  processorSchema,
  thresholdsSchema,
} from "./documents.ts";
import { type EnvironmentConfig, parseEnvironment } from "./environment.ts";

/** A JSON file of a folder of streams. */
export interface JsonFile {
  /** Path below that folder, e.g. `processors/orders.json`. */
  path: string;
  document: JsonDocument;
}

export type Stage = Readonly<Record<string, unknown>>;

export interface Processor extends JsonFile {
  /** The file's stem, which is what Atlas calls it. */
  name: string;
  pipeline: readonly Stage[];
  /** The pipeline as compact JSON, keys as written: what is sent to Atlas. */
  pipelineText: string;
  dlq: DeadLetterQueue | undefined;
}

export interface Connection extends JsonFile {
  /** Path of the connection in its document. */
  at: (string | number)[];
  value: ConnectionDocument;
}

export interface Environment {
  name: string;
  config: EnvironmentConfig | undefined;
  thresholds: Thresholds | undefined;
}

/** Everything of a folder of streams, and what is wrong with its files. What cannot be read is left out and found. */
export interface StreamProject {
  processors: readonly Processor[];
  connections: readonly Connection[];
  environments: ReadonlyMap<string, Environment>;
  policies: ReadonlyMap<string, JsonFile & { value: Policy }>;
  consents: ReadonlyMap<string, JsonFile & { value: Consent }>;
  /** Tests by the processor's name; the format is that of `testing/`. */
  tests: ReadonlyMap<string, { path: string; text: string }>;
  findings: readonly Finding[];
}

/** Names that environments also go by in repositories of others. */
export const environmentAliases: Readonly<Record<string, string>> = { production: "prod", development: "dev" };

/** Reads a folder of streams from its files, by path below it. Pure: who calls reads a checkout or a commit. */
export function loadStreams(files: Readonly<Record<string, string>>): StreamProject {
  const findings: Finding[] = [];
  const processors: Processor[] = [];
  const connections: Connection[] = [];
  const environments = new Map<string, Environment>();
  const policies = new Map<string, JsonFile & { value: Policy }>();
  const consents = new Map<string, JsonFile & { value: Consent }>();
  const tests = new Map<string, { path: string; text: string }>();
  for (const path of Object.keys(files).sort()) {
    const text = files[path] ?? "";
    const [, folder = "", rest = ""] = /^([^/]+)\/(.+)$/.exec(path) ?? [];
    const stem = rest.replace(/\.json$/, "");
    if (folder === "processors" && /^[^/]+\.json$/.test(rest))
      processors.push(...processorOf(path, stem, text, findings));
    else if (folder === "connections" && /^[^/]+\.json$/.test(rest))
      connections.push(...connectionsOf(path, text, findings));
    else if (folder === "environments") addEnvironment(environments, path, rest, text, findings);
    else if (folder === "policies" && rest.endsWith(".json"))
      keep(policies, stem, readAs(policySchema, path, text, findings));
    else if (folder === "consents" && rest.endsWith(".json"))
      keep(consents, stem, readAs(consentSchema, path, text, findings));
    else if (folder === "tests" && /\.test\.(?:json|ya?ml)$/.test(rest))
      tests.set(rest.replace(/\.test\.(?:json|ya?ml)$/, ""), { path, text });
  }
  return { processors, connections, environments, policies, consents, tests, findings };
}

function keep<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value !== undefined) map.set(key, value);
}

function processorOf(path: string, name: string, text: string, findings: Finding[]): Processor[] {
  const file = readAs(processorSchema, path, text, findings);
  if (file === undefined) return [];
  const { pipeline, options } = file.value;
  return [{ ...file, name, pipeline, pipelineText: file.document.source(["pipeline"]) ?? "[]", dlq: options?.dlq }];
}

function connectionsOf(path: string, text: string, findings: Finding[]): Connection[] {
  const file = readAs(connectionsSchema, path, text, findings);
  if (file === undefined) return [];
  const { document, value } = file;
  const places: (string | number)[][] = Array.isArray(value)
    ? value.map((_, index) => [index])
    : "connections" in value && Array.isArray(value["connections"])
      ? value["connections"].map((_, index) => ["connections", index])
      : [[]];
  return places.flatMap((at) => {
    const one = at.reduce<unknown>((inner, part) => (inner as Record<string | number, unknown>)[part], document.value);
    const read = checked(connectionSchema, { path, document }, one, at, findings);
    return read === undefined ? [] : [{ path, document, at, value: read }];
  });
}

function addEnvironment(
  environments: Map<string, Environment>,
  path: string,
  rest: string,
  text: string,
  findings: Finding[],
): void {
  const [folder = "", file] = rest.split("/");
  const name = environmentAliases[folder] ?? folder;
  const environment = environments.get(name) ?? { name, config: undefined, thresholds: undefined };
  if (file === "config.env") {
    const read = parseEnvironment(path, text);
    findings.push(...read.findings);
    environments.set(name, { ...environment, config: read.config });
  } else if (file === "thresholds.json") {
    environments.set(name, { ...environment, thresholds: readAs(thresholdsSchema, path, text, findings)?.value });
  }
}

function readAs<T>(
  schema: z.ZodType<T>,
  path: string,
  text: string,
  findings: Finding[],
): (JsonFile & { value: T }) | undefined {
  const document = new JsonDocument(text);
  for (const { kind, message, line, column } of document.problems)
    findings.push({
      rule: `json/${kind}`,
      severity: "error",
      file: path,
      line,
      column,
      path: "",
      message,
      ...jsonAdvice[kind],
    });
  if (!document.readable) return undefined;
  const value = checked(schema, { path, document }, document.value, [], findings);
  return value === undefined ? undefined : { path, document, value };
}

const jsonAdvice = {
  syntax: { why: "nothing of a file can be used that is not JSON", fix: "correct it there" },
  "duplicate-key": { why: "only the last one would count, and nobody sees it", fix: "remove one of them" },
  "too-large": { why: "Atlas takes pipelines of at most 16 MB", fix: "make it smaller" },
  "too-deep": { why: "documents of MongoDB hold at most a hundred levels", fix: "make it flatter" },
} as const;

function checked<T>(
  schema: z.ZodType<T>,
  file: JsonFile,
  value: unknown,
  at: (string | number)[],
  findings: Finding[],
): T | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const path = [...at, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
    const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
    for (const key of unknown)
      findings.push(
        findingAt(file, [...path, key], {
          rule: "file/unknown-key",
          message: `${JSON.stringify(key)} is not known here`,
          why: "nothing would read it",
          fix: "remove it, or correct its name",
        }),
      );
    if (unknown.length === 0)
      findings.push(
        findingAt(file, path, {
          rule: "file/schema",
          message: issue.message,
          why: "the file is not of the form that is read",
          fix: `see streams/schemas for the form of ${file.path.split("/")[0] ?? "it"}`,
        }),
      );
  }
  return undefined;
}

import type { Json } from "../../release/canonical.ts";
import { parsePath, spell, type Segment } from "./paths.ts";

/** What a `Get` points at. */
export type Reference =
  | { kind: "parameter"; name: string }
  | { kind: "execution"; name: string }
  | { kind: "property"; step: string; property: string }
  | { kind: "property-file"; step: string; file: string };

/** Where references get their values from. Every lookup may fail with an Error in words for people. */
export interface Scope {
  parameter(name: string): Json;
  execution(name: string): Json;
  property(step: string, property: string): Json;
  propertyFile(step: string, file: string): Json;
}

/** A value or a function of a definition that cannot be understood or worked out. */
export class ValueError extends Error {}

/** Functions that pipelines know and local mode works out. */
const functions = ["Get", "Std:Join", "Std:JsonGet"] as const;
type FunctionName = (typeof functions)[number];

type Members = { [key: string]: Json | undefined };

export const isMembers = (value: Json | undefined): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The function that an object calls; undefined for an object that is one. An unknown `Std:` function is a ValueError. */
function functionOf(value: Members): FunctionName | undefined {
  const keys = Object.keys(value);
  const unknown = keys.find((key) => key.startsWith("Std:") && !(functions as readonly string[]).includes(key));
  if (unknown !== undefined)
    throw new ValueError(`function ${unknown} is not one that local mode knows (${functions.join(", ")})`);
  const called = functions.find((name) => Object.hasOwn(value, name));
  if (called !== undefined && keys.length > 1)
    throw new ValueError(`${called} stands beside ${keys.filter((key) => key !== called).join(", ")}`);
  return called;
}

export const isExpression = (value: Json | undefined): boolean => isMembers(value) && functionOf(value) !== undefined;

/** Reads the text of a `Get`. @throws ValueError for one that points at nothing a pipeline has. */
export function parseReference(text: string): Reference {
  const [, kind = "", rest = ""] = /^(Parameters|Execution|Steps)\.(.+)$/s.exec(text) ?? [];
  if (kind === "Parameters" && /^[\w-]+$/.test(rest)) return { kind: "parameter", name: rest };
  if (kind === "Execution" && /^\w+$/.test(rest)) return { kind: "execution", name: rest };
  const [, step = "", path = ""] = /^([\w-]+)\.(.+)$/s.exec(rest) ?? [];
  const file = /^PropertyFiles\.([\w-]+)$/.exec(path)?.[1];
  if (kind === "Steps" && file !== undefined) return { kind: "property-file", step, file };
  const property = kind === "Steps" ? parsePath(path) : undefined;
  if (property !== undefined) return { kind: "property", step, property: spell(property) };
  throw new ValueError(`"Get": got ${JSON.stringify(text)}, expected Parameters.…, Execution.… or Steps.<step>.…`);
}

interface JsonGet {
  file: Extract<Reference, { kind: "property-file" }>;
  path: Segment[];
  spelled: string;
}

function jsonGetOf(body: Json | undefined): JsonGet {
  const source = isMembers(body) && isMembers(body["PropertyFile"]) ? body["PropertyFile"]["Get"] : undefined;
  const spelled = isMembers(body) ? body["Path"] : undefined;
  if (typeof source !== "string" || typeof spelled !== "string")
    throw new ValueError("Std:JsonGet: expected a PropertyFile with Get and a Path");
  const file = parseReference(source);
  const path = parsePath(spelled);
  if (file.kind !== "property-file") throw new ValueError(`Std:JsonGet: ${source} is no property file`);
  if (path === undefined) throw new ValueError(`Std:JsonGet: ${JSON.stringify(spelled)} is no path`);
  return { file, path, spelled };
}

function joinOf(body: Json | undefined): { on: string; values: Json[] } {
  const on = isMembers(body) ? (body["On"] ?? "") : undefined;
  const values = isMembers(body) ? body["Values"] : undefined;
  if (typeof on !== "string" || !Array.isArray(values))
    throw new ValueError("Std:Join: expected On and a list of Values");
  return { on, values };
}

/** Every reference in a value, in the order in which they stand. @throws ValueError for a function that is not understood. */
export function referencesIn(value: Json | undefined): Reference[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isMembers(value)) return [];
  const called = functionOf(value);
  if (called === "Get") return [getOf(value["Get"])];
  if (called === "Std:Join") return joinOf(value["Std:Join"]).values.flatMap(referencesIn);
  if (called === "Std:JsonGet") return [jsonGetOf(value["Std:JsonGet"]).file];
  return Object.values(value).flatMap(referencesIn);
}

function getOf(text: Json | undefined): Reference {
  if (typeof text !== "string") throw new ValueError(`"Get": got ${JSON.stringify(text)}, expected a text`);
  return parseReference(text);
}

/** The value with every function worked out. @throws ValueError for what cannot be. */
export function resolve(value: Json, scope: Scope): Json {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (!isMembers(value)) return value;
  const called = functionOf(value);
  if (called === "Get") return lookUp(getOf(value["Get"]), scope);
  if (called === "Std:Join") return join(joinOf(value["Std:Join"]), scope);
  if (called === "Std:JsonGet") return jsonGet(jsonGetOf(value["Std:JsonGet"]), scope);
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [[key, member] as const],
  );
  return Object.fromEntries(members.map(([key, member]) => [key, resolve(member, scope)]));
}

function lookUp(reference: Reference, scope: Scope): Json {
  switch (reference.kind) {
    case "parameter":
      return scope.parameter(reference.name);
    case "execution":
      return scope.execution(reference.name);
    case "property":
      return scope.property(reference.step, reference.property);
    case "property-file":
      throw new ValueError(`property file ${reference.file} of ${reference.step} is read with Std:JsonGet`);
  }
}

function join({ on, values }: { on: string; values: Json[] }, scope: Scope): string {
  const texts = values.map((item) => {
    const resolved = resolve(item, scope);
    if (resolved === null || typeof resolved === "object")
      throw new ValueError(`Std:Join: got ${JSON.stringify(resolved)}, expected texts, numbers and truth values`);
    return String(resolved);
  });
  return texts.join(on);
}

function jsonGet({ file, path, spelled }: JsonGet, scope: Scope): Json {
  let found: Json | undefined = scope.propertyFile(file.step, file.file);
  for (const part of path) {
    const inside: Json | undefined = found;
    if ("index" in part) found = Array.isArray(inside) ? inside[part.index] : undefined;
    else found = memberOf(inside, "key" in part ? part.key : part.name);
  }
  if (found === undefined) throw new ValueError(`property file ${file.file} of ${file.step} has no ${spelled}`);
  return found;
}

const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;

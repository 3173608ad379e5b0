import { pathSteps } from "../../drift/property-path.ts";
import { redact } from "../../promotion/redact.ts";

/** Longest value that a comment shows. */
export const VALUE_LENGTH = 120;

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = new Set(["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "[unknown]"]);
const SECRET = "[secret]";

/** Names under which people keep what nobody else may read, whether or not the program says that it is secret. */
const tellingName =
  /(?:^|_)(?:pass(?:word|wd|phrase)?|secret|secret_?(?:string|key|access_?key|value)|token|api_?key|private_?key|client_?secret|credentials?|authorization|connection_?string)$/i;
const tells = (step: string): boolean => tellingName.test(step.replaceAll(/([a-z])([A-Z])/g, "$1_$2"));

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members => typeof value === "object" && value !== null;

/** Whether a value is the engine's envelope of a secret, or what it prints instead of one. */
export const isSecretValue = (value: unknown): boolean =>
  value === SECRET || (isMembers(value) && value[SECRET_SIGNATURE] === SECRET_VALUE);

/** A property on one side of a change. */
interface Side {
  value: unknown;
  secret: boolean;
}

/** Walks to a property; what lies inside of a secret is one. */
function sideAt(inputs: unknown, path: string): Side {
  let value = inputs;
  for (const step of pathSteps(path)) {
    if (isSecretValue(value)) return { value: SECRET, secret: true };
    value = isMembers(value) ? value[step] : undefined;
  }
  return { value, secret: isSecretValue(value) };
}

/** Both sides of a change as texts; `known` are plain texts that turned out to be secret on the other side. */
export interface Sides {
  before: string | undefined;
  after: string | undefined;
  known: string[];
}

/**
 * Shows what a property was and what it becomes. What is secret on one side is masked on both: the engine blinds a secret and still sends what
 * it was before it became one.
 */
export function sidesOf(path: string, old: unknown, next: unknown): Sides {
  const [before, after] = [sideAt(old, path), sideAt(next, path)];
  const known: string[] = [];
  if (before.secret || after.secret || pathSteps(path).some(tells)) {
    for (const { value } of [before, after]) collect(value, known);
    return { before: before.value === undefined ? undefined : SECRET, after: maskOf(after.value), known };
  }
  const [was, is] = masked(before.value, after.value, known);
  return { before: shown(was), after: shown(is), known };
}

const maskOf = (value: unknown) => (value === undefined ? undefined : SECRET);

/** Plain texts in a value that is to be secret. Short ones would blank out half of a page. */
function collect(value: unknown, into: string[]): void {
  if (typeof value === "string" && value.length >= 6 && !UNKNOWN.has(value) && value !== SECRET) into.push(value);
  else if (isMembers(value) && !isSecretValue(value)) for (const inner of Object.values(value)) collect(inner, into);
}

/** Two values with everything masked in both that is secret in one. */
function masked(before: unknown, after: unknown, known: string[]): [unknown, unknown] {
  if (isSecretValue(before) || isSecretValue(after)) {
    collect(before, known);
    collect(after, known);
    return [maskOf(before), maskOf(after)];
  }
  if (!isMembers(before) && !isMembers(after)) return [plain(before), plain(after)];
  const [old, next] = [isMembers(before) ? before : {}, isMembers(after) ? after : {}];
  const pairs = [...new Set([...Object.keys(old), ...Object.keys(next)])].map((key) => {
    const telling = tells(key);
    if (telling) [old[key], next[key]].forEach((value) => collect(value, known));
    const pair = telling ? [maskOf(old[key]), maskOf(next[key])] : masked(old[key], next[key], known);
    return [key, pair] as const;
  });
  const side = (value: unknown, at: 0 | 1) => (isMembers(value) ? rebuilt(value, pairs, at) : plain(value));
  return [side(before, 0), side(after, 1)];
}

function rebuilt(like: Members, pairs: readonly (readonly [string, unknown[]])[], at: 0 | 1): unknown {
  const kept = pairs.filter(([key]) => key in like).map(([key, pair]) => [key, pair[at]] as const);
  return Array.isArray(like) ? kept.map(([, value]) => value) : Object.fromEntries(kept);
}

const plain = (value: unknown): unknown => (typeof value === "string" && UNKNOWN.has(value) ? "computed" : value);

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === "computed" || value === SECRET) return value;
  return redact(JSON.stringify(value));
}

/** The text in at most so many characters, none of them halved. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const letters = Array.from(text.slice(0, 2 * length + 2));
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}

/** The text without any of the plain texts that are known to be secret. */
export function withoutKnown(text: string, known: ReadonlySet<string>): string {
  let clean = text;
  for (const secret of known)
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1)])) clean = clean.replaceAll(form, SECRET);
  return clean;
}

import type { JsonFile } from "../files/project.ts";
import { type Finding, findingAt } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";
import { type ProjectRule, isDocument } from "./subject.ts";

/** Keys whose values are secrets, wherever they stand. */
const secretKey =
  /^(?:proxy-)?authorization$|^cookie$|api[-_]?key$|^x-.*(?:key|token)$|password|passphrase|secret|^(?:access|auth|refresh|bearer)?[-_]?token$|private[-_]?key|access[-_]?key/i;

/** Keys that only sound like it. */
const harmless = /(?:url|endpoint|arn|name|format|field|path|type)$/i;

/** What gives a secret away by its form. */
const secretForms: readonly RegExp[] = [
  /[a-z][a-z0-9+.-]*:\/\/[^/\s:@$]*:[^/\s@$]+@/i,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9+/_.=-]{12,}/,
  /\bgh[pousr]_[A-Za-z0-9]{30,}/,
  /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bhooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{16,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/,
  /[?&](?:api[-_]?key|key|token|access_token|secret|password|sig)=[^&$\s]{6,}/i,
];

/** Whether a string is filled in where it is used, so that none stands in the file. */
const isReference = (text: string) => text === "" || /\$\{\w+\}/.test(text);

/**
 * Secrets in plain text, in pipelines and in connections. The finding names the place and never the value. Tests and samples hold made-up
 * data and are not looked at.
 */
export const plainSecrets: ProjectRule = function* ({ processors, connections }) {
  for (const processor of processors) yield* search(processor, processor.document.value, []);
  for (const file of new Map(connections.map((connection) => [connection.path, connection])).values())
    yield* search(file, file.document.value, []);
};

function* search(file: JsonFile, value: unknown, path: JsonPath): Generator<Finding> {
  if (typeof value === "string") {
    if (isSecret(value, path)) yield secretAt(file, path);
  } else if (Array.isArray(value))
    for (const [index, inside] of value.entries()) yield* search(file, inside, [...path, index]);
  else if (isDocument(value))
    for (const [key, inside] of Object.entries(value)) yield* search(file, inside, [...path, key]);
}

/** Whether a string at a place is a secret, by its form or by the name of its key. */
export function isSecret(text: string, path: JsonPath): boolean {
  if (secretForms.some((form) => form.test(text))) return true;
  const key = path.findLast((part) => typeof part === "string") ?? "";
  // A reference to a field of the document is none, and neither is a name of one.
  return secretKey.test(key) && !harmless.test(key) && !text.startsWith("$") && !isReference(text) && !inQuery(path);
}

/** Keys in queries, projections and schemas are names of fields, not of settings. */
const inQuery = (path: JsonPath) =>
  path.some((part) =>
    ["$match", "$validate", "$project", "$group", "$addFields", "$set", "$unset", "documents"].includes(String(part)),
  );

function secretAt(file: JsonFile, path: JsonPath): Finding {
  const inPipeline = path[0] === "pipeline";
  return findingAt(file, path, {
    rule: "secrets/plain-text",
    message: "a secret in plain text",
    why: "whoever reads the repository, or the processor in Atlas, has it",
    fix: inPipeline
      ? "put it into the headers or the url of a connection as ${NAME}; and make a new one, this one is known"
      : "write ${NAME} and keep the value outside of git; and make a new one, this one is known",
  });
}

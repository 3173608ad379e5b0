import type { ConnectionDocument } from "../../../streams/engine/files/documents.ts";
import type { JsonPath } from "../../../streams/engine/json/document.ts";
import { isSecret } from "../../../streams/engine/lint/secrets.ts";
import { isDocument } from "../../../streams/engine/lint/subject.ts";
import type { AtlasConnection } from "../atlas/types.ts";

/** A connection in the words of `connections/*.json`. */
export type ConnectionCopy = Readonly<Record<string, unknown>> & { name: string; type: string };

/** What belongs to a connection's definition; all else that Atlas shows is its own. */
const definition = new Set([
  ...["name", "type", "clusterName", "clusterProjectId", "dbRoleToExecute", "authentication", "bootstrapServers"],
  ...["security", "config", "networking", "aws", "azure", "gcp", "url", "headers", "schemaRegistryProvider"],
  ...["schemaRegistryUrls", "schemaRegistryAuthentication"],
]);

/**
 * A connection with a reference wherever a secret is, whether Atlas shows it or not. The references are those of the files, where these
 * declare the connection; names of their own otherwise.
 */
export function connectionCopy({ name, type, raw }: AtlasConnection, declared?: ConnectionDocument): ConnectionCopy {
  const own = Object.fromEntries(Object.entries(raw).filter(([key]) => definition.has(key)));
  const shown = replaced({ ...own, name, type }, [], { name, declared }) as ConnectionCopy;
  const hidden = [...referencesIn(declared, []), ...(declared === undefined ? expectedSecrets(name, type, raw) : [])];
  return hidden.reduce<ConnectionCopy>((copy, { path, text }) => withMember(copy, path, text), shown);
}

interface Context {
  name: string;
  declared: ConnectionDocument | undefined;
}

function replaced(value: unknown, path: JsonPath, context: Context): unknown {
  if (Array.isArray(value)) return value.map((one, index) => replaced(one, [...path, index], context));
  if (isDocument(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, [...path, key], context)]));
  if (typeof value !== "string" || !mustHide(value, path)) return value;
  const written = textAt(context.declared, path);
  if (written !== undefined && hasReference(written)) return written;
  const reference = referenceOf(context.name, path);
  return value.startsWith("https://") ? `https://${reference}` : reference;
}

/** Secrets by their place or form, and what Atlas shows as asterisks. */
const mustHide = (text: string, path: JsonPath): boolean =>
  path[0] === "headers" || /^\*+$/.test(text) || isSecret(text, path) || (path[0] === "url" && hasUser(text));

function hasUser(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.username !== "" || url.password !== "" || url.search !== "");
}

const hasReference = (text: string) => /\$\{\w+\}/.test(text);

const referenceOf = (name: string, path: JsonPath) =>
  `\${${[name, ...path.map(String)].join("_").replaceAll(/\W+/g, "_").toUpperCase()}}`;

const textAt = (value: unknown, path: JsonPath): string | undefined => {
  const found = path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
  return typeof found === "string" ? found : undefined;
};

interface Reference {
  path: JsonPath;
  text: string;
}

/** References of a declared connection, with their places. */
function* referencesIn(value: unknown, path: JsonPath): Generator<Reference> {
  if (typeof value === "string") {
    if (hasReference(value)) yield { path, text: value };
  } else if (isDocument(value))
    for (const [key, one] of Object.entries(value)) yield* referencesIn(one, [...path, key]);
}

/** Secrets that Atlas never shows, and that a connection of this kind must have had. */
function* expectedSecrets(name: string, type: string, raw: Readonly<Record<string, unknown>>): Generator<Reference> {
  const own = (...path: string[]): Reference => ({ path, text: referenceOf(name, path) });
  const authentication = raw["authentication"];
  if (type === "SchemaRegistry") yield own("schemaRegistryAuthentication", "password");
  if (type !== "Kafka" || !isDocument(authentication)) return;
  const { mechanism = "" } = authentication as { mechanism?: string };
  if (mechanism === "OAUTHBEARER") yield own("authentication", "clientSecret");
  else if (mechanism !== "AWS_MSK_IAM") yield own("authentication", "password");
}

/** The copy with one more text in it; what Atlas shows there stays. */
function withMember(copy: ConnectionCopy, path: JsonPath, text: string): ConnectionCopy {
  const set = (value: unknown, [key, ...rest]: JsonPath): unknown => {
    if (key === undefined) return value ?? text;
    const members = isDocument(value) ? value : {};
    return { ...members, [key]: set(members[key], rest) };
  };
  return set(copy, path) as ConnectionCopy;
}

/** Names of every reference in some connections. */
export const variablesIn = (connections: readonly unknown[]): string[] =>
  [...new Set([...JSON.stringify(connections).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? ""))].sort();

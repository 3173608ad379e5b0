import type { ConnectionDocument } from "../streams/engine/files/documents.ts";

/** Where variables of connections come from: what the stack file says counts before what the environment has. */
export interface Variables {
  settings: Readonly<Record<string, unknown>>;
  environment: Readonly<Record<string, string | undefined>>;
}

/** A connection with every variable filled in, and the places where something was, or where a secret stands anyway. */
export interface FilledConnection {
  value: ConnectionDocument;
  /** Top-level keys that hold a secret. */
  secrets: readonly string[];
}

const reference = /\$\{(\w+)\}/g;

/** Keys that hold secrets even where the file names no variable. */
const alwaysSecret = new Set(["headers", "authentication", "schemaRegistryAuthentication"]);

/** What a variable stands for; undefined where nobody says. */
export function valueOf({ settings, environment }: Variables, name: string): string | undefined {
  const own = settings[name];
  if (typeof own === "string") return own === "" ? undefined : own;
  if (own !== undefined) return undefined;
  const value = environment[name];
  return value === "" ? undefined : value;
}

/** Variables of the stack file that are no texts. Their values are not repeated: they may be secrets. */
export function notTexts({ settings }: Variables): string[] {
  return Object.entries(settings)
    .filter(([, value]) => typeof value !== "string")
    .map(([name]) => `slipway:streams.variables.${name}: expected a text, in quotes where it looks like a number.`);
}

/** Fills variables in. What was filled in counts as a secret, whatever it is: whoever writes `${NAME}` keeps it out of sight. */
export function fillConnection(
  connection: ConnectionDocument,
  variables: Variables,
): { connection: FilledConnection; missing: string[] } {
  const missing = new Set<string>();
  const secrets: string[] = [];
  const entries = Object.entries(connection).map(([key, value]) => {
    let filled = alwaysSecret.has(key) || (key === "url" && hasUser(value));
    const fill = (text: string) =>
      text.replaceAll(reference, (_, name: string) => {
        filled = true;
        const found = valueOf(variables, name);
        if (found === undefined) missing.add(name);
        return found ?? "";
      });
    const result = mapTexts(value, fill);
    if (filled) secrets.push(key);
    return [key, result] as const;
  });
  const value = Object.fromEntries(entries) as ConnectionDocument;
  return { connection: { value, secrets }, missing: [...missing].sort() };
}

/** An address that carries a password or a key. */
function hasUser(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && (url.username !== "" || url.password !== "" || url.search !== "");
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((inside) => mapTexts(inside, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, mapTexts(inside, change)]));
}

import { isDocument } from "../../../streams/engine/lint/subject.ts";
import type { Credentials } from "./credentials.ts";

/** Shorter texts are words like any other: to hide them would make messages unreadable. */
const shortest = 6;

/** Takes what must not be told out of whatever a server wrote back. */
export class Secrets {
  readonly #texts = new Set<string>();

  /** What has to be hidden from now on. */
  add(...texts: readonly string[]): void {
    for (const text of texts) if (text.length >= shortest) this.#texts.add(text);
  }

  hide(text: string, more: readonly string[] = []): string {
    const all = [...this.#texts, ...more.filter(({ length }) => length >= shortest)];
    // The longest first: one may be part of another.
    all.sort((a, b) => b.length - a.length);
    return all.reduce((current, secret) => current.replaceAll(secret, "[secret]"), text);
  }
}

/** What of credentials nobody may read. */
export const secretOf = (credentials: Credentials): string =>
  credentials.kind === "digest" ? credentials.privateKey : credentials.secret;

const secretKeys = /^(?:headers|authentication)$|password|secret|token|api.?key|sslkey/i;

/** Texts of a connection's definition that are secret: below headers and authentication, by their names, or in a URL. */
export function secretsIn(definition: unknown, inside = false): string[] {
  if (typeof definition === "string") return inside ? [definition] : secretsOfUrl(definition);
  if (Array.isArray(definition)) return definition.flatMap((each) => secretsIn(each, inside));
  if (!isDocument(definition)) return [];
  return Object.entries(definition).flatMap(([key, value]) => secretsIn(value, inside || secretKeys.test(key)));
}

/** User, password and query of a URL; the URL itself where it has any of them. */
function secretsOfUrl(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return [];
  const { username, password, search, searchParams } = new URL(text);
  if (username === "" && password === "" && search === "") return [];
  return [text, decodeURIComponent(password), ...searchParams.values()];
}

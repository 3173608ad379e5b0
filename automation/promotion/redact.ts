import { stripVTControlCharacters } from "node:util";

/** Longest text that a record or a message keeps of an error. */
const LONGEST = 2000;

/** Forms that credentials come in. The engine blinds the secrets it knows; these are the ones a tool may print on its own. */
const CREDENTIALS: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gu, "[private key]"],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/gu, "[access key]"],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|pul-[0-9a-f]{40}|xox[abprs]-[\w-]{10,})/gu, "[token]"],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/gu, "[token]"],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s:@]*:[^/\s@]+@/giu, "$1[credentials]@"],
  [/(\bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token)\s+)?)[^\s"',;]+/giu, "$1[secret]"],
  [
    /((?:password|passwd|passphrase|secret(?:[_-]?access)?[_-]?key|client[_-]?secret|api[_-]?key|access[_-]?token|session[_-]?token)["']?\s*[:=]\s*["']?)[^\s"',;&]+/giu,
    "$1[secret]",
  ],
];

/** The text without credentials, without terminal escapes, and of bounded length. */
export function redact(text: string): string {
  const plain = stripVTControlCharacters(text).toWellFormed();
  const safe = CREDENTIALS.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), plain);
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST - 1).toWellFormed()}…` : safe;
}

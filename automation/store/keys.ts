import { ExitCode, SlipwayError } from "../errors.ts";

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/u;

/** S3 allows 1024 bytes; a directory allows 255 per segment. */
const LONGEST_KEY = 900;
const LONGEST_SEGMENT = 200;

/** Whether a text can name a document. */
export function isKey(key: string): boolean {
  if (key.length > LONGEST_KEY) return false;
  return key.split("/").every((segment) => segment.length <= LONGEST_SEGMENT && SEGMENT.test(segment));
}

/** Refuses a key that is not made of `/`-separated segments of `[A-Za-z0-9._-]` (no segment starts with a dot). */
export function checkKey(location: string, key: string): void {
  if (!isKey(key)) throw badKey(location, key);
}

/** Refuses a prefix that is neither empty nor a key with a closing slash. */
export function checkPrefix(location: string, prefix: string): void {
  if (prefix !== "" && !(prefix.endsWith("/") && isKey(prefix.slice(0, -1)))) throw badKey(location, prefix);
}

function badKey(location: string, key: string): SlipwayError {
  return new SlipwayError(ExitCode.usage, `${JSON.stringify(key)} cannot name a document in the store.`, {
    where: location,
    next: "use letters, digits, dot, underscore and hyphen, with / between the parts",
  });
}

import { redact } from "../../promotion/redact.ts";

const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** Longer than this nobody waits: the error says when to come back. */
const longestRetryAfterSeconds = 120;

/**
 * Milliseconds until the next attempt: what the server asks for, else twice as long each time and a little by chance, so that several
 * clients do not come back together. Undefined where the server asks for too long.
 */
export function pauseBefore(attempt: number, retryAfter: number | undefined, chance = Math.random): number | undefined {
  if (retryAfter !== undefined) return retryAfter > longestRetryAfterSeconds ? undefined : retryAfter * 1000;
  const full = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * chance();
}

/** Seconds out of `Retry-After`, which is a number or a date. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** What is said of an answer, or of none. Atlas writes `{error, errorCode, detail, reason, parameters}`. */
export function failureOf(
  status: number,
  text: string,
  failure: unknown,
): { status: number; errorCode: string | undefined; detail: string; cause?: unknown } {
  if (status === 0) return { status, errorCode: undefined, detail: connectionFailure(failure) };
  const body = objectIn(text);
  const words = (name: string) => (typeof body[name] === "string" && body[name] !== "" ? body[name] : undefined);
  const shown = status >= 300 && status < 400 ? "it points to another address, which is not followed" : undefined;
  const detail = shown ?? words("detail") ?? words("error_description") ?? words("reason") ?? words("error");
  return { status, errorCode: words("errorCode"), detail: detail ?? "it says no more" };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

function connectionFailure(failure: unknown): string {
  if (!(failure instanceof Error)) return "the connection failed";
  if (failure.name === "TimeoutError") return "no answer within a minute";
  const cause = failure.cause instanceof Error ? failure.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return redact(
    cause === undefined ? failure.message : `${typeof code === "string" ? `${code}: ` : ""}${cause.message}`,
  );
}

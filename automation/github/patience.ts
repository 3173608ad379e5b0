/** An answer, as far as it says whether and when to ask again. */
export interface Refusal {
  method: string;
  /** 0 where no answer came. */
  status: number;
  headers: { get(name: string): string | null };
  /** GitHub's own words. */
  message: string;
  /** How often it has been asked, this time included. */
  attempt: number;
  /** Milliseconds since the epoch. */
  now: number;
}

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1000;
/** What GitHub asks for where it says nothing else of a secondary limit. */
const MINUTE_MS = 60_000;

/** Whether GitHub refuses because of how much is asked and not because of what. */
export function isLimit({ status, headers, message }: Pick<Refusal, "status" | "headers" | "message">): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers.get("retry-after") !== null ||
    headers.get("x-ratelimit-remaining") === "0" ||
    /rate limit|abuse/i.test(message)
  );
}

/**
 * How long to wait before a request is made again, in milliseconds; undefined where that would be no use. A request that was limited was not
 * done, so any may be repeated; after a failure only those that do no harm twice.
 */
export function pauseBefore(refusal: Refusal): number | undefined {
  const { method, status, attempt } = refusal;
  if (attempt >= ATTEMPTS) return undefined;
  if (isLimit(refusal)) return limitPause(refusal);
  if (status !== 0 && status < 500) return undefined;
  if (method === "POST") return undefined;
  return FIRST_PAUSE_MS * 2 ** (attempt - 1);
}

function limitPause({ headers, attempt, now }: Refusal): number {
  const after = headers.get("retry-after");
  if (after !== null) {
    const seconds = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - now) / 1000;
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  }
  const reset = Number(headers.get("x-ratelimit-reset"));
  if (headers.get("x-ratelimit-remaining") === "0" && reset > 0)
    return Math.max(0, reset * 1000 - now) + FIRST_PAUSE_MS;
  return MINUTE_MS * 2 ** (attempt - 1);
}

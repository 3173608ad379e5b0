/** An answer before it is sent: what decides is plain data, only `app.ts` writes to a connection. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** A request after its body was read. */
export interface Question {
  method: string;
  /** Path as it was sent, without the query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
  requestId: string;
  /** Aborted when nobody waits for the answer any more. */
  gone: AbortSignal;
}

/** An answer as JSON, which nobody keeps. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(JSON.stringify(value), "utf8");
  return { status, headers: { "content-type": "application/json", "cache-control": "no-store", ...headers }, body };
}

/** An answer that says why a request was not answered as asked, in the api's own form. */
export function problem(status: number, detail: string, headers: Record<string, string> = {}): Answer {
  return json(status, { detail }, headers);
}

/** What is counted for a caller who left before the answer: no failure of the service, so not a status of 500 or more. */
export function callerGone(): Answer {
  return problem(499, "the caller has gone");
}

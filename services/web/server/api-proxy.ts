import { type Answer, callerGone, problem, type Question } from "./answer.ts";

/** What the page may ask of the api: one method per path, nothing else is handed on. */
const ROUTES: Readonly<Record<string, "GET" | "POST">> = {
  "/api/models": "GET",
  "/api/status": "GET",
  "/api/predict": "POST",
};
const MAX_ANSWER_BYTES = 8_388_608;
/** What describes the answer, not the connection it came over. */
const FORWARDED_HEADERS = ["content-type", "x-model-version"];

export interface Api {
  url: string;
  /** Milliseconds for a whole answer. */
  timeout: number;
}

/** Whether a path is the api's, known or not. */
export function isApiPath(path: string): boolean {
  return path === "/api" || path.startsWith("/api/");
}

/** Path as it counts in metrics: callers must not be able to make new series. */
export function apiRoute(path: string): string {
  return Object.hasOwn(ROUTES, path) ? path : "unmatched";
}

/** Hands a question to the api and its answer back, with 502 and 504 where there is none. */
export async function answerFromApi(api: Api, question: Question): Promise<Answer> {
  const allowed = Object.hasOwn(ROUTES, question.path) ? ROUTES[question.path] : undefined;
  if (!allowed) return problem(404, "there is nothing here");
  if (question.method !== allowed) return problem(405, `only ${allowed} is allowed here`, { allow: allowed });
  const type = String(question.headers["content-type"] ?? "");
  // A form on a foreign page can be sent without asking, JSON cannot.
  if (allowed === "POST" && !/^application\/json\s*(?:;|$)/iu.test(type))
    return problem(415, "the body must be application/json");
  return ask(api, question.path.slice("/api".length), question);
}

/** Asks the api one question. Never throws: what goes wrong is an answer. */
export async function ask(api: Api, path: string, question: Pick<Question, "method" | "body" | "requestId" | "gone">) {
  try {
    const response = await fetch(`${api.url}${path}`, {
      method: question.method,
      headers: {
        accept: "application/json",
        "x-request-id": question.requestId,
        ...(question.method === "POST" ? { "content-type": "application/json" } : {}),
      },
      body: question.method === "POST" ? Buffer.from(question.body) : null,
      redirect: "error",
      signal: AbortSignal.any([AbortSignal.timeout(api.timeout), question.gone]),
    });
    const headers: Record<string, string> = { "cache-control": "no-store" };
    for (const name of FORWARDED_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    return { status: response.status, headers, body: await limitedBody(response) };
  } catch (error) {
    if (question.gone.aborted) return callerGone();
    const late = error instanceof Error && error.name === "TimeoutError";
    return late ? problem(504, "the api did not answer in time") : problem(502, "the api cannot be reached");
  }
}

async function limitedBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error("the answer of the api is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

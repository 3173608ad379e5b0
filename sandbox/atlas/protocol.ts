import type { IncomingMessage } from "node:http";

import { JsonDocument } from "../../streams/engine/json/document.ts";

/** An error in the form of the Atlas Admin API. */
export class AtlasError extends Error {
  readonly status: number;
  readonly code: string;
  readonly parameters: readonly unknown[];
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    { parameters = [], headers = {} }: { parameters?: readonly unknown[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.parameters = parameters;
    this.headers = headers;
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
};

/** The body of an error. */
export function errorBody({ status, code, message, parameters }: AtlasError): Record<string, unknown> {
  return { error: status, errorCode: code, detail: message, reason: reasons[status] ?? "Error", parameters };
}

export const notFound = (code: string, detail: string, ...parameters: string[]) =>
  new AtlasError(404, code, detail, { parameters });
export const conflict = (code: string, detail: string, ...parameters: string[]) =>
  new AtlasError(409, code, detail, { parameters });
export const badRequest = (code: string, detail: string, ...parameters: string[]) =>
  new AtlasError(400, code, detail, { parameters });

/** Largest pipeline that Atlas takes, and what stands around it. */
const maxBodyBytes = 17 * 1024 * 1024;

/** The body of a request as text. @throws AtlasError when it is too large. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw new AtlasError(413, "PAYLOAD_TOO_LARGE", `at most ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A JSON object that remembers the order of its keys; an empty body is an empty object. @throws AtlasError where it is none. */
export function documentOf(body: string): JsonDocument & { value: Record<string, unknown> } {
  const document = new JsonDocument(body.trim() === "" ? "{}" : body, maxBodyBytes);
  const [problem] = document.problems;
  if (problem !== undefined)
    throw badRequest(
      "MALFORMED_JSON",
      `Received JSON is malformed: line ${problem.line}, column ${problem.column}: ${problem.message}.`,
    );
  const { value } = document;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("MALFORMED_JSON", "Received JSON is no object.");
  return document as JsonDocument & { value: Record<string, unknown> };
}

const mediaType = /application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2}|preview)\+json/;

/**
 * The media type of the answer: the version that was asked for. Requests that name none get the oldest one.
 *
 * @throws AtlasError 406 for anything that is not JSON.
 */
export function answerType(accept: string | undefined): string {
  const asked = mediaType.exec(accept ?? "")?.[0];
  if (asked !== undefined) return `${asked};charset=utf-8`;
  if (accept === undefined || /\*\/\*|application\/(?:\*|json)/.test(accept))
    return "application/vnd.atlas.2023-01-01+json;charset=utf-8";
  throw new AtlasError(
    406,
    "INVALID_ACCEPT_HEADER",
    `The API answers application/vnd.atlas.<date>+json, not ${accept}.`,
  );
}

/** The version that an answer has, as a date; empty for the preview, which has everything. */
export const versionOf = (type: string): string => /\d{4}-\d{2}-\d{2}/.exec(type)?.[0] ?? "";

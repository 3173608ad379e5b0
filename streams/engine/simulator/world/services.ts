import { CannotSimulate } from "../errors.ts";
import { equalValues } from "../values/compare.ts";
import { fromEjson } from "../values/ejson.ts";
import { type Doc, isDoc } from "../values/types.ts";

/** A request that an endpoint or a function got. */
export interface Request {
  kind: "https" | "function";
  connectionName: string;
  /** What was called: a function's name, or the method and path. */
  target: string;
  method?: string;
  path?: string;
  parameters?: Doc;
  headers?: Doc;
  body?: unknown;
}

/** What an endpoint answers. */
export interface HttpsReply {
  status?: number;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  responseTimeMs?: number;
}

/** An answer of `$https` to the requests that it matches: all parts that are given have to. */
export interface HttpsMock {
  connectionName?: string;
  match?: { path?: string; method?: string; parameters?: Doc; body?: unknown };
  reply?: HttpsReply;
}

/** One answer of a function, for the payloads that it matches. */
export interface FunctionRule {
  match?: unknown;
  reply?: unknown;
  /** The function fails, with these words. */
  error?: string;
  /** AWS does not even call it. */
  apiError?: string;
}

/** Rules in a list, the first that matches counts; or the one answer to everything. */
export type FunctionMock = readonly FunctionRule[] | Doc | string | number | boolean | null;

/** Endpoints and functions, as the mocks describe them. What no mock answers is not guessed. */
export class Services {
  readonly requests: Request[] = [];
  readonly #https: readonly HttpsMock[];
  readonly #functions: Readonly<Record<string, FunctionMock>>;

  constructor(https: readonly HttpsMock[], functions: Readonly<Record<string, FunctionMock>>) {
    this.#https = https;
    this.#functions = functions;
  }

  https(request: Request): HttpsReply {
    this.requests.push(request);
    const found = this.#https.find((mock) => answers(mock, request));
    if (found === undefined)
      throw new CannotSimulate(
        `$https ${request.target} of ${request.connectionName}: no mock in mocks.https answers it`,
      );
    return { status: 200, ...found.reply };
  }

  call(request: Request): FunctionRule {
    this.requests.push(request);
    if (!Object.hasOwn(this.#functions, request.target))
      throw new CannotSimulate(`the function ${request.target}: mocks.functions has no answer of it`);
    const mock = this.#functions[request.target] as FunctionMock;
    if (!Array.isArray(mock)) return { reply: mock };
    const rules = mock as readonly FunctionRule[];
    const found = rules.find(({ match }) => match === undefined || contains(request.body, fromEjson(match)));
    if (found === undefined)
      throw new CannotSimulate(
        `the function ${request.target}: no rule in mocks.functions matches ${JSON.stringify(request.body)}`,
      );
    return found;
  }
}

function answers({ connectionName, match = {} }: HttpsMock, request: Request): boolean {
  return (
    (connectionName === undefined || connectionName === request.connectionName) &&
    (match.method === undefined || match.method.toUpperCase() === request.method) &&
    (match.path === undefined || textMatches(match.path, request.path ?? "")) &&
    (match.parameters === undefined || contains(request.parameters, fromEjson(match.parameters))) &&
    (match.body === undefined || contains(request.body, fromEjson(match.body)))
  );
}

/** Text is the same, or a pattern in slashes is found in it. */
export function textMatches(expected: string, actual: string): boolean {
  const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/s.exec(expected) ?? [];
  return pattern === undefined ? expected === actual : new RegExp(pattern, flags).test(actual);
}

/** Whether a value has everything that is expected of it, and maybe more. */
export function contains(actual: unknown, expected: unknown): boolean {
  if (!isDoc(expected)) return equalValues(actual, expected);
  return isDoc(actual) && Object.entries(expected).every(([key, value]) => contains(actual[key], value));
}

import { setTimeout as delay } from "node:timers/promises";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { type Authorizer, authorizerFor } from "./authorize.ts";
import { addressFrom, credentialsFrom } from "./credentials.ts";
import { AtlasError, type AtlasFailure } from "./errors.ts";
import { failureOf, pauseBefore, retryAfterOf } from "./retry.ts";
import { secretOf, Secrets } from "./secrets.ts";
import type { AtlasOptions } from "./types.ts";

/** One call of the Admin API. */
export interface AtlasRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/api/atlas/v2`, escaped. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** JSON text. */
  body?: string;
  /** Texts of the body that must not be told, whatever the answer repeats. */
  hidden?: readonly string[];
  /** The version of the API: a date. */
  version?: string;
  /**
   * Asked before a request goes out again that may have been taken: true where it was, and nothing is left to do. Requests without this
   * that are not safe to repeat are sent once.
   */
  wasTaken?: () => Promise<boolean>;
}

/** What came back; no text where `wasTaken` answered in its place. */
export interface AtlasAnswer {
  status: number;
  text: string;
  /** An earlier attempt of the same request may have been taken. */
  repeated: boolean;
}

/** Sends requests to the Admin API. */
export interface AtlasHttp {
  readonly address: string;
  send(request: AtlasRequest): Promise<AtlasAnswer>;
}

const defaultVersion = "2024-05-30";
const attempts = 6;
/** A pipeline of 16 MB takes its time. */
const timeoutMs = 60_000;

interface Wire {
  address: string;
  host: string;
  fetch: typeof fetch;
  wait: (ms: number) => Promise<void>;
  signal: AbortSignal | undefined;
  say: (line: string) => void;
  secrets: Secrets;
}

/** Opens the Admin API. Nothing is sent before the first call. */
export function atlasHttp(options: Omit<AtlasOptions, "place">): AtlasHttp {
  const { signal } = options;
  const address = addressFrom(options.environment);
  const wire: Wire = {
    ...{ address, signal, host: new URL(address).host, fetch: options.fetch ?? fetch },
    wait: options.wait ?? ((ms) => delay(ms, undefined, signal === undefined ? {} : { signal })),
    ...{ say: options.say ?? (() => undefined), secrets: new Secrets() },
  };
  const credentials = credentialsFrom(options.environment, options.environmentName);
  wire.secrets.add(secretOf(credentials));
  const authorizer = authorizerFor(credentials, {
    ask: (path, init) => tokenOf(wire, path, init),
    now: Date.now,
    got: (token) => wire.secrets.add(token),
  });
  return { address, send: (request) => send(wire, authorizer, request) };
}

async function tokenOf(wire: Wire, path: string, init: { headers: Record<string, string>; body: string }) {
  const call = `POST ${path}`;
  const once = () => exchange(wire, `${wire.address}${path}`, { ...init, method: "POST" });
  // A token that nobody got is a token that nobody misses: it may be asked for again.
  return (await repeated(wire, { call, once, wasTaken: () => Promise.resolve(false) })).text;
}

async function send(wire: Wire, authorizer: Authorizer, request: AtlasRequest): Promise<AtlasAnswer> {
  const { method, path, version = defaultVersion, body } = request;
  const uri = `/api/atlas/v2${path}${queryOf(request.query)}`;
  const media = `application/vnd.atlas.${version}+json`;
  const url = `${wire.address}${uri}`;
  const once = async (): Promise<Exchange> => {
    for (let tried = 1; ; tried += 1) {
      const authorization = await authorizer.header(method, new URL(url).pathname + new URL(url).search);
      const headers = {
        accept: media,
        ...(body === undefined ? {} : { "content-type": media }),
        ...(authorization === undefined ? {} : { authorization }),
      };
      const answer = await exchange(wire, url, { method, headers, ...(body === undefined ? {} : { body }) });
      if (answer.response?.status !== 401 || tried > 1) return answer;
      if (!authorizer.refused(answer.response, authorization)) return answer;
    }
  };
  const safe = method !== "POST";
  const taken = request.wasTaken ?? (safe ? () => Promise.resolve(false) : undefined);
  return repeated(wire, { call: `${method} ${path}`, once, wasTaken: taken, hidden: request.hidden });
}

const queryOf = (query: Readonly<Record<string, string>> = {}) => {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
};

/** One request and its answer; `failure` where none came. */
interface Exchange {
  response?: Response;
  text: string;
  failure?: unknown;
}

async function exchange(wire: Wire, url: string, init: RequestInit): Promise<Exchange> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = wire.signal === undefined ? timeout : AbortSignal.any([wire.signal, timeout]);
  try {
    // Credentials go to the address that was named, and nowhere that it points to.
    const response = await wire.fetch(url, { ...init, signal, redirect: "manual" });
    return { response, text: await response.text() };
  } catch (failure) {
    if (wire.signal?.aborted === true) throw cancelled(wire);
    return { text: "", failure };
  }
}

const cancelled = ({ host }: Wire) =>
  new SlipwayError(ExitCode.cancelled, "It was cancelled while Atlas was asked.", {
    ...{ where: host, changed: "see what stands there: ./slipway streams status <environment>" },
    next: "Run the same command again.",
  });

interface Attempts {
  call: string;
  once: () => Promise<Exchange>;
  wasTaken: (() => Promise<boolean>) | undefined;
  hidden?: readonly string[] | undefined;
}

/** Tries again what may come right by itself: too many calls, a server in trouble, no connection. */
async function repeated(wire: Wire, { call, once, wasTaken, hidden }: Attempts): Promise<AtlasAnswer> {
  let uncertain = false;
  for (let attempt = 1; ; attempt += 1) {
    const { response, text, failure } = await once();
    if (response?.ok) return { status: response.status, text, repeated: uncertain };
    const status = response?.status ?? 0;
    const retryAfter = response && retryAfterOf(response.headers.get("retry-after"), Date.now());
    const again = status === 0 || status === 429 || status >= 500;
    // What was refused for its number was not taken; anything else may have been.
    if (status !== 429) uncertain ||= again;
    const known = { call, host: wire.host, attempts: attempt, repeated: uncertain, retryAfter };
    const said = failureOf(status, text, failure);
    const facts: AtlasFailure = { ...known, ...said, detail: wire.secrets.hide(said.detail, hidden) };
    const error = new AtlasError(facts);
    if (!again || attempt >= attempts || (uncertain && wasTaken === undefined)) throw error;
    const pause = pauseBefore(attempt, retryAfter);
    if (pause === undefined) throw error;
    if (pause >= 2000) wire.say(`Atlas: ${facts.detail}; asked again in ${Math.round(pause / 1000)} s`);
    await pauseOf(wire, pause);
    if (uncertain && (await wasTaken?.())) return { status: 200, text: "", repeated: true };
  }
}

async function pauseOf(wire: Wire, ms: number): Promise<void> {
  try {
    await wire.wait(ms);
  } catch (error) {
    if (wire.signal?.aborted === true) throw cancelled(wire);
    throw error;
  }
}

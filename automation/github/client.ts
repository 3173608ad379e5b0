import { setTimeout as pause } from "node:timers/promises";
import { isLimit, pauseBefore } from "./patience.ts";
import { GitHubProblem, kindOf } from "./problem.ts";

export interface GitHubOptions {
  /** e.g. `https://api.github.com`. */
  apiUrl: string;
  token: string;
  signal?: AbortSignal;
  /** Says why it takes longer. */
  say?(line: string): void;
  /** How long may be waited for GitHub altogether. */
  patienceMs?: number;
  /** Of one request. */
  timeoutMs?: number;
  wait?(milliseconds: number): Promise<void>;
  now?(): number;
}

/** GitHub's REST API, as far as it takes to comment. */
export interface GitHub {
  /** Throws a GitHubProblem for everything but success. */
  request(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Everything of a list over all of its pages. */
  list(path: string, member?: string): Promise<unknown[]>;
  graphql(query: string, variables: Record<string, unknown>): Promise<unknown>;
}

const PATIENCE_MS = 5 * 60_000;
const TIMEOUT_MS = 30_000;
const MOST_PAGES = 300;
const MOST_REDIRECTS = 3;

interface Answer {
  value: unknown;
  next: string | undefined;
}

/** GitHub as the environment names it; undefined without a token. */
export function gitHubOf(
  environment: Readonly<Record<string, string | undefined>>,
  options: Omit<GitHubOptions, "apiUrl" | "token">,
): GitHub | undefined {
  const token = environment["GITHUB_TOKEN"] || environment["GH_TOKEN"];
  if (!token) return undefined;
  return connectGitHub({ apiUrl: environment["GITHUB_API_URL"] || "https://api.github.com", token, ...options });
}

/** A client that waits where GitHub asks it to, repeats what may be repeated, and asks again for what it knows only if that changed. */
export function connectGitHub(options: GitHubOptions): GitHub {
  const base = options.apiUrl.replace(/\/+$/, "");
  const caller = new Caller(base, options);
  const request = async (method: string, path: string, body?: unknown) =>
    (await caller.call(method, `${base}${path}`, body)).value;
  return {
    request,
    async list(path, member) {
      const all: unknown[] = [];
      let url: string | undefined = `${base}${path}`;
      for (let page = 0; url !== undefined; page += 1) {
        if (page === MOST_PAGES) throw new GitHubProblem("broken", `${path} has more than ${MOST_PAGES} pages`, 200);
        const answer: Answer = await caller.call("GET", url);
        const items = member === undefined ? answer.value : (answer.value as Record<string, unknown> | null)?.[member];
        if (!Array.isArray(items)) throw new GitHubProblem("broken", `${path}: GitHub answered with no list`, 200);
        all.push(...(items as unknown[]));
        url = answer.next;
      }
      return all;
    },
    async graphql(query, variables) {
      // GitHub Enterprise has it beside the REST API and not below it.
      const url = `${base.replace(/\/v3$/, "")}/graphql`;
      const { value } = await caller.call("POST", url, { query, variables });
      const { data, errors } = value as { data?: unknown; errors?: { message: string }[] };
      if (errors !== undefined && errors.length > 0)
        throw new GitHubProblem("refused", errors.map(({ message }) => message).join("; "), 200);
      return data;
    },
  };
}

class Caller {
  readonly #origin: string;
  readonly #options: GitHubOptions;
  readonly #known = new Map<string, { etag: string; answer: Answer }>();
  #patience: number;

  constructor(base: string, options: GitHubOptions) {
    this.#origin = new URL(base).origin;
    this.#options = options;
    this.#patience = options.patienceMs ?? PATIENCE_MS;
  }

  async call(method: string, url: string, body?: unknown): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const { response, failure } = await this.#send(method, url, body);
      if (response !== undefined && response.ok) return this.#answer(method, url, response);
      const known = this.#known.get(url);
      if (response?.status === 304 && known !== undefined) return known.answer;
      const message = response === undefined ? reasonOf(failure) : await messageOf(response);
      const headers = response?.headers ?? new Headers();
      const status = response?.status ?? 0;
      const now = (this.#options.now ?? Date.now)();
      const wait = this.#options.signal?.aborted
        ? undefined
        : pauseBefore({ method, status, headers, message, attempt, now });
      const limited = isLimit({ status, headers, message });
      if (wait === undefined || wait > this.#patience) throw problem(method, url, { status, message, limited, wait });
      this.#patience -= wait;
      this.#options.say?.(`GitHub: ${message || `status ${status}`}; asking again in ${Math.ceil(wait / 1000)} s`);
      await (this.#options.wait ?? pause)(wait);
    }
  }

  /** Follows a repository that was renamed; never to another host, which must not see the token. */
  async #send(method: string, url: string, body: unknown): Promise<{ response?: Response; failure?: unknown }> {
    let target = url;
    try {
      for (let hop = 0; ; hop += 1) {
        const response = await fetch(target, this.#init(method, url, body));
        const location = response.headers.get("location");
        if (location === null || ![301, 302, 307, 308].includes(response.status) || hop === MOST_REDIRECTS)
          return { response };
        await response.body?.cancel();
        target = this.#own(new URL(location, target).href);
      }
    } catch (failure) {
      if (failure instanceof GitHubProblem) throw failure;
      return { failure };
    }
  }

  #init(method: string, url: string, body: unknown): RequestInit {
    const etag = method === "GET" ? this.#known.get(url)?.etag : undefined;
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS);
    const { signal } = this.#options;
    return {
      method,
      redirect: "manual",
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${this.#options.token}`,
        "user-agent": "slipway",
        "x-github-api-version": "2022-11-28",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(etag === undefined ? {} : { "if-none-match": etag }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    };
  }

  async #answer(method: string, url: string, response: Response): Promise<Answer> {
    const text = await response.text();
    const next = nextOf(response.headers.get("link"));
    const answer = { value: parsed(text, url), next: next === undefined ? undefined : this.#own(next) };
    const etag = response.headers.get("etag");
    if (method === "GET" && etag !== null) this.#known.set(url, { etag, answer });
    return answer;
  }

  #own(url: string): string {
    if (new URL(url).origin === this.#origin) return url;
    throw new GitHubProblem("broken", `GitHub points to another host, ${new URL(url).host}`, 0);
  }
}

/** The next page, out of a Link header. */
export function nextOf(link: string | null): string | undefined {
  return /<([^<>]+)>(?:\s*;[^,]*?)?;\s*rel="?next"?/.exec(link ?? "")?.[1];
}

function parsed(text: string, url: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GitHubProblem("broken", `${pathOf(url)}: GitHub answered with something that is not JSON`, 200, cause);
  }
}

const pathOf = (url: string): string => new URL(url).pathname;

async function messageOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message.slice(0, 300) : "";
  } catch {
    return "";
  }
}

/** The code of a network error: enough to know what to do. */
function reasonOf(failure: unknown): string {
  const { name, cause } = failure as Error;
  if (name === "TimeoutError") return "it did not answer in time";
  if (name === "AbortError") return "cancelled";
  return `it could not be reached (${(cause as NodeJS.ErrnoException | undefined)?.code ?? name})`;
}

interface End {
  status: number;
  message: string;
  limited: boolean;
  wait: number | undefined;
}

function problem(method: string, url: string, { status, message, limited, wait }: End): GitHubProblem {
  const said = `${method} ${pathOf(url)}: ${status === 0 ? "" : `${status} `}${message}`.trim();
  const longer = wait === undefined ? "" : `, and it wants ${Math.ceil(wait / 1000)} s of patience`;
  return new GitHubProblem(limited ? "limited" : status === 0 ? "broken" : kindOf(status), `${said}${longer}`, status);
}

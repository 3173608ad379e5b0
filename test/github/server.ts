import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface StoredComment {
  id: number;
  node_id: string;
  body: string;
  html_url: string;
  user: { login: string };
}

interface StoredCheck {
  id: number;
  name: string;
  head_sha: string;
  external_id: string;
  conclusion: string;
  html_url: string;
  annotations: unknown[];
  output: { title: string; summary: string };
}

export interface Asked {
  method: string;
  path: string;
  ifNoneMatch: string | undefined;
  authorization: string | undefined;
}

/** Answers a request in place of the server, or lets it pass; `after` makes it happen all the same. */
export type Fault = (
  asked: Asked,
) => { status: number; headers?: Record<string, string>; body?: string; after?: boolean } | undefined;

/** The part of GitHub's REST API that comments, checks and folding take, with its pages, ETags and refusals. */
export class GitHubServer {
  comments: StoredComment[] = [];
  checks: StoredCheck[] = [];
  minimised: string[] = [];
  asked: Asked[] = [];
  /** Asked before every request, in order; the first that answers wins. */
  faults: Fault[] = [];
  /** Runs before a request is handled: another run that comes in between. */
  before: ((asked: Asked) => Promise<void> | void) | undefined;
  /** Whom a token writes as. */
  readonly tokens = new Map([
    ["actions", "github-actions[bot]"],
    ["person", "octocat"],
    ["reader", "github-actions[bot]"],
  ]);
  url = "";
  #next = 1;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  add(body: string, login = "github-actions[bot]"): StoredComment {
    const id = this.#next++;
    const comment = { id, node_id: `IC_${id}`, body, html_url: `https://github.example/c/${id}`, user: { login } };
    this.comments.push(comment);
    return comment;
  }

  count(method: string, path: RegExp): number {
    return this.asked.filter((one) => one.method === method && path.test(one.path)).length;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const { method = "", url: path = "", headers } = request;
    const asked = { method, path, ifNoneMatch: headers["if-none-match"], authorization: headers.authorization };
    this.asked.push(asked);
    await this.before?.(asked);
    for (const fault of this.faults) {
      const refusal = fault(asked);
      if (refusal === undefined) continue;
      if (refusal.after === true) this.#route(asked, body);
      response.writeHead(refusal.status, refusal.headers).end(refusal.body ?? "");
      return;
    }
    const { status, value, links } = this.#route(asked, body);
    const text = value === undefined ? "" : JSON.stringify(value);
    const etag = `W/"${createHash("sha256").update(text).digest("hex")}"`;
    const all = { ...(method === "GET" ? { etag } : {}), ...(links === undefined ? {} : { link: links }) };
    if (method === "GET" && asked.ifNoneMatch === etag) response.writeHead(304, all).end();
    else response.writeHead(status, { ...all, "content-type": "application/json" }).end(text);
  }

  #route({ method, path, authorization }: Asked, body: string): { status: number; value?: unknown; links?: string } {
    const token = authorization?.replace("Bearer ", "") ?? "";
    const login = this.tokens.get(token);
    if (login === undefined) return { status: 401, value: { message: "Bad credentials" } };
    if (method !== "GET" && token === "reader") return forbidden;
    const { pathname, searchParams } = new URL(path, this.url);
    const sent = (body === "" ? {} : JSON.parse(body)) as Record<string, never>;
    if (pathname === "/user") return login.endsWith("[bot]") ? forbidden : { status: 200, value: { login } };
    if (pathname === "/graphql") {
      this.minimised.push((sent["variables"] as unknown as { id: string }).id);
      return { status: 200, value: { data: {} } };
    }
    if (/^\/repos\/o\/r\/issues\/7\/comments$/.test(pathname))
      return method === "GET" ? this.#page(pathname, searchParams, this.comments) : this.#create(sent, login);
    const id = /^\/repos\/o\/r\/issues\/comments\/(\d+)$/.exec(pathname)?.[1];
    if (id !== undefined) return this.#one(method, Number(id), sent);
    return this.#checkRoutes(method, pathname, searchParams, sent);
  }

  #page(
    path: string,
    query: URLSearchParams,
    all: readonly unknown[],
  ): { status: number; value: unknown; links?: string } {
    const size = Math.min(100, Number(query.get("per_page") ?? 30));
    const page = Number(query.get("page") ?? 1);
    const value = all.slice((page - 1) * size, page * size);
    if (page * size >= all.length) return { status: 200, value };
    const to = (at: number) => `<${this.url}${path}?per_page=${size}&page=${at}>`;
    const last = Math.ceil(all.length / size);
    return { status: 200, value, links: `${to(page + 1)}; rel="next", ${to(last)}; rel="last"` };
  }

  #create({ body }: Record<string, string>, login: string): { status: number; value: unknown } {
    // GitHub's own words.
    if ((body ?? "").length > 65_536)
      return { status: 422, value: { message: "Validation Failed: body is too long (maximum is 65536 characters)" } };
    return { status: 201, value: this.add(body ?? "", login) };
  }

  #one(method: string, id: number, { body }: Record<string, string>): { status: number; value?: unknown } {
    const comment = this.comments.find((one) => one.id === id);
    if (comment === undefined) return { status: 404, value: { message: "Not Found" } };
    if (method === "DELETE") {
      this.comments = this.comments.filter((one) => one !== comment);
      return { status: 204 };
    }
    comment.body = body ?? "";
    return { status: 200, value: comment };
  }

  #checkRoutes(
    method: string,
    path: string,
    query: URLSearchParams,
    sent: Record<string, never>,
  ): { status: number; value: unknown } {
    const sha = /^\/repos\/o\/r\/commits\/([0-9a-f]+)\/check-runs$/.exec(path)?.[1];
    if (sha !== undefined) {
      const runs = this.checks.filter((one) => one.head_sha === sha && one.name === query.get("check_name"));
      return { status: 200, value: { total_count: runs.length, check_runs: runs } };
    }
    const output = sent["output"] as { title: string; summary: string; annotations: unknown[] } | undefined;
    if (output !== undefined && output.annotations.length > 50)
      return { status: 422, value: { message: "annotations exceeds a maximum quantity of 50" } };
    if (method === "POST" && path === "/repos/o/r/check-runs" && output !== undefined) {
      const id = this.#next++;
      const check = {
        ...(sent as object),
        id,
        html_url: `https://github.example/k/${id}`,
        annotations: output.annotations,
      };
      this.checks.push(check as unknown as StoredCheck);
      return { status: 201, value: check };
    }
    const known = this.checks.find(({ id }) => path === `/repos/o/r/check-runs/${id}`);
    if (method !== "PATCH" || known === undefined || output === undefined)
      return { status: 404, value: { message: "Not Found" } };
    known.annotations.push(...output.annotations);
    return { status: 200, value: known };
  }
}

const forbidden = { status: 403, value: { message: "Resource not accessible by integration" } };

/** A fault that strikes so many times. */
export function times(
  count: number,
  matches: (asked: Asked) => boolean,
  answer: NonNullable<ReturnType<Fault>>,
): Fault {
  let left = count;
  return (asked) => (left > 0 && matches(asked) ? (left--, answer) : undefined);
}

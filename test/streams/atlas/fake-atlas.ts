import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { JsonDocument } from "../../../streams/engine/json/document.ts";

/** What becomes of the next requests, one after the other; `pass` lets one through. */
export type Fault =
  | "pass"
  /** The connection ends before anything was done, or after. */
  | "drop"
  | "drop-after"
  | { status: number; headers?: Record<string, string>; body?: string; after?: boolean };

export const project = "5f0000000000000000000001";
export const account = { id: "mdb_sa_id_1", secret: "mdb_sa_sk_very-secret" };
export const keys = { publicKey: "abcdefgh", privateKey: "11111111-2222-private" };

interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
  accept: string | undefined;
  authorization: string | undefined;
}

/** A server with the parts of the Admin API that the client calls: its authorization, its versions, its pages and its errors. */
export class FakeAtlas {
  readonly seen: Seen[] = [];
  /** Processors as JSON text, by name: the order of keys is theirs. */
  readonly processors = new Map<string, { state: string; members: string }>();
  readonly connections = new Map<string, string>();
  workspace: string | undefined = JSON.stringify({
    ...{ _id: "1", name: "main", dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" } },
    streamConfig: { tier: "SP10", maxTierSize: "SP30" },
  });
  faults: Fault[] = [];
  tokenFaults: Fault[] = [];
  /** Seconds that tokens say they live. */
  tokenSeconds = 3600;
  tokens = 0;
  validTokens = new Set<string>();
  nonce = "nonce-1";
  algorithm = "MD5";
  /** Whether pages say where the next one is. */
  links = true;
  readonly #usedCounts = new Set<string>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(): Promise<FakeAtlas> {
    const atlas = new FakeAtlas();
    await new Promise<void>((resolve) => atlas.#server.listen(0, "127.0.0.1", resolve));
    return atlas;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Variables of the driver: a service account. */
  get environment(): Record<string, string> {
    return {
      MONGODB_ATLAS_BASE_URL: this.address,
      MONGODB_ATLAS_CLIENT_ID: account.id,
      MONGODB_ATLAS_CLIENT_SECRET: account.secret,
    };
  }

  calls(): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path.replace(`/api/atlas/v2/groups/${project}`, "")}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(request.url ?? "/", this.address);
    const { accept, authorization } = request.headers;
    const body = Buffer.concat(chunks).toString("utf8");
    const seen = { method: request.method ?? "", path: decodeURIComponent(url.pathname), query: url.searchParams };
    this.seen.push({ ...seen, body, accept, authorization });
    const isToken = url.pathname === "/api/oauth/token";
    const fault = (isToken ? this.tokenFaults : this.faults).shift() ?? "pass";
    if (fault === "drop") return void request.socket.destroy();
    if (typeof fault === "object" && !fault.after) return send(response, fault.status, fault.body, fault.headers);
    const [status, text, headers] = isToken ? this.#token(authorization) : this.#call(request, url, body);
    if (fault === "drop-after") return void request.socket.destroy();
    if (typeof fault === "object") return send(response, fault.status, fault.body, fault.headers);
    return send(response, status, text, headers);
  }

  #token(authorization: string | undefined): Answer {
    const wanted = `Basic ${Buffer.from(`${account.id}:${account.secret}`).toString("base64")}`;
    if (authorization !== wanted)
      return [401, JSON.stringify({ error: "invalid_client", error_description: `no ${decoded(authorization)}` })];
    const token = `token-${++this.tokens}`;
    this.validTokens.add(token);
    return [200, JSON.stringify({ access_token: token, expires_in: this.tokenSeconds, token_type: "Bearer" })];
  }

  #call(request: IncomingMessage, url: URL, body: string): Answer {
    const refused = this.#authorize(request);
    if (refused !== undefined) return refused;
    if (!/^application\/vnd\.atlas\.\d{4}-\d\d-\d\d\+json$/.test(request.headers.accept ?? ""))
      return failure(406, "INVALID_ACCEPT", "name a version");
    const path = decodeURIComponent(url.pathname).replace(`/api/atlas/v2/groups/${project}`, "");
    const { method = "" } = request;
    if (path === "/streams" && method === "POST") return this.#made((this.workspace = body));
    if (path === "/streams/main")
      return this.workspace === undefined ? missing("STREAM_TENANT") : [200, this.workspace];
    if (path === "/streams/main/processors")
      return this.#paged(
        url,
        [...this.processors].map(([name]) => this.#processorText(name)),
      );
    if (path === "/streams/main/connections" && method === "GET")
      return this.#paged(url, [...this.connections.values()]);
    if (path === "/streams/main/connections") return this.#connect(body);
    if (path === "/events") return this.#paged(url, [event("1"), event("2")]);
    if (path === "/streams/main/processor" && method === "POST") return this.#create(body);
    const [, connection] = /^\/streams\/main\/connections\/([^/]+)$/.exec(path) ?? [];
    if (connection !== undefined && method === "PATCH")
      return this.#made((this.connections.set(connection, body), body));
    if (connection !== undefined) return this.#found(this.connections.get(connection), "STREAM_CONNECTION");
    const [, name, action = ""] = /^\/streams\/main\/processor\/([^/:]+)(:\w+)?$/.exec(path) ?? [];
    if (name === undefined || !this.processors.has(name)) return missing("STREAM_PROCESSOR");
    return this.#processor(name, `${method}${action}`, body);
  }

  #processor(name: string, action: string, body: string): Answer {
    const there = this.processors.get(name);
    if (there === undefined || action === "GET") return [200, this.#processorText(name)];
    if (action === "DELETE") return [204, String(this.processors.delete(name) || "")];
    if (action === "PATCH") {
      if (there.state === "STARTED") return failure(400, "STREAM_PROCESSOR_NOT_STOPPED", "stop it first");
      there.members = membersOf(body);
      return [200, this.#processorText(name)];
    }
    const state = action === "POST:stop" ? "STOPPED" : "STARTED";
    if (there.state === state) return failure(400, "STREAM_PROCESSOR_STATE", `it is ${state} already`);
    there.state = state;
    return [200, ""];
  }

  #processorText(name: string): string {
    const { state = "", members = "" } = this.processors.get(name) ?? {};
    return `{"_id":"1","state":"${state}",${members},"stats":{"inputMessageCount":{"$numberLong":"12"}}}`;
  }

  #create(body: string): Answer {
    const { name } = JSON.parse(body) as { name: string };
    if (this.processors.has(name)) return failure(409, "STREAM_PROCESSOR_NAME_ALREADY_EXISTS", `${name} is there`);
    this.processors.set(name, { state: "CREATED", members: membersOf(body) });
    return [200, this.#processorText(name)];
  }

  #paged(url: URL, all: readonly string[]): Answer {
    const [number, size] = ["pageNum", "itemsPerPage"].map((name) => Number(url.searchParams.get(name)));
    const start = ((number ?? 1) - 1) * (size ?? 100);
    const links = !this.links
      ? ""
      : start + (size ?? 100) < all.length
        ? `"links":[{"rel":"self"},{"rel":"next"}],`
        : `"links":[{"rel":"self"}],`;
    const results = all.slice(start, start + (size ?? 100)).join(",");
    return [200, `{${links}"results":[${results}],"totalCount":${all.length}}`];
  }

  #connect(body: string): Answer {
    const { name } = JSON.parse(body) as { name: string };
    if (this.connections.has(name)) return failure(409, "STREAM_CONNECTION_NAME_ALREADY_EXISTS", `${body} is there`);
    this.connections.set(name, body);
    return [200, body];
  }

  #made = (text: string): Answer => [200, text];
  #found = (text: string | undefined, what: string): Answer => (text === undefined ? missing(what) : [200, text]);

  /** A token that is known, or a digest whose answer is right and whose count is new. */
  #authorize({ headers, method = "", url = "" }: IncomingMessage): Answer | undefined {
    const { authorization = "" } = headers;
    if (authorization.startsWith("Bearer "))
      return this.validTokens.has(authorization.slice(7)) ? undefined : failure(401, "TOKEN", `bad ${authorization}`);
    const fields = new Map(
      [...authorization.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, key = "", value = ""]) => [key, value]),
    );
    const field = (name: string) => fields.get(name) ?? "";
    const hash = (text: string) =>
      createHash(this.algorithm === "MD5" ? "md5" : "sha256")
        .update(text)
        .digest("hex");
    const who = hash(`${keys.publicKey}:MMS Public API:${keys.privateKey}`);
    const expected = hash([who, this.nonce, field("nc"), field("cnonce"), "auth", hash(`${method}:${url}`)].join(":"));
    const used = `${field("nonce")} ${field("nc")}`;
    if (field("response") === expected && field("uri") === url && !this.#usedCounts.has(used)) {
      this.#usedCounts.add(used);
      return undefined;
    }
    const stale = authorization !== "" && field("nonce") !== this.nonce;
    const asked = `Digest realm="MMS Public API", domain="", nonce="${this.nonce}", algorithm=${this.algorithm}, qop="auth", stale=${stale}`;
    return [
      401,
      failure(401, "UNAUTHORIZED", "You are not authorized for this resource.")[1],
      { "www-authenticate": asked },
    ];
  }
}

/** What a careless server repeats of what it was sent. */
const decoded = (authorization = "") => Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString("utf8");

type Answer = [status: number, text: string, headers?: Record<string, string>];

function send(response: ServerResponse, status: number, text = "", headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/vnd.atlas.2024-05-30+json", ...headers });
  response.end(status === 204 ? undefined : text);
}

export const failure = (status: number, errorCode: string, detail: string): [number, string] => [
  status,
  JSON.stringify({ error: status, errorCode, detail, reason: "reason", parameters: [] }),
];

const missing = (what: string) => failure(404, `${what}_NOT_FOUND`, "there is none");

/** Members of a body as they are written: name, pipeline, options, tier. */
function membersOf(body: string): string {
  const document = new JsonDocument(body);
  return document
    .keys([])
    .map((key) => `${JSON.stringify(key)}:${document.source([key]) ?? "null"}`)
    .join(",");
}

const event = (id: string) =>
  JSON.stringify({ id, eventTypeName: "STREAM_PROCESSOR_STOPPED", created: "2026-01-01T00:00:00Z", username: "ann" });

import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { boardPolicy } from "../../automation/board/page.ts";
import type { Board } from "../../automation/board/model.ts";
import { serveBoard, type BoardServer, type BoardSource } from "../../automation/board/server.ts";
import { failsWith } from "../git/throw-away.ts";
import { sampleBoard } from "./sample.ts";

const script = "'use strict';";

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request as some client writes it, with a host of its own choosing. */
async function ask(server: BoardServer, path: string, headers: Record<string, string> = {}, method = "GET") {
  const sent = request(new URL(path, server.address), { method, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body } satisfies Answer;
}

/** A source that a test changes by hand. */
function handSource(board: Board) {
  const listeners = new Set<Parameters<BoardSource["follow"]>[0]>();
  const source: BoardSource = {
    current: () => Promise.resolve(board),
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { source, listeners };
}

/** Reads server-sent events until there are so many. */
async function events(address: string, count: number, onFirst: () => void): Promise<Record<string, unknown>[]> {
  const abort = new AbortController();
  const response = await fetch(new URL("/events", address), { signal: abort.signal });
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.ok(response.body);
  const found: Record<string, unknown>[] = [];
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks.filter((one) => one.startsWith("event: board\n"))) {
      found.push(JSON.parse(block.slice(block.indexOf("data: ") + 6)) as Record<string, unknown>);
      if (found.length === 1) onFirst();
    }
    if (found.length >= count) break;
  }
  abort.abort();
  return found;
}

describe("the server of a board", () => {
  const board = sampleBoard();
  const { source, listeners } = handSource(board);
  let server: BoardServer;

  before(async () => {
    server = await serveBoard(source, script, 0);
  });
  after(() => server.close());

  it("listens on 127.0.0.1 alone and serves the page under its policy", async () => {
    assert.equal(new URL(server.address).hostname, "127.0.0.1");
    const { status, headers, body } = await ask(server, "/");
    assert.equal(status, 200);
    assert.match(body, /^<!doctype html>/);
    assert.equal(headers["content-security-policy"], boardPolicy(script));
    const wanted = {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
    };
    for (const [name, value] of Object.entries(wanted)) assert.equal(headers[name], value, name);
    assert.equal(headers["access-control-allow-origin"], undefined);
  });

  it("gives the same as JSON", async () => {
    const { body } = await ask(server, "/board.json");
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(board)));
  });

  const port = () => new URL(server.address).port;
  const refused: [name: string, path: string, headers: () => Record<string, string>, method: string, status: number][] =
    [
      ["another name that leads here", "/", () => ({ host: `evil.example:${port()}` }), "GET", 421],
      ["the right name with another port", "/", () => ({ host: "127.0.0.1:1" }), "GET", 421],
      ["a name that begins like ours", "/events", () => ({ host: `localhost.evil.example:${port()}` }), "GET", 421],
      ["another origin", "/board.json", () => ({ origin: "https://evil.example" }), "GET", 403],
      ["the origin of nobody", "/board.json", () => ({ origin: "null" }), "GET", 403],
      [
        "another site's script",
        "/events",
        () => ({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }),
        "GET",
        403,
      ],
      [
        "another port's script",
        "/events",
        () => ({ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }),
        "GET",
        403,
      ],
      ["a write", "/", () => ({}), "POST", 405],
      ["a path that is not there", "/../etc/passwd", () => ({}), "GET", 404],
      ["a file of the checkout", "/client.js", () => ({}), "GET", 404],
    ];
  for (const [name, path, headers, method, status] of refused)
    it(`refuses ${name}`, async () => {
      const answer = await ask(server, path, headers(), method);
      assert.equal(answer.status, status);
      assert.doesNotMatch(answer.body, /<|prod/);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
    });

  it("answers localhost, a link that somebody follows, and HEAD", async () => {
    assert.equal((await ask(server, "/", { host: `localhost:${port()}` })).status, 200);
    assert.equal(
      (await ask(server, "/", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).status,
      200,
    );
    const head = await ask(server, "/", {}, "HEAD");
    assert.deepEqual([head.status, head.body], [200, ""]);
  });

  it("sends the board as it is, then what differs, and forgets who has gone", async () => {
    const later = { ...board, project: "later" };
    const found = await events(server.address, 2, () => {
      for (const listener of listeners) listener(later, ["prod: verified"]);
    });
    assert.deepEqual(
      found.map(({ said }) => said),
      [[], ["prod: verified"]],
    );
    assert.match(String(found[0]?.["main"]), /^<main id="board"/);
    while (listeners.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("says what to type where its port is taken", async () => {
    await assert.rejects(
      serveBoard(source, script, Number(port())),
      failsWith(2, /--port: \d+ cannot be listened on \(EADDRINUSE\)/),
    );
  });

  it("tells a person who asks while the store is gone, and goes on", async () => {
    const broken = await serveBoard(
      { ...source, current: () => Promise.reject(new Error("the store is gone")) },
      script,
      0,
    );
    const { status, body } = await ask(broken, "/");
    assert.deepEqual([status, body], [500, "the store is gone\n"]);
    assert.equal((await ask(broken, "/nothing")).status, 404);
    await broken.close();
  });

  it("ends at once while pages follow", async () => {
    const own = await serveBoard(source, script, 0);
    const response = await fetch(new URL("/events", own.address));
    const reader = response.body?.getReader();
    await reader?.read();
    await own.close();
    await assert.rejects(async () => {
      while ((await reader?.read())?.done === false);
    }, /terminated/);
    await assert.rejects(fetch(own.address), /fetch failed/);
  });
});

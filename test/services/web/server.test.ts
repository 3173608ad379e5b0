import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type Lab, startLab } from "./lab.ts";

const json = { "content-type": "application/json" };

describe("the web service's probes and metrics", () => {
  let lab: Lab;
  beforeEach(async () => void (lab = await startLab()));
  afterEach(() => lab.close());

  it("is healthy whatever the api does", async () => {
    lab.api.answer = (_, response) => void response.writeHead(500).end();
    assert.deepEqual(await (await lab.get("/health")).json(), { status: "ok", environment: "dev" });
    assert.deepEqual(lab.api.asked, []);
  });

  it("is ready when the api is", async () => {
    assert.deepEqual(await (await lab.get("/ready")).json(), { status: "ready" });
    assert.deepEqual(
      lab.api.asked.map(({ url }) => url),
      ["/ready"],
    );
    lab.api.answer = (_, response) => void response.writeHead(503, json).end("{}");
    const response = await lab.get("/ready");
    assert.deepEqual([response.status, await response.json()], [503, { detail: "the api answers 503" }]);
  });

  it("counts by route, method and status, never by what a caller makes up", async () => {
    lab.api.answer = (_, response) => void response.writeHead(503, json).end("{}");
    await lab.get("/");
    await lab.get("/assets/index-1a2b.js");
    await lab.get("/api/models");
    await lab.get("/api/made-up");
    await lab.get('/made"up');
    await lab.raw("/", "PURGE");
    const text = await (await lab.get("/metrics")).text();
    for (const series of [
      'http_requests_total{route="/",method="GET",status="200"} 1',
      'http_requests_total{route="static",method="GET",status="200"} 1',
      'http_requests_total{route="/api/models",method="GET",status="503"} 1',
      'http_requests_total{route="unmatched",method="GET",status="404"} 2',
      'http_requests_total{route="/",method="other",status="405"} 1',
      'http_request_seconds_count{route="unmatched"} 2',
    ])
      assert.ok(text.includes(`\n${series}\n`), `${series} in\n${text}`);
    assert.doesNotMatch(text, /made/);
  });

  it("logs every request with its id, and gives one to who has none that can be used", async () => {
    await lab.get("/", { headers: { "x-request-id": "r-1" } });
    const given = (await lab.get("/", { headers: { "x-request-id": "no good" } })).headers.get("x-request-id");
    assert.match(String(given), /^[\da-f-]{36}$/);
    const fields = lab.lines.map(({ message, route, method, status, request_id }) => [
      message,
      route,
      method,
      status,
      request_id,
    ]);
    assert.deepEqual(fields, [
      ["request", "/", "GET", 200, "r-1"],
      ["request", "/", "GET", 200, given],
    ]);
  });

  it("sends its security headers with everything", async () => {
    for (const target of ["/", "/health", "/api/models", "/nothing"]) {
      const { headers } = await lab.get(target);
      const policy = String(headers.get("content-security-policy"));
      assert.match(policy, /^default-src 'none'; script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe|data:|\*/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("x-powered-by"), null);
    }
  });

  it("survives what is no HTTP", async () => {
    const socket = connect(lab.port, "127.0.0.1");
    socket.end("\0\0garbage\r\n\r\n");
    await once(socket.resume(), "close");
    assert.equal((await lab.get("/health")).status, 200);
  });
});

import assert from "node:assert/strict";
import { MAX_BODY_BYTES } from "../../../services/web/server/body.ts";
import { type Lab, startLab } from "./lab.ts";

const json = { "content-type": "application/json" };
const post = (body: string, headers: Record<string, string> = json) => ({ method: "POST", body, headers });

describe("the api behind the web service", () => {
  let lab: Lab;
  beforeEach(async () => void (lab = await startLab()));
  afterEach(() => lab.close());

  it("is asked what it knows, with the id of the request", async () => {
    lab.api.answer = (_, response) =>
      void response
        .writeHead(200, { ...json, "x-model-version": "housing/1.0.0", server: "uvicorn", "set-cookie": "a=b" })
        .end('[{"name":"housing"}]');
    const response = await lab.get("/api/models?x=1", { headers: { "x-request-id": "r-1", cookie: "a=b" } });
    assert.deepEqual([response.status, await response.json()], [200, [{ name: "housing" }]]);
    assert.equal(response.headers.get("x-model-version"), "housing/1.0.0");
    assert.equal(response.headers.get("x-request-id"), "r-1");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual([response.headers.get("server"), response.headers.get("set-cookie")], [null, null]);
    const [asked] = lab.api.asked;
    assert.deepEqual([asked?.method, asked?.url, asked?.headers["x-request-id"]], ["GET", "/models", "r-1"]);
    assert.equal(asked?.headers.cookie, undefined);
  });

  it("gets predictions as they were sent, and hands on refusals", async () => {
    lab.api.answer = (_, response) => void response.writeHead(422, json).end('{"detail":"row 0"}');
    const response = await lab.get(
      "/api/predict",
      post('{"rows":[]}', { "content-type": "application/json; charset=utf-8" }),
    );
    assert.deepEqual([response.status, await response.json()], [422, { detail: "row 0" }]);
    assert.deepEqual(
      lab.api.asked.map(({ method, url, body }) => [method, url, body]),
      [["POST", "/predict", '{"rows":[]}']],
    );
  });

  for (const [target, init, status] of [
    ["/api", {}, 404],
    ["/api/", {}, 404],
    ["/api/metrics", {}, 404],
    ["/api/toString", {}, 404],
    ["/api/models/..%2fmetrics", {}, 404],
    ["/api/models", { method: "DELETE" }, 405],
    ["/api/models", post("{}"), 405],
    ["/api/predict", {}, 405],
    ["/api/predict", post("rows=1", { "content-type": "application/x-www-form-urlencoded" }), 415],
    ["/api/predict", { method: "POST" }, 415],
  ] as [string, RequestInit, number][])
    it(`is not asked about ${init.method ?? "GET"} ${target}: ${status}`, async () => {
      const response = await lab.get(target, init);
      assert.equal(response.status, status);
      assert.ok((await response.json()) instanceof Object);
      assert.deepEqual(lab.api.asked, []);
    });

  it("never sees a body that is too large, and one of just the limit whole", async () => {
    const refused = await lab.get("/api/predict", post("x".repeat(MAX_BODY_BYTES + 1)));
    assert.deepEqual([refused.status, await refused.json()], [413, { detail: "at most 1048576 bytes" }]);
    assert.equal(lab.api.asked.length, 0);
    await lab.get("/api/predict", post("x".repeat(MAX_BODY_BYTES)));
    assert.deepEqual(
      lab.api.asked.map(({ body }) => body.length),
      [MAX_BODY_BYTES],
    );
  });

  it("answers 502 when it cannot be reached or breaks off", async () => {
    lab.api.answer = (_, response) =>
      void response.writeHead(200, { "content-length": "9" }).write("[", () => response.destroy());
    const broken = await lab.get("/api/models");
    assert.deepEqual([broken.status, await broken.json()], [502, { detail: "the api cannot be reached" }]);
    await lab.api.close();
    assert.equal((await lab.get("/api/models")).status, 502);
  });

  it("answers 502 to a redirection: it is not asked elsewhere", async () => {
    lab.api.answer = ({ url }, response) =>
      void response.writeHead(url === "/models" ? 302 : 200, { location: "/x" }).end();
    assert.equal((await lab.get("/api/models")).status, 502);
    assert.deepEqual(
      lab.api.asked.map(({ url }) => url),
      ["/models"],
    );
  });

  it("answers 504 when it takes too long", async () => {
    const impatient = await startLab({ API_TIMEOUT_MILLISECONDS: "20" });
    impatient.api.answer = () => undefined;
    const response = await impatient.get("/api/status");
    assert.deepEqual([response.status, await response.json()], [504, { detail: "the api did not answer in time" }]);
    await impatient.close();
  });

  it("is not waited for when the caller has gone, which is no failure", async () => {
    const left = Promise.withResolvers<void>();
    const caller = new AbortController();
    lab.api.answer = (_, response) => {
      response.once("close", () => left.resolve());
      caller.abort();
    };
    await assert.rejects(lab.get("/api/models", { signal: caller.signal }), { name: "AbortError" });
    await left.promise;
    const text = await (await lab.get("/metrics")).text();
    assert.match(text, /route="\/api\/models",method="GET",status="499"} 1\n/);
  });
});

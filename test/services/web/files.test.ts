import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import path from "node:path";
import { loadStaticFiles } from "../../../services/web/server/static-files.ts";
import { type Lab, startLab } from "./lab.ts";

describe("the page's files", () => {
  let lab: Lab;
  beforeEach(async () => void (lab = await startLab()));
  afterEach(() => lab.close());

  for (const [target, type, cache] of [
    ["/", "text/html; charset=utf-8", "no-cache"],
    ["/index.html?utm=1", "text/html; charset=utf-8", "no-cache"],
    ["/assets/index-1a2b.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/data.bin", "application/octet-stream", "no-cache"],
  ] as const)
    it(`serves ${target} with its type and its age`, async () => {
      const response = await lab.get(target);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), type);
      assert.equal(response.headers.get("cache-control"), cache);
      assert.equal(Number(response.headers.get("content-length")), (await response.bytes()).byteLength);
    });

  it("answers 304 to who has the file already", async () => {
    const etag = String((await lab.get("/")).headers.get("etag"));
    assert.match(etag, /^"[\w-]{20,}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await lab.get("/", { headers: { "if-none-match": known } });
      assert.deepEqual([response.status, await response.text()], [304, ""], known);
      assert.equal(response.headers.get("etag"), etag);
    }
    assert.equal((await lab.get("/", { headers: { "if-none-match": '"other"' } })).status, 200);
    assert.notEqual((await lab.get("/assets/index-1a2b.js")).headers.get("etag"), etag);
  });

  it("answers HEAD as GET, without the body", async () => {
    const { status, length, text } = await lab.raw("/", "HEAD");
    assert.deepEqual([status, length, text], [200, "34", ""]);
  });

  for (const target of [
    "/../secret",
    "/%2e%2e/secret",
    "/assets/../../secret",
    "/..%2fsecret",
    "/assets%2f..%2f..%2fsecret",
    "//secret",
    "/\\..\\secret",
    "/assets/",
    "/assets",
    "/index.html%00.js",
    "/__proto__",
    "/constructor",
    "*",
  ])
    it(`finds nothing at ${target}`, async () => {
      const { status, text } = await lab.raw(target);
      assert.deepEqual([status, text], [404, '{"detail":"there is nothing here"}']);
    });

  it("allows nothing but reading", async () => {
    const response = await lab.get("/", { method: "DELETE" });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
  });

  it("does not start without a page", async () => {
    await rm(path.join(lab.folder, "dist", "index.html"));
    await assert.rejects(
      loadStaticFiles(path.join(lab.folder, "dist")),
      /there is no page in .*dist: run `npm run build`/,
    );
  });
});

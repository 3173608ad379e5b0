import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type FakeApi, startFakeApi } from "./fake-api.ts";
import { type Running, startWeb } from "./processes.ts";

describe("the web service as a process", function () {
  this.timeout(60_000);
  let folder: string;
  let api: FakeApi;
  let web: Running | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-web-process-"));
    await mkdir(path.join(folder, "dist"));
    await writeFile(path.join(folder, "dist", "index.html"), "page");
    api = await startFakeApi();
  });
  afterEach(async () => {
    await web?.stop();
    web = undefined;
    await api.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (more: Record<string, string> = {}) =>
    startWeb({ API_URL: api.url, DIST: path.join(folder, "dist"), ENVIRONMENT: "dev", ...more });
  const lines = (output: string) =>
    output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("writes nothing but lines of JSON that name service and environment", async () => {
    web = await start();
    await fetch(web.url);
    assert.equal(await web.stop(), 0);
    const written = lines(web.output());
    assert.deepEqual(
      written.map(({ message }) => message),
      ["listening", "request", "stopping", "stopped"],
    );
    for (const { service, environment } of written) assert.deepEqual([service, environment], ["web", "dev"]);
  });

  it("lets the request in flight end when it is stopped, and takes no new one", async () => {
    web = await start();
    const asked = Promise.withResolvers<() => void>();
    api.answer = (_, response) => asked.resolve(() => void response.end("[]"));
    const inFlight = fetch(`${web.url}/api/models`);
    const goOn = await asked.promise;
    const { child, url } = web;
    child.kill("SIGTERM");
    while (await fetch(`${url}/health`, { headers: { connection: "close" } }).then(Boolean, () => false));
    assert.equal(child.exitCode, null);
    goOn();
    const response = await inFlight;
    assert.deepEqual([response.status, await response.text()], [200, "[]"]);
    assert.equal(response.headers.get("connection"), "close");
    if (child.exitCode === null) await once(child, "exit");
    assert.equal(child.exitCode, 0);
  });

  it("gives up on requests that outlast the time it has", async () => {
    web = await start({ DRAIN_MILLISECONDS: "50" });
    const asked = Promise.withResolvers<void>();
    api.answer = () => asked.resolve();
    const inFlight = fetch(`${web.url}/api/models`).then(
      () => "answered",
      () => "cut off",
    );
    await asked.promise;
    assert.equal(await web.stop(), 0);
    assert.equal(await inFlight, "cut off");
  });

  for (const [name, value, says] of [
    ["PORT", "http", /PORT: got \\"http\\", expected a whole number/],
    ["DIST", "/nowhere", /there is no page in \/nowhere: run `npm run build`/],
  ] as const)
    it(`ends with 1 and says why when ${name} cannot be used`, async () => {
      await assert.rejects(start({ [name]: value }), says);
    });
});

import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import { account, failure, keys } from "./fake-atlas.ts";
import { dlq, Lab, orders, pipeline, refused, unavailable } from "./lab.ts";

describe("the client of Atlas", () => {
  const lab = new Lab();
  beforeEach(() => lab.open());
  afterEach(() => lab.atlas.close());

  const digest = () => ({
    MONGODB_ATLAS_BASE_URL: lab.atlas.address,
    MONGODB_ATLAS_PUBLIC_KEY: keys.publicKey,
    MONGODB_ATLAS_PRIVATE_KEY: keys.privateKey,
  });

  describe("as a service account", () => {
    it("gets one token for requests at the same time, and keeps it", async () => {
      const streams = lab.client();
      await Promise.all([streams.workspace(), streams.connections(), streams.processors()]);
      await streams.workspace();
      assert.equal(lab.atlas.tokens, 1);
      assert.equal(lab.atlas.calls()[0], "POST /api/oauth/token");
      assert.equal(lab.atlas.seen[0]?.body, "grant_type=client_credentials");
    });

    it("renews a token before its end", async () => {
      lab.atlas.tokenSeconds = 0.002;
      const streams = lab.client();
      await streams.workspace();
      const until = Date.now() + 3;
      while (Date.now() < until);
      await streams.workspace();
      assert.equal(lab.atlas.tokens, 2);
    });

    it("gets another one when Atlas has forgotten it, once", async () => {
      const streams = lab.client();
      await streams.workspace();
      lab.atlas.validTokens.clear();
      assert.equal((await streams.workspace())?.name, "main");
      assert.equal(lab.atlas.tokens, 2);
      const never = lab.atlas.seen.length;
      lab.atlas.faults = Array.from({ length: 9 }, () => ({ status: 401, body: failure(401, "NO", "no")[1] }) as const);
      const error = await refused(streams.workspace());
      assert.deepEqual([error.status, error.code], [401, ExitCode.credentials]);
      assert.equal(
        lab.atlas
          .calls()
          .slice(never)
          .filter((call) => call.startsWith("GET")).length,
        2,
      );
    });

    it("asks for a token again where the service is in trouble, and never tells the secret", async () => {
      lab.atlas.tokenFaults = [unavailable, "drop"];
      assert.equal((await lab.client().workspace())?.name, "main");
      const environment = { ...lab.atlas.environment, MONGODB_ATLAS_CLIENT_SECRET: "wrong-secret" };
      const error = await refused(lab.client({ environment }).workspace());
      assert.equal(error.code, ExitCode.credentials);
      for (const secret of [account.secret, "wrong-secret"]) lab.assertHidden(error, secret);
    });
  });

  describe("with API keys", () => {
    for (const algorithm of ["MD5", "SHA-256"])
      it(`answers the challenge once, and counts on from there (${algorithm})`, async () => {
        lab.atlas.algorithm = algorithm;
        const streams = lab.client({ environment: digest() });
        assert.equal((await streams.workspace())?.tier, "SP10");
        assert.equal((await streams.workspace())?.maxTier, "SP30");
        assert.equal(await streams.auditEvents({ since: "2026-01-01T00:00:00Z" }).then(({ length }) => length), 2);
        assert.equal(lab.atlas.seen.length, 4);
        assert.match(lab.atlas.seen[2]?.authorization ?? "", /nc=00000002/);
      });

    it("answers again where the nonce has become stale, with the body of the request", async () => {
      const streams = lab.client({ environment: digest() });
      await streams.workspace();
      lab.atlas.nonce = "nonce-2";
      await streams.createProcessor(orders);
      assert.deepEqual([...lab.atlas.processors.keys()], ["orders"]);
    });

    it("does not try a wrong key twice", async () => {
      const error = await refused(
        lab.client({ environment: { ...digest(), MONGODB_ATLAS_PRIVATE_KEY: "wrong-key" } }).workspace(),
      );
      assert.equal(error.code, ExitCode.credentials);
      assert.equal(lab.atlas.seen.length, 2);
      lab.assertHidden(error, "wrong-key");
    });
  });

  it("reads processors of every page, their pipelines in Atlas' own order", async () => {
    for (let index = 0; index < 205; index += 1)
      lab.atlas.processors.set(`p${index}`, { state: "STARTED", members: `"name":"p${index}","pipeline":${pipeline}` });
    const found = await lab.client().processors();
    assert.equal(found.length, 205);
    assert.equal(found[204]?.text, pipeline);
    assert.equal(found[0]?.stats.inputMessageCount, 12);
    assert.equal(found[0]?.stats.memoryUsageBytes, 0);
    assert.deepEqual(
      lab.atlas.seen.slice(1).map(({ query }) => query.get("pageNum")),
      ["1", "2", "3"],
    );
  });

  it("knows by counts where the last page is, if nobody says", async () => {
    lab.atlas.links = false;
    for (let index = 0; index < 200; index += 1)
      lab.atlas.connections.set(`c${index}`, `{"name":"c${index}","type":"Kafka"}`);
    assert.equal((await lab.client().connections()).length, 200);
    assert.equal(lab.atlas.seen.length, 3);
  });

  it("names the version of the API, which starting with options needs a later one of", async () => {
    const streams = lab.client();
    await streams.createProcessor(orders);
    await streams.startProcessor("orders", { tier: "SP30", resumeFromCheckpoint: false });
    await streams.stopProcessor("orders");
    await streams.startProcessor("orders");
    const [, created, startedWith, , started] = lab.atlas.seen;
    assert.equal(created?.accept, "application/vnd.atlas.2024-05-30+json");
    assert.equal(startedWith?.accept, "application/vnd.atlas.2025-03-12+json");
    assert.deepEqual(JSON.parse(startedWith?.body ?? ""), { tier: "SP30", resumeFromCheckpoint: false });
    assert.deepEqual([started?.path.endsWith("orders:start"), started?.body], [true, ""]);
  });

  it("sends pipelines as they were written", async () => {
    const streams = lab.client();
    const made = await streams.createProcessor({ ...orders, tier: "SP5" });
    assert.deepEqual([made.text, made.tier, made.dlq, made.state], [pipeline, "SP5", dlq, "CREATED"]);
    const changed = pipeline.replace(`"2":1`, `"2":0`);
    const after = await streams.modifyProcessor("orders", { text: changed, resumeFromCheckpoint: false });
    assert.equal(after.text, changed);
    assert.match(lab.atlas.seen.at(-1)?.body ?? "", /"options":\{"resumeFromCheckpoint":false\}/);
  });

  it("finds nothing where nothing is, and deletes what is gone already", async () => {
    lab.atlas.workspace = undefined;
    const streams = lab.client();
    assert.equal(await streams.workspace(), undefined);
    assert.equal(await streams.processor("orders"), undefined);
    await streams.deleteProcessor("orders");
    const error = await refused(streams.stopProcessor("orders"));
    assert.deepEqual([error.status, error.errorCode], [404, "STREAM_PROCESSOR_NOT_FOUND"]);
    assert.equal(error.code, ExitCode.notFound);
    assert.match(error.where ?? "", /^POST \/groups\/.*\/processor\/orders:stop at 127/);
  });

  it("makes workspaces and connections, and hides what a connection holds", async () => {
    const streams = lab.client();
    await streams.createWorkspace({ provider: "AWS", region: "DUBLIN_IRL", tier: "SP10", maxTier: "SP50" });
    const connection = { name: "hook", type: "Https", url: "https://a.b", headers: { "x-api-key": "hush-hush" } };
    await streams.createConnection(connection);
    await streams.updateConnection("hook", { ...connection, url: "https://a.c" });
    assert.deepEqual(
      (await streams.connections()).map(({ name, type }) => [name, type]),
      [["hook", "Https"]],
    );
    lab.assertHidden(await refused(streams.createConnection(connection)), "hush-hush");
  });
});

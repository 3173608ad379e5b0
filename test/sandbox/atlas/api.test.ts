import assert from "node:assert/strict";

import { atlasStreams } from "../../../automation/streams/atlas/client.ts";
import { AtlasError } from "../../../automation/streams/atlas/errors.ts";
import { atlasApiVariables } from "../../../sandbox/atlas/index.ts";
import { sandboxAccounts, sandboxKeys } from "../../../sandbox/atlas/credentials.ts";
import { setFault } from "../../../sandbox/index.ts";
import { openAtlasLab, pipelineOf, project, read, statsOf, type AtlasLab } from "./atlas-lab.ts";

describe("the Admin API of the sandbox's Atlas", () => {
  let lab: AtlasLab;
  const url = (path: string) => `${lab.api.endpoint}/api/atlas/v2/groups/${project}${path}`;
  const client = (environment: Record<string, string>) =>
    atlasStreams({ place: { projectId: project, workspace: "flow" }, environment, wait: async () => undefined });
  const owner = () => client(atlasApiVariables(lab.api.endpoint));
  const withKey = ({ id, secret }: { id: string; secret: string }) =>
    client({
      MONGODB_ATLAS_BASE_URL: lab.api.endpoint,
      MONGODB_ATLAS_PUBLIC_KEY: id,
      MONGODB_ATLAS_PRIVATE_KEY: secret,
    });

  beforeEach(async () => {
    lab = await openAtlasLab();
  });
  afterEach(() => lab.close());

  it("wants to know who asks, and challenges who does not say", async () => {
    const anonymous = await read(await fetch(url("/streams")));
    assert.equal(anonymous.status, 401);
    assert.match(anonymous.headers.get("www-authenticate") ?? "", /^Digest realm="MMS Public API".*qop="auth"/);
    assert.equal(anonymous.body["errorCode"], "UNAUTHORIZED");
    const forged = await fetch(url("/streams"), { headers: { authorization: "Bearer e30.x" } });
    assert.equal(forged.status, 401);
  });

  it("lets service accounts and keys in, and keeps readers from writing", async () => {
    assert.equal((await withKey(sandboxKeys.owner).connections()).length, 3);
    await withKey(sandboxKeys.owner).createProcessor({ name: "mine", pipeline: pipelineOf() as [] });
    await assert.rejects(withKey({ ...sandboxKeys.owner, secret: "other" }).connections(), { status: 401 });
    const reader = client({
      MONGODB_ATLAS_BASE_URL: lab.api.endpoint,
      MONGODB_ATLAS_CLIENT_ID: sandboxAccounts.reader.id,
      MONGODB_ATLAS_CLIENT_SECRET: sandboxAccounts.reader.secret,
    });
    assert.deepEqual(
      (await reader.processors()).map(({ name }) => name),
      ["mine"],
    );
    await assert.rejects(reader.deleteProcessor("mine"), { status: 403 });
    const wrong = { ...atlasApiVariables(lab.api.endpoint), MONGODB_ATLAS_CLIENT_SECRET: "wrong" };
    await assert.rejects(client(wrong).processors(), AtlasError);
  });

  it("ends a token after an hour", async () => {
    const [headers, atlas] = [await lab.headers(), owner()];
    await atlas.connections();
    lab.pass(3_590_000);
    assert.equal((await fetch(url("/streams"), { headers })).status, 200);
    lab.pass(20_000);
    assert.equal((await fetch(url("/streams"), { headers })).status, 401);
    // The client's own clock did not move: it is told, and asks for another token.
    assert.equal((await atlas.connections()).length, 3);
  });

  it("answers lists page by page", async () => {
    for (let n = 0; n < 5; n += 1)
      await lab.call("POST", "/streams/flow/processor", { name: `p${n}`, pipeline: pipelineOf() });
    const page = async (query: string) => (await lab.call("GET", `/streams/flow/processors?${query}`)).body;
    const names = (body: Record<string, unknown>) => (body["results"] as { name: string }[]).map(({ name }) => name);
    const rels = (body: Record<string, unknown>) => (body["links"] as { rel: string }[]).map(({ rel }) => rel);
    const second = await page("pageNum=2&itemsPerPage=2");
    assert.deepEqual(
      [names(second), second["totalCount"], rels(second)],
      [["p2", "p3"], 5, ["self", "previous", "next"]],
    );
    const last = await page("pageNum=3&itemsPerPage=2");
    assert.deepEqual([names(last), rels(last)], [["p4"], ["self", "previous"]]);
    assert.deepEqual(names(await page("pageNum=9")), []);
    assert.equal((await page("includeCount=false"))["totalCount"], undefined);
    for (const query of ["pageNum=0", "itemsPerPage=501", "pageNum=two"])
      assert.equal((await lab.call("GET", `/streams/flow/processors?${query}`)).status, 400);
  });

  it("answers in the version that it is asked in, and knows what came with which", async () => {
    await lab.call("POST", "/streams/flow/processor", { name: "orders", pipeline: pipelineOf() });
    const answered = await lab.call("GET", "/streams/flow");
    assert.equal(answered.headers.get("content-type"), "application/vnd.atlas.2025-03-12+json;charset=utf-8");
    const { authorization } = await lab.headers();
    const old = {
      method: "POST",
      headers: { authorization, accept: "application/vnd.atlas.2024-05-30+json" },
      body: "{}",
    };
    assert.equal((await fetch(url("/streams/flow/processor/orders:startWith"), old)).status, 400);
    assert.equal((await fetch(url("/streams"), { headers: { authorization, accept: "text/html" } })).status, 406);
  });

  it("never gives secrets back, and lets no connection go that is used", async () => {
    const answered = await lab.call("GET", "/streams/flow/connections/events");
    assert.equal(answered.status, 200);
    assert.ok(!answered.text.includes("hush"));
    await lab.call("POST", "/streams/flow/connections", {
      name: "hook",
      type: "Https",
      url: "https://x",
      headers: { k: "hush" },
    });
    assert.ok(!(await lab.call("GET", "/streams/flow/connections")).text.includes("hush"));
    await lab.call("POST", "/streams/flow/processor", { name: "orders", pipeline: pipelineOf() });
    assert.equal((await lab.call("DELETE", "/streams/flow/connections/events")).status, 409);
    assert.equal(
      (await lab.call("PATCH", "/streams/flow/connections/events", { bootstrapServers: "b:1" })).status,
      200,
    );
    await lab.call("POST", "/streams/flow/processor/orders:start");
    assert.equal(
      (await lab.call("PATCH", "/streams/flow/connections/events", { bootstrapServers: "b:2" })).status,
      409,
    );
    assert.equal((await lab.call("DELETE", "/streams/flow")).status, 409);
  });

  it("tells who did what", async () => {
    const atlas = owner();
    await atlas.createProcessor({ name: "orders", pipeline: pipelineOf() as [] });
    await atlas.deleteProcessor("orders");
    const events = await atlas.auditEvents({ types: ["STREAM_PROCESSOR_CREATED", "STREAM_PROCESSOR_DELETED"] });
    assert.deepEqual(
      events.map(({ type }) => type),
      ["STREAM_PROCESSOR_DELETED", "STREAM_PROCESSOR_CREATED"],
    );
    assert.deepEqual(await atlas.auditEvents({ since: "2999-01-01T00:00:00Z" }), []);
  });

  it("is limited, in trouble and out of hearing when a fault says so", async () => {
    const atlas = owner();
    const orders = { name: "orders", pipeline: pipelineOf() as [] };
    setFault(lab.directory, { kind: "throttle", typeGlob: "mongodbatlas:api/processor", remaining: 2 });
    const limited = await lab.call("GET", "/streams/flow/processors");
    assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "1"]);
    assert.deepEqual(await atlas.processors(), []);
    setFault(lab.directory, { kind: "error", typeGlob: "mongodbatlas:api/*", operation: "read" });
    assert.equal((await lab.call("GET", "/streams/flow")).status, 500);
    // The answer is lost, and the processor is there: the client finds it instead of making another.
    setFault(lab.directory, { kind: "crash", typeGlob: "mongodbatlas:api/processor", operation: "create" });
    assert.equal((await atlas.createProcessor(orders)).name, "orders");
    await atlas.startProcessor("orders");
    setFault(lab.directory, { kind: "unhealthy", typeGlob: "mongodbatlas:run/flow/ord*", message: "broker is gone" });
    const failed = await atlas.processor("orders");
    assert.deepEqual([failed?.state, failed?.errorMsg], ["FAILED", "broker is gone"]);
    await atlas.startProcessor("orders");
    lab.pass(1_000);
    assert.equal(statsOf(await lab.call("GET", "/streams/flow/processor/orders"))["inputMessageCount"], 250);
  });
});

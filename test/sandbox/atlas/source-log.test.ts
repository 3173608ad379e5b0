import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { positionOf, resumeToken } from "../../../sandbox/atlas/feed.ts";
import { baseName, samplesOf } from "../../../sandbox/atlas/samples.ts";
import { SourceLog } from "../../../sandbox/atlas/source-log.ts";

const logOf = (docs: Record<string, unknown>[], fresh: string[] = []) =>
  new SourceLog({ documents: docs.map((doc) => ({ doc })), partitions: 2, fresh });

describe("a source without end, made of a sample", () => {
  const docs = [
    { _id: 1, at: "2026-01-01T00:00:00Z", local: "2026-01-01 00:00:00", user: "ann", ms: 1767225600000 },
    { _id: 2, at: "2026-01-01T02:00:10+02:00", local: "2026-01-01 00:00:10", user: "bob", ms: 1767225610000 },
  ];

  it("begins with the sample as it is", () => {
    const log = logOf(docs);
    assert.deepEqual([log.at(0).doc, log.at(1).doc], docs);
  });

  it("goes on with later times in the form in which they were written, and with new identifiers", () => {
    const log = logOf(docs);
    assert.deepEqual(log.at(3).doc, {
      _id: 1_000_002,
      at: "2026-01-01T00:00:25Z",
      local: "2026-01-01 00:00:25",
      user: "bob",
      ms: 1767225625000,
    });
    assert.deepEqual(
      log.at(2_000_001).doc["at"],
      new Date(Date.parse("2026-01-01T00:00:10Z") + 15e9).toISOString().replace(".000", ""),
    );
  });

  it("renews what it is told to, and identifiers of every kind", () => {
    const log = logOf([{ _id: { $oid: "65a000000000000000000001" }, order: "o1", inner: { order: "o1" } }], ["order"]);
    const [first, second] = [log.at(0).doc, log.at(1).doc];
    assert.notEqual(String(first["_id"]), String(second["_id"]));
    assert.deepEqual([second["order"], second["inner"]], ["o1-1", { order: "o1" }]);
  });

  it("delivers in order, at times that never go back", () => {
    const log = logOf([...docs].reverse());
    const arrivals = Array.from({ length: 20 }, (_, n) => log.arrival(n));
    assert.deepEqual(
      arrivals,
      [...arrivals].sort((a, b) => a - b),
    );
    for (const n of [0, 1, 7, 19]) assert.equal(log.since(log.arrival(n)), n);
    assert.equal(log.since(0), 0);
  });

  it("gives each event of a change stream a token, which says where it was", () => {
    for (const n of [0, 1, 255, 1e9]) assert.equal(positionOf({ _data: resumeToken(n) }), n);
    assert.ok(resumeToken(9) < resumeToken(10));
    assert.equal(positionOf({ _data: "82FF" }), undefined);
  });
});

describe("samples of a folder of streams", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-samples-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  before(() => {
    mkdirSync(join(folder, "samples"));
    mkdirSync(join(folder, "tests"));
    writeFileSync(join(folder, "samples/events.json"), JSON.stringify([{ any: "topic" }]));
    writeFileSync(join(folder, "samples/events.orders.json"), JSON.stringify({ documents: [{ n: 1 }], partitions: 3 }));
    writeFileSync(join(folder, "samples/geo.json"), JSON.stringify({ reply: { place: "here" } }));
    writeFileSync(
      join(folder, "tests/orders.test.yaml"),
      "cases: [{ name: a, mocks: { collections: { a.b.c: [{ _id: 1 }] } }, steps: [{ in: { x: 1 }, topic: t }, { in: [{ x: 2 }] }, { idle: 1m }], expect: { dlq: [] } }]",
    );
  });

  it("are those of the topic, then those of the connection, then what tests deliver", async () => {
    const samples = samplesOf(folder);
    assert.deepEqual(await samples.source("events", "orders", "orders"), {
      ...{ documents: [{ doc: { n: 1 } }], partitions: 3, fresh: [] },
    });
    assert.deepEqual((await samples.source("events", "other", "orders"))?.documents, [{ doc: { any: "topic" } }]);
    const tested = await samples.source("else", "t", "orders__0a1b2c3d__shadow");
    assert.deepEqual(
      tested?.documents.map(({ doc }) => doc),
      [{ x: 1 }, { x: 2 }],
    );
    assert.equal(await samples.source("else", "t", "unknown"), undefined);
    assert.equal(baseName("orders__0a1b2c3d__shadow"), "orders");
  });

  it("answer lookups and endpoints", async () => {
    const samples = samplesOf(folder);
    assert.deepEqual(await samples.collection("a", "b", "c", "orders"), [{ _id: 1 }]);
    assert.deepEqual(await samples.collection("a", "b", "none", "orders"), []);
    const { https } = await samples.services("orders");
    assert.deepEqual(https[0], { connectionName: "geo", reply: { status: 200, body: { place: "here" } } });
  });

  it("name the file that cannot be read", async () => {
    writeFileSync(join(folder, "samples/events.broken.json"), "{");
    await assert.rejects(samplesOf(folder).source("events", "broken", "orders"), /events\.broken\.json/);
  });
});

import assert from "node:assert/strict";
import { CannotSimulate } from "../../../streams/engine/simulator/errors.ts";
import type { SimulatorOptions } from "../../../streams/engine/simulator/types.ts";
import { Timestamp } from "../../../streams/engine/simulator/values/types.ts";
import { log, simulator } from "./processing.ts";

/** A processor that shows each document's metadata. */
const shown = (source: object, options: SimulatorOptions = {}) =>
  simulator([{ $source: source }, { $set: { m: { $meta: "stream.source" } } }, log], options);
const kafka = { connectionName: "k", topic: "t" };

const textOf = (value: Date | string | undefined) => (typeof value === "string" ? value : "");

describe("sources of the simulator", () => {
  it("tell where a message of Kafka came from", () => {
    const running = shown({ ...kafka, topic: ["a", "b"] });
    const headers = [{ k: "h", v: 1 }];
    running.push(
      { i: 1 },
      { partition: 3, offset: 41, topic: "b", key: "x", headers, eventTime: "2026-01-01T00:00:00Z" },
    );
    running.push({ i: 2 }, { partition: 3 });
    assert.deepEqual(running.emissions[0]?.doc?.["m"], {
      ...{
        type: "kafka",
        ts: new Date("2026-01-01T00:00:00Z"),
        topic: "b",
        partition: 3,
        offset: 41,
        key: "x",
        headers,
      },
    });
    assert.deepEqual(running.emissions[1]?.meta.source["offset"], 42);
    assert.throws(() => running.push({ i: 3 }, { topic: "z" }), /does not read the topic z/);
  });

  it("read text, and send what is no document to the dead letter queue", () => {
    const running = shown(kafka);
    for (const text of ['{"at": {"$date": "2026-01-01T00:00:00Z"}}', "{", "[1]", "null"]) running.push(text);
    assert.deepEqual(running.emissions[0]?.doc?.["at"], new Date("2026-01-01T00:00:00Z"));
    assert.deepEqual(
      running.dlq.map(({ operatorName, errInfo, doc }) => [operatorName, errInfo.reason.slice(0, 37), doc]),
      ["{", "[1]", "null"].map((raw) => ["$source", "Failed to parse the message as JSON: ", { raw }]),
    );
    assert.equal(running.stats().inputMessageCount, 1);
  });

  it("take the event time from a field, from the source, or from the clock", () => {
    const time = (source: object, document: object, options = {}) => {
      const running = shown({ ...kafka, tsFieldName: "when", ...source });
      running.push(document as never, options);
      return (running.emissions[0]?.doc?.["when"] as Date | undefined) ?? running.dlq[0]?.errInfo.reason;
    };
    const expected = new Date("2026-01-01T01:02:03Z");
    assert.deepEqual(time({ timeField: { $toDate: "$t" } }, { t: "2026-01-01T01:02:03Z" }), expected);
    const format = { dateString: "$t", format: "%d.%m.%Y %H:%M:%S" };
    assert.deepEqual(time({ timeField: { $dateFromString: format } }, { t: "01.01.2026 01:02:03" }), expected);
    assert.deepEqual(time({}, {}, { eventTime: "2026-01-01T01:02:03Z" }), expected);
    assert.deepEqual(time({}, {}), new Date("2026-01-01T12:00:00Z"));
    assert.match(textOf(time({ timeField: { $toDate: "$t" } }, {})), /timeField in \$source: it is no date/);
    assert.match(textOf(time({ timeField: { $toDate: "$t" } }, { t: "x" })), /Error parsing date string 'x'/);
  });

  it("check keys of Kafka", () => {
    const keys = (config: object, key: unknown, constants = {}) => {
      const running = shown({ ...kafka, config }, { constants });
      running.push({}, { key });
      const source = running.emissions[0]?.doc?.["m"] as { key?: unknown } | undefined;
      return source === undefined ? running.dlq[0]?.errInfo.reason : source.key;
    };
    assert.equal(keys({ keyFormat: "string" }, "a"), "a");
    assert.match(String(keys({ keyFormat: "json" }, "a")), /deserialize the key of the message as json/);
    assert.equal(keys({ keyFormat: "int", keyFormatError: "passThrough" }, "a"), undefined);
    assert.equal(keys({ keyFormat: "int" }, "a", { keyFormatError: "passThrough" }), undefined);
    assert.equal(keys({ keyFormat: "long" }, 5), 5);
  });

  it("deliver the events of change streams", () => {
    const event = {
      ...{ operationType: "update", ns: { db: "d", coll: "c" }, documentKey: { _id: 1 } },
      fullDocument: { _id: 1, a: 2 },
    };
    const stream = (config: object, document: object) => {
      const running = shown({ connectionName: "c", db: "d", coll: "c", config });
      running.push(document as never);
      return running.emissions[0]?.doc;
    };
    const { m, ...rest } = stream({}, { ...event, wallTime: new Date(5000) }) ?? {};
    assert.deepEqual(rest, { ...event, wallTime: new Date(5000) });
    assert.deepEqual(m, {
      ...{ type: "atlas", ts: new Date(5000), operationType: "update", ns: event.ns, documentKey: { _id: 1 } },
    });
    const clustered = stream({}, { ...event, clusterTime: new Timestamp(7, 1) })?.["m"] as { ts: Date };
    assert.deepEqual(clustered.ts, new Date(7000));
    assert.deepEqual({ ...stream({ fullDocumentOnly: true }, event), m: 0 }, { _id: 1, a: 2, m: 0 });
    const filter = { pipeline: [{ $match: { operationType: "insert" } }] };
    assert.equal(stream(filter, event), undefined);
    const { fullDocument: _, ...bare } = event;
    assert.equal(stream({ fullDocument: "required" }, bare), undefined);
    assert.ok(stream({ fullDocument: "whenAvailable" }, bare));
    assert.throws(
      () => stream({ fullDocumentOnly: true }, { ...bare, operationType: "delete" }),
      (error) =>
        error instanceof CannotSimulate && /fullDocumentOnly for an event without fullDocument/.test(error.message),
    );
  });

  it("know Kinesis, samples and the documents of a pipeline", () => {
    const shards = shown({ connectionName: "k", stream: "s", config: { initialPosition: "TRIM_HORIZON" } });
    shards.push({}, { partition: 1, offset: 9, key: "p" });
    assert.deepEqual(
      { ...(shards.emissions[0]?.doc?.["m"] as object), ts: 0 },
      {
        ...{
          type: "kinesis",
          ts: 0,
          kinesisStream: "s",
          shardId: "shardId-000000000001",
          sequenceNumber: "9",
          partitionKey: "p",
        },
      },
    );
    assert.equal(shards.readsFromStart, true);
    const sample = shown({ connectionName: "solar" }, { connections: [{ name: "solar", type: "Sample" }] });
    sample.push({ a: 1 });
    assert.equal(sample.emissions[0]?.meta.source["type"], "sampleData");
    const inline = shown({ documents: [{ a: 1 }, { a: 2 }] });
    inline.start();
    assert.deepEqual(
      inline.emissions.map(({ doc }) => doc?.["a"]),
      [1, 2],
    );
    assert.throws(() => inline.push({}), /stand in the pipeline itself/);
    const made = shown({ documents: { $map: { input: { $range: [0, 3] }, in: { a: "$$this" } } } });
    made.start();
    assert.equal(made.emissions.length, 3);
  });

  it("are read from their start where their settings say so", () => {
    const fromStart = (source: object) => shown(source).readsFromStart;
    assert.equal(fromStart(kafka), false);
    assert.equal(fromStart({ ...kafka, config: { auto_offset_reset: "smallest" } }), true);
    assert.equal(fromStart({ connectionName: "c", db: "d" }), false);
  });
});

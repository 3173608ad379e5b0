import assert from "node:assert/strict";
import { ownName, versionedName, versionName } from "../../../automation/deploy/streams/names.ts";
import {
  besideOthers,
  definitionsOf,
  groupOfVersion,
  notToBeHandedOver,
  placedAt,
  positionAfter,
} from "../../../automation/deploy/streams/position.ts";
import { putInPlace } from "../../../automation/deploy/streams/trial.ts";
import { processorTexts } from "./texts.ts";

type Source = Readonly<Record<string, unknown>>;

const sink = { $merge: { into: { connectionName: "w", db: "d", coll: "c" } } };
const pipeline = (source: Source, ...stages: object[]) => JSON.stringify([{ $source: source }, ...stages, sink]);
const stats = (more: object = {}) => ({
  ...{ inputMessageCount: 5, inputMessageSize: 0, outputMessageCount: 0, outputMessageSize: 0, dlqMessageCount: 0 },
  ...{ dlqMessageSize: 0, memoryUsageBytes: 0, stateSize: 0, raw: {}, ...more },
});
const changes: Source = { connectionName: "shop", db: "shop", coll: "orders" };
const kafka = (config?: object): Source => ({ connectionName: "events", topic: "t", ...(config && { config }) });
const token = { _data: "8265" };

describe("names of versions", () => {
  it("say processor, definition and role, and nothing else does", () => {
    const version = versionName("orders", `sha256:1a2b3c4d${"0".repeat(56)}`);
    assert.equal(version, "orders__1a2b3c4d");
    const table = [
      ["orders", { name: "orders", role: "version", digest: undefined }],
      ["orders__1a2b3c4d", { name: "orders__1a2b3c4d", role: "version", digest: "1a2b3c4d" }],
      ["orders__1a2b3c4d__shadow", { name: "orders__1a2b3c4d__shadow", role: "shadow", digest: "1a2b3c4d" }],
      ["orders__1a2b3c4d__canary", { name: "orders__1a2b3c4d__canary", role: "canary", digest: "1a2b3c4d" }],
      ["orders__late", undefined],
      ["orders__1a2b3c4d__other", undefined],
      ["orders_2", undefined],
      ["other__1a2b3c4d", undefined],
    ] as const;
    for (const [name, expected] of table) assert.deepEqual(ownName("orders", name), expected, name);
    assert.equal(versionedName("my__orders__1a2b3c4d")?.processor, "my__orders");
    assert.equal(versionedName("orders"), undefined);
  });
});

describe("where a version goes on after another", () => {
  const table: [title: string, before: Source, now: Source, stats: object, expected: unknown][] = [
    [
      "a change stream: after its last token",
      changes,
      changes,
      { changeStreamState: token },
      { kind: "resume-token", token },
    ],
    [
      "a topic: in the same group",
      kafka({ group_id: "g" }),
      kafka({ group_id: "g" }),
      {},
      { kind: "consumer-group", group: "g" },
    ],
    [
      "a topic of nobody's group: in the group that the driver gave",
      kafka({ group_id: "slipway-a" }),
      kafka(),
      {},
      { kind: "consumer-group", group: "slipway-a" },
    ],
    [
      "another collection: by its own settings",
      changes,
      { ...changes, coll: "x" },
      {},
      { kind: "own", why: "it reads something else than the version before" },
    ],
    [
      "another group: by its own settings",
      kafka({ group_id: "g" }),
      kafka({ group_id: "h" }),
      {},
      { kind: "own", why: "its consumer group is another: h after g" },
    ],
    [
      "one that read nothing: by its own settings",
      changes,
      changes,
      { inputMessageCount: 0 },
      { kind: "own", why: "the version before has read nothing yet" },
    ],
  ];
  for (const [title, before, now, figures, expected] of table)
    it(title, () => {
      const leaving = { text: pipeline(before), stats: stats(figures) };
      assert.deepEqual(positionAfter(leaving, pipeline(now)), expected);
    });

  it("is nowhere without a token, without a group of its own, and in Kinesis", () => {
    const refused = (before: Source, now = before) => {
      const position = positionAfter({ text: pipeline(before), stats: stats() }, pipeline(now));
      assert.ok("refused" in position);
      return position.refused;
    };
    assert.match(refused(changes), /no resume token/);
    assert.match(refused(kafka(), kafka({ group_id: "g" })), /consumer group of Atlas' own/);
    assert.match(refused({ connectionName: "k", stream: "s" }), /Kinesis/);
  });

  it("is not to be said by a file that says where to begin itself", () => {
    assert.equal(notToBeHandedOver(pipeline(changes)), undefined);
    const config = { startAtOperationTime: "2026-01-01T00:00:00Z" };
    assert.match(notToBeHandedOver(pipeline({ ...changes, config })) ?? "", /startAtOperationTime/);
  });
});

describe("a pipeline that begins at a place", () => {
  const stage = '{"$set":{"b":1,"2":"two","1":"one"}}';
  const written = (source: string) => `[{"$source":${source}},${stage},${JSON.stringify(sink)}]`;

  it("keeps the text of everything but its source", () => {
    const text = written('{"connectionName":"shop","db":"shop","coll":"orders"}');
    const placed = placedAt(text, { kind: "resume-token", token }, "group");
    assert.equal(
      placed,
      written('{"connectionName":"shop","db":"shop","coll":"orders","config":{"startAfter":{"_data":"8265"}}}'),
    );
    assert.deepEqual(definitionsOf(placed)[1], text);
  });

  it("does not copy again what the first version copied", () => {
    const text = written('{"connectionName":"s","db":"d","initialSync":{"enable":true,"parallelism":4}}');
    const placed = placedAt(text, { kind: "resume-token", token }, "group");
    assert.match(placed, /"initialSync":\{"enable":false,"parallelism":4\}/);
    assert.ok(definitionsOf(placed).includes(text));
  });

  it("joins the group of the version before, and one for all where nobody named any", () => {
    const own = pipeline(kafka({ auto_offset_reset: "earliest" }));
    assert.match(placedAt(own, { kind: "own", why: "" }, "slipway-w-p"), /"group_id":"slipway-w-p"/);
    assert.match(placedAt(own, { kind: "consumer-group", group: "g" }, "slipway-w-p"), /"group_id":"g"/);
    const named = pipeline(kafka({ group_id: "mine" }));
    assert.equal(placedAt(named, { kind: "consumer-group", group: "mine" }, "slipway-w-p"), named);
    assert.ok(definitionsOf(placedAt(own, { kind: "own", why: "" }, "slipway-w-p")).includes(own));
    assert.deepEqual(definitionsOf(named), [named]);
  });

  it("of any processor of this repository is known again as what it was made from", async () => {
    const texts = await processorTexts();
    assert.ok(texts.length > 10);
    for (const { name, text } of texts)
      for (const position of [
        { kind: "resume-token", token } as const,
        { kind: "consumer-group", group: groupOfVersion(text, "slipway-w-p", "1a2b3c4d") } as const,
        { kind: "own", why: "" } as const,
      ])
        assert.ok(definitionsOf(placedAt(text, position, "slipway-w-p")).includes(text), `${name} ${position.kind}`);
    for (const { name, text } of texts) {
      const beside = besideOthers(text, groupOfVersion(text, "slipway-w-p", "1a2b3c4d"));
      assert.ok(definitionsOf(putInPlace(beside, text)).includes(text), `${name} in service`);
    }
  });

  it("reads beside others in a group of its own, from now on", () => {
    assert.match(
      besideOthers(pipeline(kafka({ group_id: "g", auto_offset_reset: "earliest" })), "trial"),
      /"config":\{"group_id":"trial","auto_offset_reset":"latest"\}/,
    );
    assert.equal(besideOthers(pipeline(changes), "trial"), pipeline(changes));
  });
});

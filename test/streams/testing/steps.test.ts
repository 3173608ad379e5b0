import assert from "node:assert/strict";
import { counting, event, group, keeping, oneCase, problemsOf, runText } from "./cases.ts";
import type { Subject } from "../../../streams/engine/testing/run.ts";

const steps = (
  lines: readonly string[],
  expect: string,
  subject: Subject = counting(),
  versions?: ReadonlyMap<string, Subject>,
) => problemsOf(runText(oneCase(`[${lines.join(", ")}]`, `    expect: ${expect}\n`), subject, versions));

const a10 = event("a", "00:00:10");
const a20 = event("a", "00:00:20");
const next = event("z", "00:01:10");
const doubled = counting([{ $group: { _id: "$k", n: { $sum: 2 } } }]);
const versions = new Map([
  ["git:main", doubled],
  ["processors/hourly.json", { ...counting(), pipeline: [...counting(group, { topic: "other" }).pipeline] }],
]);

describe("steps of tests", () => {
  it("deliver documents one by one, in lists, and as text", () => {
    const many = '{ in: [{ k: a, ts: "2026-01-01T00:00:10Z" }, { k: a, ts: "2026-01-01T00:00:20Z" }] }';
    assert.deepEqual(steps([many, next], "{ out: [{ after: 3, doc: { _id: a, n: 2 } }] }"), []);
    const text = '{ raw: \'{"k": "a", "ts": "2026-01-01T00:00:10Z"}\' }';
    assert.deepEqual(
      steps([text, "{ raw: nonsense }", next], "{ out: [{}], dlq: [{ reason: /JSON/, doc: { raw: nonsense } }] }"),
      [],
    );
  });

  it("say where and when a document arrives", () => {
    const placed =
      '{ in: { a: 1 }, partition: 2, offset: 7, eventTime: "2026-01-01T00:00:00Z", key: k, headers: [{ k: h, v: 1 }], topic: t }';
    const source =
      '{ partition: 2, offset: 7, key: k, headers: [{ k: h, v: 1 }], ts: { $date: "2026-01-01T00:00:00Z" } }';
    assert.deepEqual(steps([placed], `{ out: [{ meta: { source: ${source} } }] }`, keeping()), []);
  });

  it("let time pass, busy or idle", () => {
    const seen = keeping({ $set: { at: { $currentDate: {} } } });
    const at = (time: string) => `{ doc: { _id: 1, at: { $date: "2026-01-01T${time}Z" } } }`;
    assert.deepEqual(
      steps(["{ advance: 1h30m }", "{ idle: 500ms }", "{ in: { _id: 1 } }"], `{ out: [${at("01:30:00.500")}] }`, seen),
      [],
    );
  });

  it("write into collections from outside", () => {
    const from = { connectionName: "c", db: "d", coll: "names" };
    const joined = keeping({ $lookup: { from, localField: "of", foreignField: "_id", as: "n" } });
    const lines = ["{ write: { c.d.names: [{ _id: 1 }] } }", "{ in: { _id: 5, of: 1 } }"];
    assert.deepEqual(steps(lines, "{ out: [{ doc: { _id: 5, of: 1, n: [{ _id: 1 }] } }] }", joined), []);
  });

  it("stop and restart a processor where it was", () => {
    const expect = "{ out: [{ doc: { _id: a, n: 2 } }], stats: { in: 3 } }";
    assert.deepEqual(steps([a10, "{ restart: {} }", a20, next], expect), []);
    assert.deepEqual(steps([a10, "{ stop: true }", a20, "{ restart: {} }", next], expect), []);
  });

  it("let a processor crash, and read again what came after its checkpoint", () => {
    const crash = [a10, "{ checkpoint: one }", a20, "{ restart: { from: one } }", next];
    assert.deepEqual(steps(crash, "{ out: [{ doc: { _id: a, n: 2 } }] }"), []);
    const kept = ["{ in: { _id: 1 } }", "{ checkpoint: one }", "{ in: { _id: 2 } }", "{ restart: { from: one } }"];
    assert.deepEqual(
      steps(kept, "{ out: [{ action: inserted }, { action: inserted }, { action: merged }] }", keeping()),
      [],
    );
    assert.deepEqual(steps([a10, "{ restart: { from: two } }"], "{}"), [
      '3:59 there is no checkpoint "two" before this step',
    ]);
  });

  it("go on with another version, from its windows or from their documents", () => {
    const change = '{ restart: { pipelineFrom: "git:main" } }';
    assert.deepEqual(steps([a10, change, a20, next], "{ out: [{ doc: { _id: a, n: 4 } }] }", counting(), versions), []);
    const crash = [a10, "{ checkpoint: one }", a20, '{ restart: { from: one, pipelineFrom: "git:main" } }', next];
    assert.deepEqual(steps(crash, "{ out: [{ doc: { _id: a, n: 4 } }] }", counting(), versions), []);
  });

  it("see Atlas refuse a change that would lose state", () => {
    const to = "processors/hourly.json";
    const refused = `{ restart: { pipelineFrom: ${to}, refused: /source changed/ } }`;
    assert.deepEqual(
      steps([a10, refused, a20, next], "{ out: [{ doc: { _id: a, n: 2 } }] }", counting(), versions),
      [],
    );
    const unforeseen = steps([a10, `{ restart: { pipelineFrom: ${to} } }`], "{}", counting(), versions);
    assert.match(unforeseen.join(), /Atlas refuses to go on from the checkpoint: \$source changed/);
    const wrong = steps([a10, '{ restart: { pipelineFrom: "git:main", refused: x } }'], "{}", counting(), versions);
    assert.match(wrong.join(), /Atlas takes this change, though the test says that it refuses it/);
  });

  it("start anew, from the beginning or from now on", () => {
    const restart = "{ restart: { resume: false } }";
    const again = counting(group, { config: { auto_offset_reset: "earliest" } });
    assert.deepEqual(
      steps([a10, restart, a20, next], "{ out: [{ doc: { _id: a, n: 2 } }], stats: { in: 4 } }", again),
      [],
    );
    assert.deepEqual(steps([a10, restart, a20, next], "{ out: [{ doc: { _id: a, n: 1 } }], stats: { in: 3 } }"), []);
    // A failed processor is read on from where it failed.
    const failing = keeping({ $https: { connectionName: "h", as: "a", path: { $toString: "$p" } } });
    const mocks = "    mocks: { https: [{ match: { path: down }, reply: { status: 500 } }, { reply: { body: 1 } }] }\n";
    const lines =
      "[{ in: { _id: 1, p: down } }, { in: { _id: 2, p: up } }, { expect: { state: { processor: FAILED } } }, { restart: {} }]";
    const expect = "    expect: { state: { processor: FAILED }, stats: { in: 0, out: 0 } }\n";
    assert.deepEqual(problemsOf(runText(oneCase(lines, mocks + expect), failing)), []);
    // What it did since its last checkpoint it does again.
    const later = "[{ in: { _id: 1, p: up } }, { in: { _id: 2, p: down } }, { restart: {} }]";
    const twice = "    expect: { state: { processor: FAILED }, out: [{ action: inserted }, { action: merged }] }\n";
    assert.deepEqual(problemsOf(runText(oneCase(later, mocks + twice), failing)), []);
  });
});

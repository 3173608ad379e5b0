import assert from "node:assert/strict";
import { diffProcessor } from "../../../streams/engine/diff/diff.ts";
import { type Stages, end, from, group, into, match, plainWindow, processor, session, set, window } from "./lab.ts";

const minute = { size: 1, unit: "minute" };

describe("how a change takes over", () => {
  const rows: [what: string, before: Stages | string, after: Stages | string, upgrade: string][] = [
    ["nothing changes", [from(), end], [from(), end], "none"],
    ["white space changes", [from(), end], JSON.stringify([from(), end], null, 2), "none"],
    ["a stage without state changes", [from(), match({ a: 1 }), end], [from(), match({ a: 2 }), end], "in-place"],
    ["a stage comes", [from(), end], [from(), set, end], "in-place"],
    ["the sink changes", [from(), end], [from(), into("e")], "in-place"],
    ["order of keys changes", [from(), match({ a: 1, b: 1 }), end], [from(), match({ b: 1, a: 1 }), end], "in-place"],
    ["the source reads another topic", [from(), end], [from({ topic: "other" }), end], "new-version"],
    ["the source reads from elsewhere", [from(), end], [from({ connectionName: "k2" }), end], "new-version"],
    [
      "the source takes time from elsewhere",
      [from(), end],
      [from({ timeField: { $toDate: "$at" } }), end],
      "resume-false",
    ],
    [
      "the source begins elsewhere",
      [from(), end],
      [from({ config: { auto_offset_reset: "earliest" } }), end],
      "resume-false",
    ],
    [
      "the source is written in another order",
      [from(), end],
      `[{"$source": {"topic": "orders", "connectionName": "kafka", "timeField": {"$toDate": "$ts"}}}, ${JSON.stringify(end)}]`,
      "resume-false",
    ],
    ["a window comes", [from(), end], [from(), window(), end], "in-place"],
    ["a window goes", [from(), window(), end], [from(), end], "new-version"],
    ["a window becomes another", [from(), window(), end], [from(), session, end], "new-version"],
    [
      "a window becomes longer",
      [from(), window(), end],
      [from(), window({ interval: { size: 2, unit: "minute" } }), end],
      "resume-false",
    ],
    [
      "a window moves",
      [from(), window(), end],
      [from(), window({ offset: { offsetFromUtc: 1, unit: "hour" } }), end],
      "resume-false",
    ],
    [
      "a window waits longer",
      [from(), window(), end],
      [from(), window({ allowedLateness: { size: 9, unit: "second" } }), end],
      "in-place",
    ],
    [
      "what a window groups changes",
      [from(), window(), end],
      [from(), window({}, [{ $group: { _id: "$b" } }]), end],
      "in-place",
    ],
    ["a stage before a window changes", [from(), window(), end], [from(), set, window(), end], "in-place"],
    [
      "a stage before a window that does not group",
      [from(), plainWindow, end],
      [from(), set, plainWindow, end],
      "resume-false",
    ],
    ["a window stops grouping", [from(), window(), end], [from(), plainWindow, end], "resume-false"],
    ["a window begins to group", [from(), plainWindow, end], [from(), window(), end], "resume-false"],
  ];
  for (const [what, before, after, upgrade] of rows)
    it(`${what}: ${upgrade}`, () => {
      const diff = diffProcessor(processor(before), processor(after));
      assert.equal(diff.class, upgrade);
      assert.equal(diff.status, upgrade === "none" ? "unchanged" : "changed");
      assert.equal(diff.reasons.length > 0, upgrade !== "none");
    });

  const hop = (more: object) => ({ $hoppingWindow: { interval: minute, hopSize: minute, pipeline: [], ...more } });
  const idle = (more: object) => ({ $sessionWindow: { gap: minute, partitionBy: "$a", pipeline: [], ...more } });
  const frames: [what: string, of: (more: object) => object, change: object][] = [
    ["hopSize", hop, { hopSize: { size: 2, unit: "minute" } }],
    ["boundary", hop, { boundary: "processingTime" }],
    ["offset", hop, { offset: { offsetFromUtc: 1, unit: "hour" } }],
    ["gap", idle, { gap: { size: 2, unit: "minute" } }],
    ["partitionBy", idle, { partitionBy: "$b" }],
  ];
  for (const [what, of, change] of frames)
    it(`${what} is what a window's state is made of`, () => {
      const [before, after] = [of({ pipeline: [group] }), of({ pipeline: [group], ...change })];
      assert.equal(
        diffProcessor(processor([from(), before, end]), processor([from(), after, end])).class,
        "resume-false",
      );
    });

  it("a dead letter queue comes and goes in place", () => {
    const dlq = { connectionName: "atlas", db: "d", coll: "dlq" };
    const [without, having] = [processor([from(), end]), processor([from(), end], { dlq })];
    assert.deepEqual(diffProcessor(without, having).class, "in-place");
    const gone = diffProcessor(having, without);
    assert.match(gone.reasons.map(({ message }) => message).join(), /is gone: documents are dropped/);
    assert.equal(gone.class, "in-place");
  });
});

describe("stage by stage", () => {
  const changes = (before: Stages | string, after: Stages | string) =>
    diffProcessor(processor(before), processor(after)).stages.map(({ kind, stage, from: old, to, changes: inside }) => [
      kind,
      stage,
      old,
      to,
      inside.map(({ kind: how, path, before: was, after: is }) => [how, path.join("."), was, is]),
    ]);

  it("says what came, what went and what became different", () => {
    const before = [from(), match({ a: 1 }), set, end];
    const after = [from(), { $unset: "q" }, match({ a: 2, b: { $in: [1, 2] } }), into("e")];
    assert.deepEqual(changes(before, after), [
      ["added", "$unset", undefined, 1, []],
      [
        "changed",
        "$match",
        1,
        2,
        [
          ["added", "b", undefined, '{"$in":[1,2]}'],
          ["changed", "a", "1", "2"],
        ],
      ],
      ["removed", "$set", 2, undefined, []],
      ["changed", "$merge", 3, 3, [["changed", "into.coll", '"c"', '"e"']]],
    ]);
  });

  it("lays stages that are the same beside each other, not only those of one kind", () => {
    const [one, two] = [match({ a: 1 }), match({ b: 1 })];
    assert.deepEqual(changes([from(), two, end], [from(), one, two, end]), [["added", "$match", undefined, 1, []]]);
  });

  it("shows that only the order of keys changed", () => {
    assert.deepEqual(changes([from(), match({ a: 1, b: 1 }), end], [from(), match({ b: 1, a: 1 }), end]), [
      ["changed", "$match", 1, 1, [["reordered", "", "a, b", "b, a"]]],
    ]);
    assert.deepEqual(
      changes(`[{"$source": {}}, {"$sort": {"a": 1, "1": 1}}]`, `[{"$source": {}}, {"$sort": {"1": 1, "a": 1}}]`),
      [["changed", "$sort", 1, 1, [["reordered", "", "a, 1", "1, a"]]]],
    );
  });

  it("follows lists, and never shows a secret", () => {
    const https = (headers: object, list: unknown[]) => ({
      $https: { connectionName: "w", as: "r", headers, payload: list },
    });
    const old = https({ "X-Api-Key": "hunter2-hunter2" }, [{ $set: { a: 1 } }, set]);
    const now = https({ "X-Api-Key": "hunter3-hunter3" }, [{ $set: { a: 2 } }]);
    assert.deepEqual(changes([from(), old, end], [from(), now, end]), [
      [
        "changed",
        "$https",
        1,
        1,
        [
          ["changed", "headers.X-Api-Key", '"***"', '"***"'],
          ["changed", "payload.0.$set.a", "1", "2"],
          ["removed", "payload.1", '{"$set":{"x":1}}', undefined],
        ],
      ],
    ]);
  });
});

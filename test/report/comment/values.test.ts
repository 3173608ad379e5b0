import assert from "node:assert/strict";
import fc from "fast-check";
import type { EngineEvent, StepMetadata } from "../../../automation/engine/events.ts";
import { summarize } from "../../../automation/engine/summary.ts";
import { createChangeFold } from "../../../automation/report/comment/changes.ts";
import { noLimit, render } from "../../../automation/report/comment/render.ts";
import { sidesOf } from "../../../automation/report/comment/values.ts";
import { model, stack } from "./samples.ts";

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("values in a comment", () => {
  const table: [
    name: string,
    path: string,
    old: object,
    next: object,
    before: string | undefined,
    after: string | undefined,
  ][] = [
    ["plain ones as JSON", "a", { a: "x" }, { a: 2 }, '"x"', "2"],
    ["one side only", "a", {}, { a: true }, undefined, "true"],
    ["a path into lists and odd names", 'a[1]["x.y"]', { a: [0, { "x.y": 1 }] }, { a: [0, { "x.y": 2 }] }, "1", "2"],
    ["what is not known yet", "a", { a: 1 }, { a: unknown }, "1", "computed"],
    ["secrets on both sides", "a", { a: secret }, { a: secret }, "[secret]", "[secret]"],
    ["what becomes secret, also as it was", "a", { a: "open sesame" }, { a: secret }, "[secret]", "[secret]"],
    ["what was secret, also as it is", "a", { a: secret }, { a: "open sesame" }, "[secret]", "[secret]"],
    ["what lay inside of a secret", "a.b", { a: secret }, { a: { b: "open sesame" } }, "[secret]", "[secret]"],
    ["what lies inside of a secret", "a.b", { a: { b: "open sesame" } }, { a: secret }, "[secret]", "[secret]"],
    [
      "secrets inside of a value",
      "a",
      { a: { b: "open sesame", c: 1 } },
      { a: { b: secret, c: 2 } },
      '{"b":"[secret]","c":1}',
      '{"b":"[secret]","c":2}',
    ],
    [
      "what its name tells",
      "masterPassword",
      { masterPassword: "hunter22" },
      { masterPassword: "hunter23" },
      "[secret]",
      "[secret]",
    ],
    [
      "what its name tells further in",
      "a",
      { a: { apiKey: "hunter22" } },
      { a: { apiKey: "hunter23" } },
      '{"apiKey":"[secret]"}',
      '{"apiKey":"[secret]"}',
    ],
    ["what looks like a credential", "a", { a: "AKIAABCDEFGHIJKLMNOP" }, { a: "x" }, '"[access key]"', '"x"'],
  ];
  for (const [name, path, old, next, before, after] of table)
    it(`show ${name}`, () => {
      const sides = sidesOf(path, old, next);
      assert.deepEqual([sides.before, sides.after], [before, after]);
    });

  const step = (
    name: string,
    old: Record<string, unknown>,
    next: Record<string, unknown>,
    more: Partial<StepMetadata> = {},
  ): EngineEvent[] => {
    const urn = `urn:pulumi:dev::slipway::aws:sns/topic:Topic::${name}`;
    const type = "aws:sns/topic:Topic";
    const metadata = {
      op: "update",
      urn,
      type,
      old: { type, urn, inputs: old },
      new: { type, urn, inputs: next },
      ...more,
    };
    return [
      { sequence: 1, timestamp: 1, kind: "resourcePreEvent", resourcePreEvent: { metadata } },
      { sequence: 2, timestamp: 1, kind: "resOutputsEvent", resOutputsEvent: { metadata } },
    ];
  };
  const changesOf = (events: readonly EngineEvent[]) => {
    const fold = createChangeFold();
    for (const event of events) fold.add(event);
    return { changes: fold.changes(summarize(events, true)), fold };
  };

  it("mask what turned out to be secret wherever else it stands, in messages too", () => {
    const { changes, fold } = changesOf([
      ...step(
        "a",
        { password: 'corr"ect horse', url: 'db://corr"ect horse@x' },
        { password: secret, url: "db://other" },
      ),
      ...step("b", { note: 'it is corr"ect horse' }, { note: "gone" }),
    ]);
    const text = render(model([stack("dev", changes)]), { size: noLimit, elsewhere: "" }).text;
    assert.doesNotMatch(text + JSON.stringify(changes), /corr|horse/);
    assert.equal(fold.clean('failed with corr"ect horse'), "failed with [secret]");
  });

  it("never show a secret, whatever shape it comes in", () => {
    const canary = "canary-7f3a-secret-value";
    const leaf = fc.oneof(fc.constant(canary), fc.string(), fc.integer());
    const tree = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3 }),
      ),
    })).value;
    // The new side has the envelope wherever the old one has the plain text.
    const blinded = (value: unknown): unknown => {
      if (value === canary) return secret;
      if (Array.isArray(value)) return value.map(blinded);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blinded(inner)]));
    };
    fc.assert(
      fc.property(tree, fc.boolean(), (value, turned) => {
        const sides = turned
          ? step("a", { v: blinded(value) }, { v: value, w: 1 })
          : step("a", { v: value }, { v: blinded(value), w: 1 });
        const { changes } = changesOf(sides);
        const { text } = render(model([stack("dev", changes)]), { size: noLimit, elsewhere: "" });
        assert.doesNotMatch(text + JSON.stringify(changes), /canary/);
      }),
      { numRuns: 200 },
    );
  });

  it("keep what forces a replacement, protection and the names of what stays", () => {
    const { changes } = changesOf(
      step(
        "a",
        { n: 1, m: 1, k: 1 },
        { n: 2, m: 2, k: 1 },
        {
          op: "replace",
          detailedDiff: {
            m: { diffKind: "update", inputDiff: true },
            n: { diffKind: "update-replace", inputDiff: true },
          },
          old: { type: "t", urn: "u", protect: true, inputs: { n: 1, m: 1, k: 1 } },
        },
      ),
    );
    const [found] = changes;
    assert.deepEqual([found?.op, found?.protect, found?.unchanged], ["replace", true, ["k"]]);
    assert.deepEqual(
      found?.properties.map(({ path, replaces }) => [path, replaces]),
      [
        ["n", true],
        ["m", false],
      ],
    );
  });

  it("count what changes of the price", () => {
    const nat = { type: "aws:ec2/natGateway:NatGateway" };
    const events = [
      ...step("a", {}, {}, { ...nat, urn: "urn:a", op: "same" }),
      ...step("b", {}, {}, { ...nat, urn: "urn:b", op: "create", old: null }),
      ...step("c", {}, {}, { type: "aws:kms/key:Key", urn: "urn:c", op: "delete", new: null }),
      ...step("d", {}, {}, { urn: "urn:d" }),
    ];
    assert.deepEqual(changesOf(events).fold.cost(), { perMonth: 65.7, delta: 31.85, priced: 3, unpriced: 1 });
  });
});

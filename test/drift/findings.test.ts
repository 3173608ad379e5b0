import assert from "node:assert/strict";
import { ignoredBy, parseIgnoreRules } from "../../config/drift.ts";
import { classify, type DriftFacts } from "../../automation/drift/findings.ts";
import { pathSteps, pathText } from "../../automation/drift/property-path.ts";
import type { StepMetadata } from "../../automation/engine/events.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { findingLine, nextSteps } from "../../automation/report/drift.ts";
import { secretOf } from "../plans/samples.ts";

const CANARY = "canary-77aa10";
const type = "aws:s3/bucket:Bucket";
const urn = `urn:pulumi:dev::lab::${type}::b`;
const side = (values: Record<string, unknown>, outputs = values) => ({ type, urn, id: "b", inputs: values, outputs });
const step = (op: string, before: object, after: object | null, more: Partial<StepMetadata> = {}): StepMetadata => ({
  ...{ op, urn, type, old: side(before as Record<string, unknown>) },
  new: after === null ? null : side(after as Record<string, unknown>),
  ...more,
});
const facts = (refreshed: StepMetadata[], more: Partial<DriftFacts> = {}): DriftFacts => ({
  ...{ refreshed, preview: { resources: [] }, pending: [], rules: [] },
  ...more,
});
const properties = (...refreshed: StepMetadata[]) =>
  classify(facts(refreshed)).findings.flatMap((each) => (each.class === "changed-outside" ? each.properties : []));

describe("findings of drift", () => {
  it("are none where everything is the same", () => {
    assert.deepEqual(classify(facts([step("same", { tags: { a: 1 } }, { tags: { a: 1 } })])), {
      findings: [],
      noise: [],
    });
  });

  it("name a changed property with both values, as the engine says or else as deep as they differ", () => {
    const detailedDiff = { "tags.owner": { diffKind: "update", inputDiff: true } };
    const expected = [{ path: "tags.owner", recorded: '"ada"', found: '"eve"' }];
    const [before, after] = [{ tags: { owner: "ada", team: "ml" } }, { tags: { owner: "eve", team: "ml" } }];
    assert.deepEqual(properties(step("update", before, after, { detailedDiff })), expected);
    assert.deepEqual(properties(step("update", before, after)), expected);
  });

  it("never lose a change that the engine reports", () => {
    assert.deepEqual(
      properties(
        step("update", { a: 1 }, { a: 1 }, { detailedDiff: { "x[*]": { diffKind: "update", inputDiff: true } } }),
      ),
      [{ path: '["x[*]"]', recorded: undefined, found: undefined }],
    );
    const computed = { ...step("update", {}, {}), old: side({}, { status: "on" }), new: side({}, { status: "off" }) };
    assert.deepEqual(properties(computed), [{ path: "status", recorded: '"on"', found: '"off"' }]);
  });

  it("tell a deleted resource from one that has no property any more", () => {
    const { findings } = classify(facts([step("delete", { a: 1 }, null)]));
    assert.deepEqual(findings, [{ class: "missing-outside", urn, type, name: "b", id: "b" }]);
    assert.deepEqual(properties(step("update", { a: 1 }, {})), [{ path: "a", recorded: "1", found: undefined }]);
  });

  it("leave out what a rule ignores and what services compute, and say so", () => {
    const rules = parseIgnoreRules('ignore: [{type: "aws:s3/*", property: tags.*, reason: somebody tags it}]');
    const changed = step("update", { tags: { a: 1 }, acl: "x" }, { tags: { a: 2 }, acl: "y" });
    const computed = { ...step("same", {}, {}), old: side({}, { zone: "1" }), new: side({}, { zone: "2" }) };
    const { findings, noise } = classify(facts([changed, computed], { rules }));
    assert.deepEqual(findings, [
      { class: "changed-outside", urn, type, name: "b", properties: [{ path: "acl", recorded: '"x"', found: '"y"' }] },
    ]);
    assert.deepEqual(
      noise.map(({ properties: all, reason }) => [all[0]?.path, reason]),
      [
        ["tags.a", "somebody tags it"],
        ["zone", "the service computes it and no program sets it"],
      ],
    );
    assert.deepEqual(classify(facts([step("update", { tags: { a: 1 } }, { tags: { a: 2 } })], { rules })).findings, []);
  });

  it("are of the code and of killed runs as well", () => {
    const resource = { urn, type, name: "b", parent: undefined, status: "planned" as const, seconds: 0 };
    const diffs = [{ path: "acl", kind: "update", replaces: false }];
    const preview = {
      resources: [
        { ...resource, op: "update", diffs },
        { ...resource, op: "same", diffs: [] },
      ],
    };
    const pending = [{ operation: "creating", urn, type, id: undefined }];
    const { findings } = classify(facts([], { preview, pending }));
    assert.deepEqual(findings, [
      { class: "code-ahead", urn, type, name: "b", op: "update", properties: ["acl"] },
      { class: "pending", urn, type, name: "b", operation: "creating", id: undefined },
    ]);
    assert.match(nextSteps("dev", findings).join("\n"), /drift dev --repair[\s\S]*clear-pending-creates/);
  });

  const secrets: [string, StepMetadata][] = [
    ["marked on both sides", step("update", { a: secretOf("[secret]") }, { a: secretOf("[secret]") })],
    ["only marked in the record", step("update", { a: secretOf("[secret]") }, { a: CANARY })],
    ["only marked now", step("update", { a: CANARY }, { a: secretOf("[secret]") })],
    [
      "above the property",
      step(
        "update",
        { a: secretOf("[secret]") },
        { a: { b: CANARY } },
        { detailedDiff: { "a.b": { diffKind: "add", inputDiff: true } } },
      ),
    ],
    [
      "marked among the outputs",
      { ...step("update", { a: CANARY }, { a: `${CANARY}2` }), old: side({ a: CANARY }, { a: secretOf("[secret]") }) },
    ],
    ["inside an object that came", step("update", {}, { a: { password: CANARY } })],
    ["known by its name", step("update", { masterPassword: CANARY }, { masterPassword: `${CANARY}2` })],
    ["in a text with credentials", step("update", { url: "x" }, { url: `https://user:${CANARY}@example.com/` })],
  ];
  for (const [where, metadata] of secrets)
    it(`show no secret that is ${where}`, () => {
      const found = classify(facts([{ ...metadata, detailedDiff: metadata.detailedDiff ?? null }]));
      const told = `${JSON.stringify(found)} ${found.findings.map(findingLine).join()}`;
      assert.doesNotMatch(told, new RegExp(CANARY));
      assert.equal(found.findings.length, where === "marked on both sides" ? 0 : 1, told);
    });

  it("say that a secret changed where the engine does", () => {
    const secret = { a: secretOf("[secret]") };
    const detailedDiff = { a: { diffKind: "update", inputDiff: true } };
    assert.deepEqual(properties(step("update", secret, secret, { detailedDiff })), [
      { path: "a", recorded: "[secret]", found: "[secret]" },
    ]);
  });
});

describe("property paths", () => {
  const paths: [string, string[]][] = [
    ["a", ["a"]],
    ["a.b[0].c", ["a", "b", "0", "c"]],
    ['metadata.annotations["a.b/c"]', ["metadata", "annotations", "a.b/c"]],
    ['["x y"].z', ["x y", "z"]],
    ["[1]", ["1"]],
  ];
  for (const [path, steps] of paths)
    it(`${path} is ${steps.join(" ")} and back`, () => {
      assert.deepEqual(pathSteps(path), steps);
      assert.equal(pathText(steps), path);
    });
});

describe("ignore rules", () => {
  const rules = parseIgnoreRules(`ignore:
  - { type: "aws:eks/*", property: scalingConfig.desiredSize, reason: the autoscaler moves it }
  - { type: "*", property: "list.*.id", reason: generated by the service }`);
  const cases: [string, string[], boolean][] = [
    ["aws:eks/nodeGroup:NodeGroup", ["scalingConfig", "desiredSize"], true],
    ["aws:eks/nodeGroup:NodeGroup", ["scalingConfig", "maxSize"], false],
    ["aws:eks/nodeGroup:NodeGroup", ["scalingConfig"], false],
    ["aws:ec2/vpc:Vpc", ["scalingConfig", "desiredSize"], false],
    ["aws:ec2/vpc:Vpc", ["list", "3", "id", "deep"], true],
    ["aws:ec2/vpc:Vpc", ["list", "3", "name"], false],
  ];
  for (const [of, path, ignored] of cases)
    it(`${ignored ? "cover" : "do not cover"} ${path.join(".")} of ${of}`, () => {
      assert.equal(ignoredBy(rules, of, path) !== undefined, ignored);
    });

  const wrong: [string, RegExp][] = [
    ["ignore: 1", /ignore: got 1/],
    ["{}", /ignore: missing/],
    ["ignore: [{type: x, property: a, reason: long enough}]", /ignore\[0\]\.type/],
    ["ignore: [{type: 'a:b', property: 'a..b', reason: long enough}]", /ignore\[0\]\.property/],
    ["ignore: [{type: 'a:b', property: a, reason: short}]", /ignore\[0\]\.reason/],
    ["ignore: [{type: 'a:b', property: a, reason: long enough, why: x}]", /why: unknown key/],
    [`ignore: [${"{type: 'a:b', property: a, reason: long enough},".repeat(2)}]`, /ignore\[1\]: got a:b a/],
    ["ignore: [", /has 1 problem|problems/],
  ];
  for (const [text, message] of wrong)
    it(`are refused: ${text.slice(0, 40)}`, () => {
      assert.throws(
        () => parseIgnoreRules(text),
        (error) => error instanceof SlipwayError && error.code === ExitCode.usage && message.test(error.message),
      );
    });
});

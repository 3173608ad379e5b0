import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEvent, type EngineEvent } from "../../automation/engine/events.ts";
import { createSummary, summarize, type ResourceChange } from "../../automation/engine/summary.ts";

/** Event logs of the real engine, its debug messages left out. */
function recorded(name: string): EngineEvent[] {
  const text = readFileSync(join(import.meta.dirname, "fixtures", `${name}.jsonl`), "utf8");
  return text.split("\n").flatMap((line) => parseEvent(line) ?? []);
}

const urn = (name: string, type = "tiny:index:Item") => `urn:pulumi:dev::tiny::${type}::${name}`;
const stack = urn("tiny-dev", "pulumi:pulumi:Stack");

const event = (kind: string, payload: object, timestamp = 10): EngineEvent => {
  const parsed = parseEvent(JSON.stringify({ sequence: 1, timestamp, [kind]: payload }));
  assert.ok(parsed !== undefined);
  return parsed;
};

const step = (kind: string, op: string, name: string, more: object = {}): EngineEvent =>
  event(kind, { metadata: { op, urn: urn(name), type: "tiny:index:Item", ...more } });

const brief = (resources: readonly ResourceChange[]) =>
  Object.fromEntries(resources.map(({ name, op, status, diffs }) => [name, [op, status, diffs]]));

const replaced = [{ path: "key", kind: "update", replaces: true }];
const updated = [{ path: "value", kind: "update", replaces: false }];

describe("the summary of a run", () => {
  for (const [name, preview, status] of [
    ["mixed-preview", true, "planned"],
    ["mixed-up", false, "done"],
  ] as const)
    it(`of ${name} folds the steps of each resource into one change`, () => {
      const summary = summarize(recorded(name), preview);
      assert.deepEqual(brief(summary.resources), {
        "tiny-dev": ["same", status, []],
        held: ["replace", status, replaced],
        first: ["update", status, updated],
        same: ["create", status, []],
        last: ["delete", status, []],
      });
      assert.deepEqual(summary.changes, { create: 1, delete: 1, replace: 1, same: 1, update: 1 });
      assert.deepEqual([summary.changed, summary.hasSummary, summary.succeeded], [4, true, true]);
      assert.equal(summary.outputs?.["hidden"], "[secret]");
      const { changes, changed } = summarize(
        recorded(name).filter(({ kind }) => kind !== "summaryEvent"),
        preview,
      );
      assert.deepEqual(
        [changes, changed],
        [summary.changes, 4],
        "counted from the steps when nothing else counts them",
      );
    });

  it("of a failed run names the resource, its error, and what else was done", () => {
    const summary = summarize(recorded("failed-up"), false);
    const bad = summary.resources.find(({ name }) => name === "bad");
    assert.deepEqual([bad?.op, bad?.status, bad?.error], ["create", "failed", "quota exceeded"]);
    assert.deepEqual([summary.succeeded, summary.hasSummary], [false, true]);
    assert.equal(summary.outputs?.["names"], undefined);
    assert.ok(summary.diagnostics.every(({ severity }) => severity !== "debug"));
  });

  it("of a run that was cut off is unknown, not a success", () => {
    const events = recorded("mixed-up");
    const at = events.findIndex(({ resourcePreEvent }) => resourcePreEvent?.metadata.op === "create-replacement");
    const summary = summarize(events.slice(0, at + 1), false);
    assert.deepEqual([summary.hasSummary, summary.succeeded], [false, undefined]);
    assert.equal(summary.resources.find(({ name }) => name === "held")?.status, "unfinished");
    assert.deepEqual(summarize([], false).changes, {});
  });

  it("takes properties from the detailed diff before anything else", () => {
    const detailedDiff = {
      "tags.team": { diffKind: "add", inputDiff: true },
      "rules[0]": { diffKind: "delete-replace", inputDiff: true },
    };
    const { resources } = summarize([step("resourcePreEvent", "update", "a", { detailedDiff, diffs: ["tags"] })], true);
    assert.deepEqual(resources[0]?.diffs, [
      { path: "tags.team", kind: "add", replaces: false },
      { path: "rules[0]", kind: "delete", replaces: true },
    ]);
  });

  it("keeps parents, but not the stack as one", () => {
    const parent = (name: string, of: string) => step("resourcePreEvent", "create", name, { new: { parent: of } });
    const { resources } = summarize([parent("a", stack), parent("b", urn("a")), parent("c", "")], true);
    assert.deepEqual(
      resources.map((each) => each.parent),
      [undefined, urn("a"), undefined],
    );
  });

  it("lets a refresh step become what the refresh found", () => {
    const events = [
      ...["gone", "as-is"].map((name) => step("resourcePreEvent", "refresh", name)),
      step("resOutputsEvent", "delete", "gone"),
      step("resOutputsEvent", "same", "as-is"),
    ];
    const { resources, changed } = summarize(events, true);
    assert.deepEqual([resources.map(({ op }) => op), changed], [["delete", "same"], 1]);
  });

  it("measures with the clock it is given", () => {
    const fold = createSummary(false);
    fold.add(step("resourcePreEvent", "create", "a"), 100.25);
    fold.add(step("resOutputsEvent", "create", "a"), 101.5);
    assert.equal(fold.summary().resources[0]?.seconds, 1.25);
    assert.equal(fold.summary().durationSeconds, 1.25);
  });

  it("collects policy violations and messages, and opens nested secrets' envelopes", () => {
    const violation = {
      ...{ message: "public bucket", policyName: "no-public", policyPackName: "slipway" },
      ...{ enforcementLevel: "mandatory", resourceUrn: urn("a") },
    };
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const outputs = { list: [{ deep: secret }], plain: 1, none: null };
    const summary = summarize(
      [
        event("policyEvent", violation),
        event("diagnosticEvent", { severity: "debug", message: "noise" }),
        event("diagnosticEvent", { severity: "info", message: "gone soon", ephemeral: true }),
        event("diagnosticEvent", { severity: "warning", message: " careful \n", urn: "" }),
        event("errorEvent", { error: "engine broke" }),
        event("resOutputsEvent", {
          metadata: { op: "same", urn: stack, type: "pulumi:pulumi:Stack", new: { outputs } },
        }),
      ],
      false,
    );
    assert.deepEqual(summary.policyViolations, [violation]);
    assert.deepEqual(summary.diagnostics, [
      { severity: "warning", message: "careful", urn: undefined },
      { severity: "error", message: "engine broke", urn: undefined },
    ]);
    assert.deepEqual(summary.outputs, { list: [{ deep: "[secret]" }], plain: 1, none: null });
  });
});

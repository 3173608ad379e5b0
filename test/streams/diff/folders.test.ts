import assert from "node:assert/strict";
import { consentState, diffProcessor, diffProjects } from "../../../streams/engine/diff/diff.ts";
import { type StreamProject, loadStreams } from "../../../streams/engine/files/project.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { end, from, match, processor, project, set, window } from "./lab.ts";

describe("folders", () => {
  it("new ones, those that are gone, those that were renamed, and those that stay", () => {
    const before = project({ stays: [from(), end], goes: [from(), set, end], old: [from(), match({}), end] });
    const after = project({ stays: [from(), end], comes: [from(), set, set, end], young: [from(), match({}), end] });
    assert.deepEqual(
      diffProjects(before, after).map(({ processor: name, status, was, class: of }) => [name, status, was, of]),
      [
        ["comes", "added", undefined, "none"],
        ["goes", "removed", undefined, "none"],
        ["stays", "unchanged", undefined, "none"],
        ["young", "renamed", "old", "new-version"],
      ],
    );
  });
});

describe("where connections lead", () => {
  const on = (connection: object, files: Record<string, string> = {}) =>
    loadStreams({
      ...files,
      "processors/p.json": JSON.stringify({ pipeline: [from(), end] }),
      "connections/a.json": JSON.stringify({ name: "kafka", type: "Kafka", ...connection }),
    });
  const diffOf = (before: object, after: object) => {
    const [diff] = diffProjects(on(before), on(after));
    assert.ok(diff !== undefined);
    return diff;
  };

  it("is part of what a source reads", () => {
    const [one, two] = [{ bootstrapServers: "a:9092" }, { bootstrapServers: "b:9092" }];
    const moved = diffOf(one, two);
    assert.deepEqual([moved.status, moved.class, moved.stages], ["changed", "new-version", []]);
    assert.notEqual(moved.from, moved.to);
    assert.notEqual(moved.to, diffOf(one, { bootstrapServers: "c:9092" }).to);
    assert.deepEqual(diffOf({ ...one, headers: {} }, one).class, "none");
    const consent = {
      processor: "p",
      from: moved.from,
      to: moved.to,
      class: moved.class,
      reason: "another cluster",
      by: "me",
    };
    const stale = (files: StreamProject) => lint(files).filter(({ rule }) => rule === "files/consent").length;
    assert.deepEqual(
      [
        stale(on(two, { "consents/p.json": JSON.stringify(consent) })),
        stale(on(one, { "consents/p.json": JSON.stringify(consent) })),
      ],
      [0, 1],
    );
  });
});

describe("consent", () => {
  const diff = diffProcessor(
    processor([from(), window(), end]),
    processor([from(), window({ interval: { size: 2, unit: "day" } }), end]),
  );
  const consent = {
    processor: "p",
    from: diff.from ?? "",
    to: diff.to ?? "",
    class: "resume-false" as const,
    reason: "windows of a minute",
    by: "me",
  };
  const rows: [what: string, change: object, state: string][] = [
    ["for exactly this change", {}, "given"],
    ["from another version", { from: diff.to }, "for-another-change"],
    ["to another version", { to: diff.from }, "for-another-change"],
    ["for another class", { class: "new-version" }, "for-another-change"],
    ["for another processor", { processor: "q" }, "for-another-change"],
  ];
  for (const [what, change, state] of rows)
    it(what, () => assert.equal(consentState(diff, { ...consent, ...change }), state));

  it("is missing, or not needed", () => {
    assert.equal(consentState(diff, undefined), "missing");
    const harmless = diffProcessor(processor([from(), end]), processor([from(), set, end]));
    assert.equal(consentState(harmless, undefined), "not-needed");
  });
});

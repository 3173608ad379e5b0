import assert from "node:assert/strict";
import fc from "fast-check";
import {
  contentDigest,
  historyAfter,
  isNewer,
  readMarker,
  withMarker,
} from "../../../automation/report/comment/marker.ts";
import { mergeFragments } from "../../../automation/report/comment/merge.ts";
import type { Fragment } from "../../../automation/report/comment/model.ts";
import { change, head, hostile, model, stack } from "./samples.ts";

const facts = {
  ...{ pullRequest: 7, run: 12, attempt: 2, head, verdict: "changes" as const, content: "a".repeat(64) },
  ...{ url: "https://github.example/o/r/actions/runs/12", history: [{ head, verdict: "failed" as const }] },
};

describe("the marker of a comment", () => {
  it("comes back as it was written, whatever the text and however lines end", () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, windows) => {
        const body = withMarker(text, facts);
        const read = readMarker(windows ? body.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n") : `${body}\n`);
        const { body: _digest, intact: _intact, ...rest } = read ?? assert.fail("no marker");
        assert.deepEqual(rest, facts);
      }),
    );
  });

  it("tells a text that somebody edited", () => {
    const body = withMarker("text\nmore", facts);
    assert.equal(readMarker(`${body}\n\n`)?.intact, true);
    assert.equal(readMarker(body.replace("more", "less"))?.intact, false);
  });

  it("is none where a text only begins like one", () => {
    const body = withMarker("text", facts);
    for (const other of [
      "",
      "text",
      `> ${body}`,
      body.replace("schema=1", "schema=2"),
      body.replace(/state=[\w-]+/, "state=e30"),
      body.replace("run=12", "run=x"),
    ])
      assert.equal(readMarker(other), undefined, other.slice(0, 80));
  });

  it("orders runs by their number, then by attempt", () => {
    const at = (run: number, attempt: number) => ({ run, attempt });
    assert.equal(isNewer(at(12, 1), at(11, 9)), true);
    assert.equal(isNewer(at(12, 2), at(12, 1)), true);
    assert.equal(isNewer(at(12, 1), at(12, 1)), false);
    assert.equal(isNewer(at(11, 9), at(12, 1)), false);
  });

  it("remembers three runs, a repeated one once", () => {
    const marker = readMarker(withMarker("x", facts));
    assert.deepEqual(
      historyAfter(marker, { id: 13, attempt: 1, head }).map(({ verdict }) => verdict),
      ["changes", "failed"],
    );
    assert.deepEqual(
      historyAfter(marker, { id: 12, attempt: 3, head }).map(({ verdict }) => verdict),
      ["failed"],
    );
    assert.deepEqual(historyAfter(undefined, { id: 1, attempt: 1, head }), []);
  });
});

describe("what a comment tells", () => {
  const base = model([stack("dev", [change()], { plan: { digest: "d", expiresAt: "tomorrow" } })]);

  it("is the same for another run, another duration and another expiry", () => {
    const again = model([stack("dev", [change()], { seconds: 99, plan: { digest: "d", expiresAt: "later" } })]);
    assert.equal(contentDigest({ ...again, run: { ...again.run, id: 99 } }), contentDigest(base));
  });

  it("is something else for another commit, change, plan or verdict", () => {
    const others = [
      { ...base, run: { ...base.run, head: "f".repeat(40) } },
      model([stack("dev", [change({ name: "other" })], { plan: { digest: "d" } })]),
      model([stack("dev", [change()], { plan: { digest: "e" } })]),
      { ...base, verdict: "none" as const },
    ];
    for (const other of others) assert.notEqual(contentDigest(other), contentDigest(base));
  });
});

describe("what the jobs of a run left", () => {
  const run = { id: 12, attempt: 2, head };
  const fragment = (attempt: number, stacks: Fragment["stacks"], more: Partial<Fragment> = {}): Fragment => ({
    ...{ schema: 1, run: { ...run, attempt }, stacks, ...more },
  });

  it("is one model, in which a repeated job takes the place of its earlier attempt", () => {
    const merged = mergeFragments(
      run,
      [fragment(2, [stack("dev")]), fragment(1, [stack("dev", [change()]), stack("prod", [change()])])],
      [],
    );
    assert.deepEqual(
      merged.stacks.map(({ stack: name, changes }) => [name, changes.length]),
      [
        ["prod", 1],
        ["dev", 0],
      ],
    );
    assert.equal(merged.verdict, "changes");
  });

  it("shows an affected or expected stack without a result as failed", () => {
    const affected = {
      why: "main",
      everything: false,
      skipped: [],
      files: [],
      stacks: [{ stack: "prod", reasons: [], more: 0 }],
    };
    const merged = mergeFragments(
      run,
      [fragment(1, [stack("dev")], { ground: { notes: ["n"], affected } })],
      ["staging"],
    );
    assert.deepEqual(
      merged.stacks.map(({ stack: name, outcome }) => [name, outcome]),
      [
        ["prod", "missing"],
        ["staging", "missing"],
        ["dev", "previewed"],
      ],
    );
    assert.equal(merged.verdict, "failed");
  });

  it("leaves out other commits, other runs and later attempts", () => {
    const other = { ...fragment(1, [stack("a")]), run: { ...run, head: "f".repeat(40) } };
    const foreign = { ...fragment(1, [stack("b")]), run: { ...run, id: 11 } };
    assert.deepEqual(mergeFragments(run, [other, foreign, fragment(3, [stack("c")])], []).stacks, []);
  });

  it("is refused where a policy stops it, and is no failure then", () => {
    const findings = [{ policy: "tls", level: "mandatory" as const, message: "no" }];
    assert.equal(
      mergeFragments(run, [fragment(1, [stack("dev", [], { findings, exitCode: 5 })])], []).verdict,
      "blocked",
    );
  });
});

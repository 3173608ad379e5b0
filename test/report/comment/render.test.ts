import assert from "node:assert/strict";
import fc from "fast-check";
import { headline } from "../../../automation/report/comment/headline.ts";
import { commentSize, noLimit, render, summarySize } from "../../../automation/report/comment/render.ts";
import { ladder } from "../../../automation/report/comment/view.ts";
import { isDestructive } from "../../../automation/report/comment/verdict.ts";
import { rendered } from "./markdown.ts";
import { change, hostileModel, largeModel, model, stack } from "./samples.ts";

const elsewhere = "All of it is in the artifact.";
const limit = 65_536;
const codePoints = (text: string) => Array.from(text).length;
/** What this project writes itself, and nothing else. */
const ownTags = new Set(
  "html head body h3 p strong em b table thead tbody tr th td details summary ul li blockquote code pre a sub".split(
    " ",
  ),
);
const page = "https://github.example/o/r/actions/runs/12";

function assertNothingGetsOut(text: string): void {
  const { tags, links, prose } = rendered(text);
  assert.deepEqual(
    [...tags].filter((tag) => !ownTags.has(tag)),
    [],
  );
  assert.deepEqual(
    [...new Set(links)].filter((link) => link !== page),
    [],
  );
  assert.doesNotMatch(prose, /@|#\d|GH-\d|https?:|www\./);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
  assert.ok(text.isWellFormed());
}

describe("the page of a preview", () => {
  const destroyed = change({
    ...{ op: "replace", type: "aws:rds/instance:Instance", name: "orders", protect: true },
    properties: [{ path: "engineVersion", kind: "update", replaces: true, before: '"15"', after: '"16"' }],
  });
  const small = model([
    stack("prod", [destroyed, change(), change({ name: "b" }), change({ name: "c" })], {
      findings: [{ policy: "tls", level: "mandatory", resource: destroyed.urn, message: "no TLS" }],
    }),
    ...[stack("staging"), stack("dev")],
  ]);

  it("says in one line what a reviewer has to know", () => {
    assert.equal(
      headline(small),
      "**prod**: 1 **replace** of a database, 3 updates. dev, staging: no changes. Policy: **1 blocking**.",
    );
    assert.equal(headline(model([])), "No stack is affected.");
  });

  it("has a row for each stack that changes, and one folded line for the others", () => {
    const { text, rung } = render(small, { size: commentSize, elsewhere });
    assert.equal(rung, 0);
    assert.match(
      text,
      /^\| \*\*prod\*\* \| 0 \| 3 \| 1 \| 0 \| 3 \| 1 blocking \| - \| - \| 1\.5 s \| \*\*refused by policy\*\* \|$/m,
    );
    assert.match(
      text,
      /<details><summary>2 stacks without changes<\/summary>\n\n`dev` \(3 resources\), `staging` \(3 resources\)/,
    );
    assert.doesNotMatch(text, /^\| \*\*dev/m);
  });

  it("shows what is destroyed, what forces it, whether it is protected and what it holds", () => {
    const { text } = render(small, { size: commentSize, elsewhere });
    const block = text.slice(text.indexOf("> [!CAUTION]"));
    assert.match(
      block,
      /^> - \*\*prod\*\*: replace `aws:rds\/instance:Instance` `orders`; forced by `engineVersion`; \*\*protected: the update will refuse it\*\*; \*\*holds data: a database\*\*$/m,
    );
    const before = text.slice(0, text.indexOf("> [!CAUTION]"));
    assert.equal(before.split("<details>").length, before.split("</details>").length, "the block is inside of a fold");
  });

  it("shows each changed property in a diff by component", () => {
    const inside = change({ component: "slipway:index:DataPipeline lake", name: "raw", unchanged: ["tags"] });
    const { text } = render(
      model([
        stack("dev", [
          destroyed,
          { ...inside, properties: [{ path: "n", kind: "update", replaces: false, before: "1", after: "2" }] },
        ]),
      ]),
      { size: noLimit, elsewhere },
    );
    assert.match(
      text,
      /^@@ slipway:index:DataPipeline lake @@\n! aws:sns\/topic:Topic raw\n- {5}n: 1\n\+ {5}n: 2\n {6}unchanged: tags$/m,
    );
    assert.match(text, /^\+ {5}engineVersion: "16" \(forces replacement\)$/m);
  });

  it("says of a failure what happened, where, what was changed and how to go on", () => {
    const failure = {
      ...{ message: "no such bucket", resource: "urn:x", source: "components/data/lake.ts:12", changed: "nothing" },
      ...{ pending: ["create a was cut off"], next: "./slipway preview dev" },
    };
    const { text } = render(model([stack("dev", [], { outcome: "failed", failure }), stack("prod")]), {
      size: commentSize,
      elsewhere,
    });
    for (const part of [
      "no such bucket",
      "urn:x",
      "components/data/lake.ts:12",
      "nothing",
      "create a was cut off",
      "./slipway preview dev",
    ])
      assert.ok(text.includes(`\`${part}\``), part);
    assert.match(text, /\*\*dev\*\*: the preview \*\*failed\*\*/);
    assert.match(text, /\[log of the run\]\(https:/);
  });

  it("lets nothing out of where it is shown", function () {
    this.timeout(30_000);
    fc.assert(
      fc.property(hostileModel, fc.integer({ min: 200, max: 70_000 }), (any, budget) => {
        for (const size of [commentSize, { budget, measure: codePoints }])
          assertNothingGetsOut(render(any, { size, elsewhere }).text);
      }),
      { numRuns: 40 },
    );
  });

  it("keeps headline, table and dangers on every rung, names what it leaves out, and never grows", function () {
    this.timeout(30_000);
    fc.assert(
      fc.property(hostileModel, (any) => {
        const sizes = ladder.map((view, rung) => {
          // Exactly this rung: everything above it is refused.
          let asked = 0;
          const measure = () => (asked++ < rung ? Number.POSITIVE_INFINITY : 0);
          const { text } = render(any, { size: { budget: 1e9, measure }, elsewhere });
          assert.ok(text.includes(headline(any)));
          assert.ok(
            text.includes("| stack | create | update | replace | delete | same |") ||
              any.stacks.every(
                ({ changes, outcome, findings }) => changes.length + findings.length === 0 && outcome === "previewed",
              ),
          );
          const hits = any.stacks.flatMap(({ changes }) => changes.filter(isDestructive)).length;
          if (hits > 0)
            assert.match(text, new RegExp(`^> \\*\\*${hits} resources? (?:is|are) replaced or deleted\\.`, "m"));
          assert.equal(text.includes(`Left out for want of room: ${view.leftOut}. ${elsewhere}`), view.leftOut !== "");
          assertNothingGetsOut(text);
          return text.length;
        });
        assert.ok((sizes.at(-1) ?? 0) <= (sizes[0] ?? 0) + 300);
      }),
      { numRuns: 15 },
    );
  });

  it("fits a comment whatever happens, up to 50,000 resources", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(largeModel(50_000), (any) => {
        const { text, rung } = render(any, { size: commentSize, elsewhere });
        assert.ok(text.length <= limit && codePoints(text) <= limit, `${text.length} on rung ${rung}`);
        assert.ok(text.includes(headline(any)));
        const hits = any.stacks.flatMap(({ changes }) => changes.filter(isDestructive)).length;
        if (hits > 0) assert.ok(text.includes(`**${hits} resource`), "the danger block is gone");
        const told = any.stacks.some(({ changes, outcome }) => changes.length > 0 || outcome !== "previewed");
        assert.equal(text.includes("| stack | create |"), told);
        if (rung > 0) assert.match(text, /Left out for want of room/);
        assertNothingGetsOut(text);
      }),
      { numRuns: 12 },
    );
  });

  it("fits the summary of a step in bytes", function () {
    this.timeout(20_000);
    const wide = Array.from({ length: 50_000 }, (_, at) =>
      change({ name: `ü漢𝕏${at}`, op: at % 5 === 0 ? "delete" : "update" }),
    );
    const { text } = render(model([stack("prod", wide)]), { size: summarySize, elsewhere });
    assert.ok(Buffer.byteLength(text) <= 1_048_576);
    assert.ok(text.includes("**10000 resources are replaced or deleted.**"));
  });
});

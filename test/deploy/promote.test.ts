import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../automation/errors.ts";
import { cloneFixture, commitFiles, failsWith, gitIn, scratch } from "../git/throw-away.ts";
import { prod, staging } from "../promotion/gate-facts.ts";
import { labAt, type Lab } from "./promotion-lab.ts";

const reason = "checkout is down, INC-42";

describe("promote", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  let lab: Lab;

  beforeEach(() => {
    gitIn(clone.root, "push", "--quiet", "origin", "main");
    lab = labAt(clone.root, temporary.directory());
  });

  const push = (tag: string, commit: string) =>
    gitIn(clone.root, "push", "--quiet", "--force", "origin", `${commit}:refs/tags/${tag}`);
  const moves = async (environment: string) =>
    (await lab.records(environment)).flatMap((one) => (one.kind === "tag-moved" ? [[one.tag, one.from, one.to]] : []));

  it("takes a tag pushed twice for one promotion", async () => {
    await lab.verifiedIn("staging", clone.first);
    push("production", clone.first);
    const once = await lab.promote({ tag: "production" });
    assert.deepEqual([once.environment, once.outcome, once.commit], ["prod", "promoted", clone.first]);
    const twice = await lab.promote({ tag: "refs/tags/production" });
    assert.equal(twice.outcome, "already-there");
    assert.deepEqual(await lab.kinds("prod"), ["tag-moved", "promoted", "verified"]);
  });

  it("keeps what stands there, whatever the gates say meanwhile", async () => {
    await lab.verifiedIn("staging", clone.first);
    push("prod", clone.first);
    await lab.promote({ tag: "prod" });
    await lab.record("prod", { kind: "frozen", by: "ada", active: true, reason: "year end" });
    assert.equal((await lab.promote({ tag: "prod" })).outcome, "already-there");
  });

  it("records each move of a tag, also one that somebody else made", async () => {
    await lab.verifiedIn("dev", clone.first);
    await lab.verifiedIn("dev", clone.second);
    await lab.promote({ environment: "staging", commit: clone.first });
    push("staging", clone.second);
    const report = await lab.promote({ environment: "staging", commit: clone.first });
    assert.equal(report.outcome, "already-there");
    assert.deepEqual(await moves("staging"), [
      ["staging", null, clone.first],
      ["staging", clone.first, clone.second],
      ["staging", clone.second, clone.first],
    ]);
  });

  it("notices a tag that is moved while its promotion runs, before the verdict is recorded", async () => {
    await lab.verifiedIn("staging", clone.first);
    push("prod", clone.first);
    const report = await lab.promote({ tag: "prod" }, { meanwhile: () => push("prod", clone.second) });
    assert.deepEqual(report.tagMovedOn, { tag: "prod", to: clone.second });
    assert.deepEqual(await lab.kinds("prod"), ["tag-moved", "promoted", "tag-moved", "verified"]);
    const verdict = (await lab.records("prod")).at(-1);
    assert.deepEqual(verdict?.kind === "verified" && verdict.tagMovedOn, { tag: "prod", to: clone.second });
    assert.match(lab.output(), /the tag prod was moved to [0-9a-f]{12} while prod got/);
  });

  it("says of a tag that is deleted while its promotion runs that it is nowhere", async () => {
    await lab.verifiedIn("staging", clone.first);
    push("prod", clone.first);
    const gone = () => gitIn(clone.root, "push", "--quiet", "origin", ":refs/tags/prod");
    assert.deepEqual((await lab.promote({ tag: "prod" }, { meanwhile: gone })).tagMovedOn, { tag: "prod", to: null });
  });

  it("does nothing for a tag that was moved on before it began", async () => {
    await lab.verifiedIn("staging", clone.first);
    push("prod", clone.first);
    const running = lab.promote({ tag: "prod" }, { beforeLease: () => push("prod", clone.second) });
    await assert.rejects(running, failsWith(23, /superseded/));
    assert.deepEqual(await moves("prod"), [
      ["prod", null, clone.first],
      ["prod", clone.first, clone.second],
    ]);
    assert.deepEqual(await lab.kinds("prod"), ["tag-moved", "tag-moved"]);
  });

  it("lets one of two tags win that are pushed to different commits at once", async () => {
    await lab.verifiedIn("staging", clone.first);
    await lab.verifiedIn("staging", clone.second);
    push("prod", clone.first);
    push("production", clone.second);
    const results = await Promise.allSettled([lab.promote({ tag: "prod" }), lab.promote({ tag: "production" })]);
    const lost = results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    assert.equal(lost.length, 1);
    assert.ok(failsWith(23, /was changed by octocat since/)(lost[0]));
    assert.equal((await lab.kinds("prod")).filter((kind) => kind === "promoted").length, 1);
  });

  it("promotes a version along its environment and refuses it once it was moved", async () => {
    await lab.verifiedIn("staging", clone.first);
    await lab.verifiedIn("staging", clone.second);
    push("v1.4.0", clone.first);
    const report = await lab.promote({ tag: "v1.4.0" });
    assert.deepEqual([report.environment, report.tag?.name], ["prod", "prod"]);
    push("v1.4.0", clone.second);
    await assert.rejects(lab.promote({ tag: "v1.4.0" }), failsWith(23, /v1\.4\.0 was moved from commit/));
    await assert.rejects(lab.promote({ tag: "v1.4.0" }, { override: { reason } }), failsWith(23, /never moves/));
    const versions = (await moves("prod")).filter(([tag]) => tag === "v1.4.0");
    assert.deepEqual(versions, [
      ["v1.4.0", null, clone.first],
      ["v1.4.0", clone.first, clone.second],
    ]);
  });

  it("records an override before anything changes, and only what it passed", async () => {
    await lab.release(clone.first);
    const target = { environment: "prod", commit: clone.first };
    await assert.rejects(lab.promote(target), failsWith(23, /staging has not verified/));
    const report = await lab.promote(target, { override: { reason } });
    assert.deepEqual(await lab.kinds("prod"), ["overridden", "tag-moved", "promoted", "verified"]);
    const [entry] = await lab.records("prod");
    assert.deepEqual(entry?.kind === "overridden" && [entry.gates, entry.reason, entry.by], [
      ["lineage"],
      reason,
      "octocat",
    ]);
    assert.deepEqual(report.gates.find(({ gate }) => gate === "lineage")?.verdict, "overridden");
  });

  it("refuses a freeze that came while it waited for the environment", async () => {
    await lab.verifiedIn("staging", clone.first);
    const freeze = () => lab.record("prod", { kind: "frozen", by: "ada", active: true, reason: "fire" });
    const running = lab.promote({ environment: "prod", commit: clone.first }, { onLease: freeze });
    await assert.rejects(running, failsWith(25, /frozen by ada/));
    assert.deepEqual(await lab.kinds("prod"), ["frozen"]);
  });

  it("explains every gate in a dry run, writes nothing, and says how it would end", async () => {
    writeFileSync(join(clone.root, "left-over.txt"), "x");
    push("prod", clone.second);
    const report = await lab.promote({ tag: "prod" }, { dryRun: true });
    assert.deepEqual([report.outcome, report.exitCode, report.release], ["dry-run", 2, undefined]);
    const refused = report.gates.filter(({ verdict }) => verdict === "refuse").map(({ gate }) => gate);
    assert.deepEqual(refused, ["clean-tree", "release", "lineage"]);
    assert.deepEqual(await lab.kinds("prod"), []);
  });

  it("asks for a commit on the remote's protected branch, not on this clone's", async () => {
    const unpushed = commitFiles(clone.root, { "b.txt": "b" });
    await lab.verifiedIn("staging", unpushed);
    await assert.rejects(
      lab.promote({ environment: "prod", commit: unpushed }),
      failsWith(23, /is not on main of the remote/),
    );
    gitIn(clone.root, "push", "--quiet", "origin", "main");
    assert.equal((await lab.promote({ environment: "prod", commit: unpushed })).outcome, "promoted");
  });

  it("lets a workflow take what upstream verified last, and what a branch names", async () => {
    const automatic = { ...prod, automatic: true };
    lab = labAt(clone.root, temporary.directory(), {
      environments: [
        { ...staging, tags: [], upstream: undefined as never, branches: ["main"], automatic: true },
        automatic,
      ],
    });
    await lab.release(clone.second);
    assert.equal((await lab.promote({ branch: "refs/heads/main" })).environment, "staging");
    await lab.record("staging", {
      kind: "verified",
      by: "ada",
      release: (await lab.release(clone.second)).id,
      seconds: 1,
      checks: [],
    });
    const report = await lab.promote({ environment: "prod", automatic: true });
    assert.deepEqual([report.commit, report.outcome], [clone.second, "promoted"]);
    await assert.rejects(lab.promote({ branch: "feature/x" }), failsWith(6, /promotes nothing/));
  });

  const texts = [
    "--upload-pack=touch x",
    "-d",
    "a b",
    "../../x",
    "a..b",
    "x\ny",
    "",
    "staging\0",
    "refs/heads/main",
    "@{0}",
    "staging~1",
    "vnext",
    "stagings",
    "$(id)",
  ];
  for (const text of texts)
    it(`takes ${JSON.stringify(text)} for no tag of an environment`, async () => {
      await assert.rejects(
        lab.promote({ tag: text }),
        (error) => error instanceof SlipwayError && (error.code === 2 || error.code === 6),
      );
    });
});

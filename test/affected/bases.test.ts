import assert from "node:assert/strict";
import fc from "fast-check";
import { deployedBases } from "../../automation/affected/bases.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { commitOf, releaseOf } from "../promotion/entries.ts";

const at = new Date("2026-05-01T00:00:00Z");
const by = "ada";
const chain = (entries: readonly LedgerEntry[]): LedgerRecord[] =>
  entries.reduce<LedgerRecord[]>((all, entry) => [...all, nextRecord("dev", all.at(-1), entry, at)], []);

const inRelease = (n: number | undefined) => (n === undefined ? {} : { release: releaseOf(n), commit: commitOf(n) });
const up = (n?: number): LedgerEntry => ({
  ...inRelease(n),
  kind: "promoted",
  by,
  verb: "up",
  seconds: 1,
  resources: 1,
  changes: {},
});
const broke = (n?: number): LedgerEntry => ({
  kind: "failed",
  by,
  stage: "deploy",
  ...inRelease(n),
  seconds: 1,
  error: "x",
});
const unhealthy = (n: number): LedgerEntry => ({
  kind: "failed",
  by,
  stage: "verify",
  ...inRelease(n),
  seconds: 1,
  error: "x",
});
const good = (n: number): LedgerEntry => ({ ...inRelease(n), kind: "verified", by, seconds: 1, checks: [] });
const killed = (n: number, verb = "up"): LedgerEntry => ({
  kind: "interrupted",
  by,
  verb,
  host: "h",
  startedAt: at.toISOString(),
  ...inRelease(n),
});
const gone: LedgerEntry = { kind: "destroyed", by, seconds: 1, changes: {} };
const back = (n: number): LedgerEntry => ({
  kind: "rolled-back",
  by,
  release: "0".repeat(64),
  commit: commitOf(n),
  reason: "x",
  seconds: 1,
});

describe("what an environment is compared with", () => {
  const marker = (n: number | undefined, verb = "promote") => ({
    verb,
    commit: n === undefined ? undefined : commitOf(n),
  });
  const cases: [string, LedgerEntry[], { verb: string; commit: string | undefined } | undefined, number[] | RegExp][] =
    [
      ["an empty ledger is a first run", [], undefined, /first run/],
      ["a whole deployment gives its commit", [up(1), up(2)], undefined, [2]],
      ["a failed verification changes nothing", [up(1), unhealthy(1)], undefined, [1]],
      ["a rollback gives the commit it went back to", [up(1), up(2), unhealthy(2), back(1)], undefined, [1]],
      ["a failed run leaves a mixture", [up(1), broke(2)], undefined, [1, 2]],
      ["several broken runs pile up", [up(1), broke(2), killed(3), broke(2)], undefined, [1, 2, 3]],
      ["a whole one clears them", [up(1), broke(2), up(3)], undefined, [3]],
      ["a killed verification changes nothing", [up(1), killed(1, "verify")], undefined, [1]],
      [
        "a killed run may have been on its way back to what was verified",
        [up(1), good(1), up(2), unhealthy(2), killed(2)],
        undefined,
        [2, 1],
      ],
      ["so may one that is not on record yet", [up(1), good(1), up(2), unhealthy(2)], marker(2), [2, 1]],
      ["a first run that failed has nothing whole below it", [broke(1)], undefined, /never been deployed whole/],
      ["a destroyed environment begins anew", [up(1), gone], undefined, /first run/],
      ["a working tree has no name", [up(1), up()], undefined, /runs a working tree/],
      [
        "a broken run of a working tree has none either",
        [up(1), broke()],
        undefined,
        /half-way by a run that no commit names/,
      ],
      ["a run under way counts", [up(1)], marker(2), [1, 2]],
      ["a run under way on nothing does too", [], marker(2), /first run of dev is under way/],
      ["a verification under way does not", [up(1)], marker(1, "verify"), [1]],
      [
        "a destroy under way has no commit",
        [up(1)],
        marker(undefined, "destroy"),
        /being changed by a run that no commit names/,
      ],
    ];
  for (const [what, entries, running, expected] of cases)
    it(what, () => {
      const bases = deployedBases("dev", chain(entries), running === undefined ? [] : [running]);
      if (expected instanceof RegExp) assert.match("everything" in bases ? bases.everything : "", expected);
      else assert.deepEqual("commits" in bases ? bases.commits : bases, expected.map(commitOf));
    });
});

/** An environment in small: what each of three files may hold there after each step, when a broken run may stop anywhere. */
const files = [0, 1, 2] as const;
type Contents = readonly number[];

function possible(
  steps: readonly { commit: number; whole: boolean }[],
  contents: readonly Contents[],
): Set<number>[] | undefined {
  let held: Set<number>[] | undefined;
  for (const { commit, whole } of steps) {
    const now = contents[commit] ?? [];
    if (whole) held = files.map((file) => new Set([now[file] ?? 0]));
    else held = held?.map((values, file) => new Set([...values, now[file] ?? 0]));
  }
  return held;
}

describe("never a false negative", () => {
  const content = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 3 });
  const history = fc.array(content, { minLength: 2, maxLength: 6 });
  const step = fc.record({ commit: fc.nat({ max: 5 }), whole: fc.boolean() });

  it("every file that may differ in the environment differs between the head and one of the bases", () => {
    fc.assert(
      fc.property(history, fc.array(step, { maxLength: 8 }), (contents, steps) => {
        const made = steps.map(({ commit, whole }) => ({ commit: commit % contents.length, whole }));
        const bases = deployedBases("dev", chain(made.map(({ commit, whole }) => (whole ? up : broke)(commit))), []);
        const held = possible(made, contents);
        if (held === undefined) {
          assert.ok("everything" in bases);
          return;
        }
        assert.ok("commits" in bases);
        const head = contents.at(-1) ?? [];
        for (const file of files) {
          const differs = [...(held[file] ?? [])].some((value) => value !== head[file]);
          const seen: boolean = bases.commits.some(
            (commit) => contents[Number.parseInt(commit, 16)]?.[file] !== head[file],
          );
          assert.equal(seen, differs, `file ${file}`);
        }
      }),
    );
  });
});

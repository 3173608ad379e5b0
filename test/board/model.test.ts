import assert from "node:assert/strict";
import fc from "fast-check";
import type { BoardFacts, EnvironmentFacts } from "../../automation/board/facts.ts";
import { candidateOf } from "../../automation/board/gates.ts";
import { boardOf, type Board } from "../../automation/board/model.ts";
import { newsOf } from "../../automation/board/news.ts";
import { currentRelease } from "../../automation/promotion/folds.ts";
import { anyEntry } from "../promotion/entries.ts";
import {
  commit,
  failed,
  ledger,
  promoted,
  release,
  sampleBoard,
  sampleFacts,
  sampleMarker,
  sampleNow,
  verified,
} from "./sample.ts";

const minute = 60_000;
type Steps = Parameters<typeof ledger>[1];

const facts = (environments: readonly Partial<EnvironmentFacts>[]): BoardFacts => ({
  ...{ project: "p", days: 90, now: new Date(sampleNow), subjects: new Map() },
  environments: environments.map((one, index) => ({
    ...{ name: ["dev", "staging", "prod"][index] ?? "", upstream: undefined, takesReleases: true, records: [] },
    ...one,
  })),
});

/** A board of one environment. */
const boardWith = (steps: Steps, rest: Partial<EnvironmentFacts> = {}): Board =>
  boardOf(facts([{ ...rest, records: ledger("dev", steps) }]));

const columnOf = (board: Board, environment: string) => {
  const found = board.columns.find((column) => column.environment === environment);
  assert.ok(found, environment);
  return found;
};

const anyLedgers = fc
  .array(fc.array(fc.tuple(fc.nat({ max: 5000 }), anyEntry), { maxLength: 25 }), { minLength: 1, maxLength: 3 })
  .map((all) => all.map((steps, index) => ledger(["dev", "staging", "prod"][index] ?? "", steps)));

describe("the board of any ledgers", () => {
  it("has a column an environment and each release once, which stands where the fold says", () => {
    fc.assert(
      fc.property(anyLedgers, (ledgers) => {
        const board = boardOf(facts(ledgers.map((records) => ({ records }))));
        assert.equal(board.columns.length, ledgers.length);
        const rows = board.releases.map((row) => row.release);
        assert.equal(new Set(rows).size, rows.length);
        for (const [index, records] of ledgers.entries()) {
          const standing = board.releases.filter(({ cells }) => cells[index]?.here === "stands");
          const current = currentRelease(records)?.release;
          assert.deepEqual(
            standing.map((row) => row.release),
            current === undefined ? [] : [current],
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("lists the newest records, those of an environment in their own order whatever the clocks said", () => {
    fc.assert(
      fc.property(anyLedgers, (ledgers) => {
        const { history } = boardOf(facts(ledgers.map((records) => ({ records }))));
        assert.equal(history.length, Math.min(40, ledgers.flat().length));
        const all = Map.groupBy(history, ({ environment }) => environment);
        for (const entries of all.values()) {
          const places = entries.map(({ sequence }) => sequence);
          assert.deepEqual(
            places,
            places.toSorted((a, b) => b - a),
          );
          assert.equal(new Set(places).size, places.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("says nothing new of a board that is the same", () => {
    fc.assert(
      fc.property(anyLedgers, (ledgers) => {
        const board = boardOf(facts(ledgers.map((records) => ({ records }))));
        assert.deepEqual(newsOf(board, board), []);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a column", () => {
  const states: [name: string, steps: Steps, tone: string, text: string][] = [
    ["nothing", [], "quiet", "nothing deployed"],
    ["what was not verified", [[9, promoted(1)]], "odd", "not verified"],
    ["what was verified", [[9, promoted(1)], [8, verified(1)]], "good", "verified"], // prettier-ignore
    ["what failed its checks", [[9, promoted(1)], [8, failed(1, "no")]], "bad", "verification failed"], // prettier-ignore
    [
      "what is frozen",
      [[9, promoted(1)], [8, verified(1)], [7, { kind: "frozen", by: "a", active: true, reason: "r" }]], // prettier-ignore
      "odd",
      "verified, frozen",
    ],
    [
      "what failed half way",
      [[9, { kind: "failed", by: "a", stage: "deploy", seconds: 1, error: "e", changes: { create: 1 } }]],
      "bad",
      "failed",
    ],
    [
      "what was killed",
      [[9, { kind: "interrupted", by: "a", verb: "up", host: "h", startedAt: new Date(0).toISOString() }]],
      "bad",
      "interrupted",
    ],
  ];
  for (const [name, steps, tone, text] of states)
    it(`tells ${name}`, () => {
      assert.deepEqual(columnOf(boardWith(steps), "dev").state, { tone, text });
    });

  it("tells what runs, for how long, and that its driver is gone once its lease ran out", () => {
    const running = sampleMarker("ada");
    const column = columnOf(boardWith([[9, promoted(1)]], { running }), "dev");
    assert.deepEqual(column.state, { tone: "plain", text: "promote running" });
    assert.deepEqual([column.running?.seconds, column.running?.lost, column.running?.expected], [96, false, 363]);
    const lost = boardWith([], { running: { ...running, expiresAt: new Date(sampleNow - 1).toISOString() } });
    assert.deepEqual(columnOf(lost, "dev").state, { tone: "odd", text: "promote ended without a word" });
    assert.ok(lost.releases.every(({ cells }) => cells.every(({ here }) => here === undefined)));
  });

  it("says how many gates refuse and what to type", () => {
    const { waiting } = columnOf(sampleBoard(), "prod");
    assert.ok(waiting !== undefined && "decisions" in waiting);
    assert.equal(waiting.refused, 3);
    assert.equal(waiting.command, `./slipway promote prod --commit ${commit(3).slice(0, 12)}`);
  });

  it("knows a look for drift from before what stands now", () => {
    const at = (minutes: number) => new Date(sampleNow - minutes * minute).toISOString();
    const drift = { schema: 1, stack: "dev", resources: 1, total: 0, ignored: 0, findings: [], next: [] } as const;
    for (const [minutes, outdated] of [
      [10, true],
      [5, false],
    ] as const) {
      // prettier-ignore
      const board = boardWith([[9, promoted(1)]], {
        drift: { ...drift, findings: [], next: [], at: at(minutes) },
      });
      assert.equal(columnOf(board, "dev").drift?.outdated, outdated, String(minutes));
    }
  });

  it("says why a ledger cannot be read instead of that nothing stands", () => {
    const problem = { message: "Record 3 is damaged.", next: "restore that file" };
    assert.equal(columnOf(boardWith([], { problem }), "dev").state.text, "cannot be read");
  });
});

describe("releases on their way", () => {
  it("stand, move, fail, leave and are agreed to", () => {
    const cells = new Map(sampleBoard().releases.map((row) => [row.release, row.cells.map(({ text }) => text)]));
    assert.deepEqual(
      [5, 4, 3, 2, 1].map((n) => cells.get(release(n))),
      [
        ["verified", "on its way in", "not yet"],
        ["was here", "approved by 1", "not yet"],
        ["was here", "verified", "not yet"],
        ["was here", "failed", "not yet"],
        ["was here", "was here", "verified"],
      ],
    );
    assert.deepEqual([...cells.keys()], [5, 4, 3, 2, 1].map(release));
  });

  it("are shown while they stand somewhere, however old they are", () => {
    const many = Array.from({ length: 30 }, (_, index): Steps[number] => [500 - index, promoted(index + 10)]);
    const board = boardOf(
      facts([{ records: ledger("dev", many) }, { records: ledger("staging", [[900, promoted(1)]]) }]),
    );
    assert.equal(board.releases.length, 13);
    assert.equal(board.releases.at(-1)?.release, release(1));
  });

  it("come from upstream: what stands there, else what was verified last, unless it is here", () => {
    const dev = ledger("dev", [[9, promoted(1)], [8, verified(1)], [7, promoted(2)]]); // prettier-ignore
    assert.deepEqual(candidateOf(dev, []), { release: release(2), commit: commit(2) });
    assert.equal(candidateOf(dev, ledger("staging", [[6, promoted(2)]])), undefined);
    assert.equal(candidateOf([], []), undefined);
    const tree = { kind: "promoted", by: "a", verb: "up", seconds: 1, resources: 1, changes: {} } as const;
    const byHand = ledger("dev", [[9, promoted(1)], [8, verified(1)], [7, tree]]); // prettier-ignore
    assert.deepEqual(candidateOf(byHand, []), { release: release(1), commit: commit(1) });
  });
});

describe("news", () => {
  it("tells records, beginnings, ends and drift, and not how far something is", () => {
    const dev = boardWith([[9, promoted(1)]]);
    const running = sampleMarker("ada");
    const began = boardWith([[9, promoted(1)]], { running });
    const progress = { counts: "1 created", finished: 1, active: [], ended: false };
    assert.deepEqual(newsOf(dev, began), [`dev: promote of release ${release(5).slice(0, 12)} began`]);
    assert.deepEqual(newsOf(began, boardWith([[9, promoted(1)]], { running, progress })), []);
    const ended = boardWith([[9, promoted(1)], [0, promoted(5)], [0, verified(5)]]); // prettier-ignore
    assert.deepEqual(newsOf(began, ended), [
      "dev: promote: 12 update, 5 create",
      "dev: 3 checks passed",
      "dev: promote has ended, verified",
    ]);
  });

  it("says how much more there is than anybody wants to hear", () => {
    const many = boardWith(Array.from({ length: 20 }, (_, index) => [20 - index, promoted(index)]));
    const news = newsOf(boardWith([]), many);
    assert.equal(news.length, 4);
    assert.equal(news.at(-1), "17 more changes in the history");
  });

  it("is of environments that were there before", () => {
    assert.deepEqual(newsOf(boardOf(facts([])), boardOf(sampleFacts())), []);
  });
});

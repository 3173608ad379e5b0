import assert from "node:assert/strict";
import {
  CLOCK_SKEW_MS,
  decideAcquire,
  remaining,
  wallTime,
  type AcquireDecision,
  type Moment,
} from "../../automation/lease/decide.ts";
import type { HeldLease, LeaseDocument } from "../../automation/lease/document.ts";

const now = Date.parse("2026-05-01T12:00:00.000Z");
const after = (milliseconds: number) => new Date(now + milliseconds).toISOString();

const held = (change: Partial<HeldLease["holder"]> = {}, expiresIn = 30_000): HeldLease => ({
  ...{ schema: 1, state: "held", environment: "prod", fence: 7, unsettled: [] },
  ...{ renewedAt: after(expiresIn - 60_000), expiresAt: after(expiresIn) },
  holder: {
    ...{ who: "ada", host: "laptop", machine: "here", pid: 10, identity: "1", verb: "promote", commit: "c0ffee" },
    ...{ startedAt: "2026-05-01T11:59:00.000Z" },
    ...change,
  },
});
const engine = { enginePid: 20, engineIdentity: "2" };
const elsewhere = { machine: "there", host: "runner" };
const earlier = { verb: "promote", host: "laptop", startedAt: "2026-05-01T11:59:00.000Z", commit: "c0ffee" };
const older = { verb: "up", host: "laptop", startedAt: "2026-05-01T11:00:00.000Z" };

type Expected = [AcquireDecision["action"], string?];

describe("decideAcquire", () => {
  const released: LeaseDocument = {
    ...{ schema: 1, state: "released", environment: "prod", fence: 7, releasedAt: after(0) },
  };
  const cases: [string, LeaseDocument | undefined, number[], Expected][] = [
    ["no lease yet", undefined, [], ["take", "free"]],
    ["a released one", released, [], ["take", "free"]],
    ["a live driver here", held(), [10], ["refuse"]],
    ["a live driver here with its engine", held(engine), [10, 20], ["refuse"]],
    ["a driver that is gone, long before its time", held(), [], ["take", "holder-gone"]],
    ["a driver that is gone while its engine works", held(engine), [20], ["wait-for-engine"]],
    ["a driver and an engine that are gone", held(engine), [], ["take", "holder-gone"]],
    ["a driver here that stands still past its time", held({}, 0), [10], ["take", "expired"]],
    ["the same with an engine at work", held(engine, -1), [10, 20], ["wait-for-engine"]],
    ["a driver here a moment before its time is over", held({}, 1), [10], ["refuse"]],
    ["a driver elsewhere, whatever runs here", held(elsewhere), [], ["refuse"]],
    ["a driver elsewhere, within the slack of clocks", held(elsewhere, 1 - CLOCK_SKEW_MS), [], ["refuse"]],
    ["a driver elsewhere whose time is over", held(elsewhere, -CLOCK_SKEW_MS), [], ["take", "expired"]],
    [
      "the same, whatever has its engine's number here",
      held({ ...elsewhere, ...engine }, -CLOCK_SKEW_MS),
      [10, 20],
      ["take", "expired"],
    ],
  ];
  for (const [name, document, alive, [action, because]] of cases)
    it(`${action}s: ${name}`, () => {
      const decision = decideAcquire(document, now, { machine: "here", isAlive: (pid) => alive.includes(pid) });
      assert.equal(decision.action, action);
      if (decision.action === "take") {
        assert.equal(decision.because, because);
        assert.equal(decision.fence, (document?.fence ?? 0) + 1);
        assert.equal(decision.unsettled.length, document?.state === "held" ? 1 : 0);
      } else assert.deepEqual(decision.holder, document?.state === "held" ? document.holder : undefined);
    });

  it("looks at the process with its identity, the engine's with its own", () => {
    const asked: [number, string | undefined][] = [];
    const isAlive = (pid: number, identity: string | undefined) => asked.push([pid, identity]) === 0;
    decideAcquire(held(engine), now, { machine: "here", isAlive });
    assert.deepEqual(asked, [
      [10, "1"],
      [20, "2"],
    ]);
  });

  it("hands on every run that is not on record, the last one included", () => {
    const document = { ...held(), unsettled: [older] };
    const decision = decideAcquire(document, now, { machine: "here", isAlive: () => false });
    assert.deepEqual(decision.action === "take" && decision.unsettled, [older, earlier]);
  });

  it("says how long the lease lasts", () => {
    const decision = decideAcquire(held({}, 12_345), now, { machine: "here", isAlive: () => true });
    assert.equal(decision.action === "refuse" && decision.expiresInMs, 12_345);
  });
});

describe("time that is left of a lease", () => {
  const since: Moment = { monotonic: 100, wall: 1_000_000 };
  const cases: [string, monotonic: number, wall: number, left: number][] = [
    ["both clocks agree", 10, 10, 50],
    ["the machine slept: only the wall clock went on", 1, 61, -1],
    ["the wall clock was set back", 61, -3600, -1],
    ["the wall clock was set back within the time", 20, -3600, 40],
    ["the wall clock was set forward: not certain any more", 1, 3600, -3540],
  ];
  for (const [name, monotonic, wall, left] of cases)
    it(name, () => {
      const then = { monotonic: since.monotonic + monotonic, wall: since.wall + wall };
      assert.equal(remaining(since, then, 60), left);
    });

  const walls: [string, monotonic: number, wall: number, written: number][] = [
    ["writes the wall clock's time", 10, 12, 12],
    ["goes on from the last written time when the clock was set back", 10, -3600, 10],
  ];
  for (const [name, monotonic, wall, written] of walls)
    it(name, () => {
      const then = { monotonic: since.monotonic + monotonic, wall: since.wall + wall };
      assert.equal(wallTime(since, then), since.wall + written);
    });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { PROMOTION_GATES, refusals, type Gate } from "../../automation/promotion/gates.ts";
import { World, type Command, type Judgement, type Name } from "./model-world.ts";

const n = fc.integer({ min: 1, max: 3 });
const at = fc.constantFrom<Name>("dev", "staging", "prod");
/** Things mostly work, else nothing would ever get far. */
const works = fc.integer({ min: 0, max: 4 }).map((draw) => draw > 0);
const override = fc.oneof(
  { weight: 6, arbitrary: fc.constant("none" as const) },
  { weight: 1, arbitrary: fc.constant("all" as const) },
  { weight: 1, arbitrary: fc.subarray(["lineage", "soak", "approvals", "freeze", "automatic"], { minLength: 1 }) },
);
const promote = fc.record({
  do: fc.constant("promote" as const),
  to: fc.constantFrom("staging" as const, "prod" as const),
  n,
  works,
  automatic: fc.boolean(),
  override,
});
const hours = fc.integer({ min: 0, max: 5 });

const commandWith = (...clock: ("wait" | "clock-back")[]): fc.Arbitrary<Command> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ do: fc.constant("build" as const), n }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("up" as const), n, works }) },
    { weight: 8, arbitrary: promote },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("verify" as const), in: at, works }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("rollback" as const), in: at }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom("freeze" as const, "lift" as const, "lift" as const, "destroy" as const),
        in: at,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("approve" as const), n, by: fc.constantFrom("ada", "bo", "cy") }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom(...clock), hours }) },
  );

const histories = (...clock: ("wait" | "clock-back")[]) =>
  fc.array(commandWith(...clock), { minLength: 1, maxLength: 60, size: "max" });

function play(commands: readonly Command[], gates: readonly Gate[] = PROMOTION_GATES): World {
  const world = new World(gates);
  for (const command of commands) world.run(command);
  return world;
}

/** Nothing gets through against the truth unless the record right before it names every gate that was passed, and why. */
function assertSafe({ command, let: passed, against, preceding }: Judgement): void {
  if (!passed) return;
  assert.ok(!against.includes("release"), "nothing is promoted without a release");
  if (against.length === 0) return;
  assert.equal(preceding?.kind, "overridden", `${command.to} got release ${command.n} against ${against.join(", ")}`);
  for (const gate of against) assert.ok(preceding.gates.includes(gate), `${gate} was passed without a record`);
  assert.ok(preceding.reason !== "");
}

const safe = (gates?: readonly Gate[]) =>
  fc.property(histories("wait", "wait", "clock-back"), (commands) => {
    for (const judgement of play(commands, gates).judgements) assertSafe(judgement);
  });

describe("any history of commands", function () {
  this.timeout(60_000);

  it("leaves no way to prod but verification upstream of the very same release, or a recorded override", () => {
    fc.assert(safe(), { numRuns: 400 });
  });

  it("is refused nothing that is due, while clocks are right", () => {
    const property = fc.property(histories("wait"), (commands) => {
      for (const { decisions, against, command } of play(commands).judgements) {
        const refused = decisions.filter(({ verdict }) => verdict !== "pass").map(({ gate }) => gate);
        assert.deepEqual(refused, against, JSON.stringify(command));
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("reaches prod both ways, so that all this is about something", () => {
    const seen = { clean: 0, overridden: 0, refused: 0 };
    for (const commands of fc.sample(histories("wait", "wait", "clock-back"), { numRuns: 300, seed: 1 }))
      for (const { command, let: passed, preceding, decisions } of play(commands).judgements) {
        if (command.to !== "prod") continue;
        if (!passed) seen.refused += refusals(decisions).length > 0 ? 1 : 0;
        else if (preceding?.kind === "overridden") seen.overridden += 1;
        else seen.clean += 1;
      }
    assert.ok(seen.clean > 5 && seen.overridden > 5 && seen.refused > 5, JSON.stringify(seen));
  });

  for (const left of ["lineage", "soak", "approvals", "freeze", "automatic"])
    it(`is seen to go wrong once the ${left} gate is left out`, () => {
      const result = fc.check(safe(PROMOTION_GATES.filter(({ name }) => name !== left)), {
        numRuns: 2000,
        endOnFailure: true,
      });
      assert.ok(result.failed, `2000 histories did not need ${left}`);
    });
});

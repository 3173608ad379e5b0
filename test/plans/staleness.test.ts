import assert from "node:assert/strict";
import { planInputNames } from "../../automation/plans/envelope.ts";
import { staleReasons } from "../../automation/plans/staleness.ts";
import { HOUR, NOW, someEnvelope, someInputs } from "./samples.ts";

describe("staleness of a plan", () => {
  const facts = { stack: "dev", inputs: someInputs(), now: NOW };

  it("is none while nothing has changed", () => {
    assert.deepEqual(staleReasons(someEnvelope(), facts), []);
  });

  for (const name of planInputNames)
    it(`names the ${name} when only that changed`, () => {
      const inputs = { ...facts.inputs, [name]: { digest: "f".repeat(64), says: `${name} 2` } };
      const reasons = staleReasons(someEnvelope(), { ...facts, inputs });
      assert.deepEqual(
        reasons.map(({ what }) => what),
        [name],
      );
      assert.match(reasons[0]?.reason ?? "", new RegExp(`changed \\(${name} 1 -> ${name} 2\\)$`));
    });

  it("names all that changed at once", () => {
    const inputs = someInputs();
    for (const name of planInputNames) inputs[name] = { ...inputs[name], digest: "f".repeat(64) };
    assert.deepEqual(
      staleReasons(someEnvelope(), { ...facts, inputs }).map(({ what }) => what),
      [...planInputNames],
    );
  });

  const times: [string, number, string[]][] = [
    ["a millisecond before it expires", HOUR - 1, []],
    ["at the moment it expires", HOUR, ["expired"]],
    ["days later", 100 * HOUR, ["expired"]],
    ["with a clock a little behind", -60_000, []],
    ["with a clock set back", -HOUR, ["clock"]],
  ];
  for (const [when, offset, what] of times)
    it(`${what.length === 0 ? "is none" : `says ${what[0]}`} ${when}`, () => {
      const now = new Date(NOW.getTime() + offset);
      assert.deepEqual(
        staleReasons(someEnvelope(), { ...facts, now }).map((reason) => reason.what),
        what,
      );
    });

  it("names another stack and compares nothing else with it", () => {
    assert.deepEqual(staleReasons(someEnvelope(), { ...facts, stack: "prod" }), [
      { what: "stack", reason: "it is a plan for dev" },
    ]);
  });
});

import assert from "node:assert/strict";
import { wantsColor } from "../../automation/report/console.ts";
import { describeError } from "../../automation/report/errors.ts";
import { table } from "../../automation/report/table.ts";
import { ago, duration, moment } from "../../automation/report/time.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";

describe("words for people", () => {
  const durations: [number, string][] = [
    [0, "0.0 s"],
    [9.94, "9.9 s"],
    [59.4, "59 s"],
    [61, "1 min 1 s"],
    [3599, "59 min 59 s"],
    [3660, "1 h 1 min"],
    [90_000, "1 d 1 h"],
  ];
  for (const [seconds, text] of durations)
    it(`say ${seconds} seconds as "${text}"`, () => assert.equal(duration(seconds), text));

  it("never say that something happened in the future", () => {
    assert.equal(ago("2026-03-01T12:00:10.000Z", new Date("2026-03-01T12:00:00.000Z")), "0.0 s ago");
    assert.equal(moment("2026-03-01T12:00:10.000Z"), "2026-03-01 12:00 UTC");
  });

  it("line columns up by what is seen, not by colour codes", () => {
    assert.deepEqual(
      table([
        ["\u001b[1ma\u001b[0m", "b"],
        ["long", "c"],
      ]),
      ["\u001b[1ma\u001b[0m     b", "long  c"],
    );
  });

  const colors: [name: string, tty: boolean, environment: Record<string, string>, wanted: boolean][] = [
    ["a terminal", true, {}, true],
    ["a pipe", false, {}, false],
    ["NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["NO_COLOR over FORCE_COLOR", true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    ["FORCE_COLOR in a pipe", false, { FORCE_COLOR: "1" }, true],
    ["a dumb terminal", true, { TERM: "dumb" }, false],
  ];
  for (const [name, isTTY, environment, wanted] of colors)
    it(`${wanted ? "colour" : "do not colour"} for ${name}`, () =>
      assert.equal(wantsColor({ isTTY }, environment), wanted));
});

describe("an error", () => {
  it("for the user says what, where, what was changed and what is next, without a stack", () => {
    const error = new SlipwayError(ExitCode.gateRefused, "Refused.", {
      where: "gate lineage",
      next: "./slipway promote staging",
    });
    assert.deepEqual(describeError(error, { color: false }), {
      exitCode: 23,
      text: "error: Refused.\n  where:   gate lineage\n  changed: nothing\n  next:    ./slipway promote staging",
      json: {
        code: 23,
        message: "Refused.",
        where: "gate lineage",
        changed: "nothing",
        next: "./slipway promote staging",
      },
    });
  });

  it("that nobody foresaw shows its stack and asks for a report", () => {
    const described = describeError(new TypeError("x is not a function"), { color: false });
    assert.equal(described.exitCode, 1);
    assert.match(described.text, /TypeError: x is not a function\n {4}at /);
    assert.match(described.text, /defect of Slipway/);
  });
});

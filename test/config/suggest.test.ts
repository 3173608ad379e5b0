import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { distance, suggest } from "../../config/suggest.ts";

describe("config/suggest", () => {
  const distances: [string, string, number][] = [
    ["", "", 0],
    ["cidr", "cidr", 0],
    ["cidr", "cdir", 2],
    ["port", "ports", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
  ];
  for (const [left, right, expected] of distances) {
    it(`counts ${expected} edits between "${left}" and "${right}"`, () => {
      assert.equal(distance(left, right), expected);
      assert.equal(distance(right, left), expected);
    });
  }

  const words: [string, string[], string | undefined][] = [
    ["netwrok", ["cluster", "network"], "network"],
    ["Network", ["network"], "network"],
    ["port", [], undefined],
    ["xyz", ["a", "b"], undefined],
    ["repository", ["account"], undefined],
  ];
  for (const [word, known, expected] of words) {
    it(`suggests ${String(expected)} for ${word} out of ${known.length}`, () => {
      assert.equal(suggest(word, known), expected);
    });
  }
});

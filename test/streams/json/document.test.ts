import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonDocument } from "../../../streams/engine/json/document.ts";

describe("a JSON document", () => {
  it("gives its value and says where everything stands", () => {
    const document = new JsonDocument(
      '{\n  "name": "orders",\n  "pipeline": [\n    {"$source": {"db": "shop"}}\n  ]\n}\n',
    );
    assert.deepEqual(document.problems, []);
    assert.deepEqual(document.value, { name: "orders", pipeline: [{ $source: { db: "shop" } }] });
    assert.deepEqual(document.at(["pipeline", 0, "$source", "db"]), { line: 4, column: 18 });
    assert.deepEqual(document.at(["pipeline", 0]), { line: 4, column: 5 });
    assert.deepEqual(document.at(["pipeline", 7, "x"]), { line: 3, column: 3 }, "the nearest that is there");
    assert.deepEqual(document.at([]), { line: 1, column: 1 });
  });

  const broken: [what: string, text: string, line: number, column: number, message: RegExp][] = [
    ["a comma that is missing", '{"a": 1\n "b": 2}', 2, 2, /comma is expected/],
    ["a value that is missing", '{"a": }', 1, 7, /value is expected/],
    ["an end that is missing", '{"a": [1, 2', 1, 12, /bracket is expected/],
    ["a comment", '{\n  // why\n  "a": 1}', 2, 3, /comment/],
    ["a comma too many", '{"a": 1,}', 1, 9, /property name is expected/],
    ["something behind the end", "{} {}", 1, 4, /nothing more is expected/],
    ["nothing", "", 1, 1, /value is expected/],
  ];
  for (const [what, text, line, column, message] of broken)
    it(`names line and column of ${what}`, () => {
      const document = new JsonDocument(text);
      assert.equal(document.readable, false);
      assert.equal(document.value, undefined);
      const [problem] = document.problems;
      assert.deepEqual([problem?.kind, problem?.line, problem?.column], ["syntax", line, column]);
      assert.match(String(problem?.message), message);
    });

  it("names keys that are there twice, at any depth, and goes on with the last", () => {
    const document = new JsonDocument('{"a": {"b": 1,\n"b": 2}, "c": [{"d": 1, "d": 1}]}');
    assert.deepEqual(
      document.problems.map(({ kind, line, column, message }) => [kind, line, column, message]),
      [
        ["duplicate-key", 2, 1, 'the key "b" is there twice, first in line 1'],
        ["duplicate-key", 2, 25, 'the key "d" is there twice, first in line 2'],
      ],
    );
    assert.equal(document.readable, true);
    assert.deepEqual(document.value, { a: { b: 2 }, c: [{ d: 1 }] });
    assert.equal(document.source(["a"]), '{"b":2}');
  });

  it("refuses what is too large without reading it", () => {
    const text = `[${"1,".repeat(20)}1]`;
    const [problem] = new JsonDocument(text, 40).problems;
    assert.deepEqual([problem?.kind, problem?.message], ["too-large", "43 bytes, at most 40 are allowed"]);
    const started = performance.now();
    assert.equal(new JsonDocument(`[${"1".repeat(17 * 1024 * 1024)}]`).problems[0]?.kind, "too-large");
    assert.ok(performance.now() - started < 2_000);
  });

  it("refuses what is nested too deep, and says where", () => {
    const [problem] = new JsonDocument(`{"[": [\n${"[".repeat(100_000)}`).problems;
    assert.deepEqual([problem?.kind, problem?.line, problem?.column], ["too-deep", 2, 199]);
    const fits = new JsonDocument(`${"[".repeat(200)}${"]".repeat(200)}`);
    assert.deepEqual(fits.problems, []);
  });

  it("keeps the order of keys as written, those that look like numbers too", () => {
    const text = '{"b": 1, "2": {"z": 1e2, "1": "\\u00e9"}, "a": [true, null]}';
    const document = new JsonDocument(text);
    assert.equal(document.source(), '{"b":1,"2":{"z":1e2,"1":"\\u00e9"},"a":[true,null]}');
    assert.deepEqual(document.keys([]), ["b", "2", "a"]);
    assert.deepEqual(document.keys(["2"]), ["z", "1"]);
    assert.equal(document.source(["nothing"]), undefined);
  });

  it("passes over a byte order mark", () => {
    assert.deepEqual(new JsonDocument('\uFEFF{"a": 1}').value, { a: 1 });
  });

  it("means what JSON.parse means, for any value and any layout", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 4, "\t"), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const document = new JsonDocument(text);
        assert.deepEqual(document.problems, []);
        assert.deepEqual(document.value, JSON.parse(text));
        assert.deepEqual(JSON.parse(document.source() ?? ""), JSON.parse(text));
      }),
    );
  });

  it("says a place and never throws, whatever the text is", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.oneof(fc.string(), fc.nat(3))), (text, path) => {
        const document = new JsonDocument(text);
        const { line, column } = document.at(path);
        assert.ok(line >= 1 && column >= 1);
        for (const problem of document.problems) assert.ok(problem.line >= 1 && problem.column >= 1);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { event, keeping, oneCase, problemsOf, runText } from "./cases.ts";

const minute = `[${event("a", "00:00:10")}, ${event("a", "00:00:20")}, ${event("b", "00:00:30")}, ${event("c", "00:01:10")}]`;
const a = "{ _id: a, n: 2 }";
const b = "{ _id: b, n: 1 }";
const expecting = (lines: string, steps = minute) => problemsOf(runText(oneCase(steps, `    expect: ${lines}\n`)));

describe("expectations of tests", () => {
  it("are fulfilled by what came", () => {
    const held = [
      `{ out: [{ after: 4, into: c.d.x, doc: ${a} }, { doc: ${b}, action: inserted }] }`,
      '{ out: [{ meta: { window: { start: { $date: "2026-01-01T00:00:00Z" } } } }, {}] }',
      `{ sink: { c.d.x: [${b}, ${a}] }, stats: { in: 4, out: 2, dlq: 0 }, watermark: "2026-01-01T00:01:10Z" }`,
      "{ state: { processor: STARTED }, requests: [] }",
      // What is known of a document counts only where it is named.
      `{ sink: { c.d.x: [${b}, { _id: a, n: 2, _stream_meta: { window: { start: { $date: "2026-01-01T00:00:00Z" }, end: { $date: "2026-01-01T00:01:00Z" } } } }] } }`,
    ];
    for (const lines of held) assert.deepEqual(expecting(lines), [], lines);
  });

  it("fail with the place of what is not so", () => {
    const failed: readonly [string, string[]][] = [
      [`{ out: [{ doc: ${b} }, { doc: ${a} }] }`, ["4:21 this document is another", "4:48 this document is another"]],
      [`{ out: [{ doc: ${a} }] }`, ["4:15 a document came that nobody expects"]],
      ["{ out: [{}, {}, {}] }", ["4:29 this document did not come"]],
      [`{ out: [{ after: 3 }, {}] }`, ["4:21 this document is another"]],
      [`{ out: [{ doc: { _id: a, n: 2, m: 1 } }, {}] }`, ["4:21 this document is another"]],
      [
        "{ sink: { c.d.x: [] } }",
        ["4:23 a document came that nobody expects", "4:23 a document came that nobody expects"],
      ],
      ["{ sink: { other: [{ a: 1 }] } }", ["4:31 this document did not come"]],
      ["{ stats: { in: 5 } }", ["4:24 in is another"]],
      ['{ watermark: "2026-01-01T00:01:11Z" }', ["4:15 watermark is another"]],
      ["{ watermark: null }", ["4:15 watermark is another"]],
      ["{ state: { processor: FAILED } }", ["4:15 state is another"]],
      ["{ error: /cannot/ }", ["4:15 the pipeline can be made"]],
      ["{ requests: [{}] }", ["4:26 this request did not come"]],
    ];
    for (const [lines, problems] of failed) assert.deepEqual(expecting(lines), problems, lines);
  });

  it("take documents in any order where the case says so", () => {
    const unordered = (out: string) =>
      problemsOf(runText(oneCase(minute, `    ordered: false\n    expect: { out: [${out}] }\n`)));
    assert.deepEqual(unordered(`{ doc: ${b} }, { doc: ${a} }`), []);
    assert.deepEqual(unordered(`{ doc: ${b} }, { doc: ${b} }`), ["5:48 this document is another"]);
    assert.deepEqual(unordered(`{ doc: ${b} }`), ["5:15 a document came that nobody expects"]);
  });

  it("want nothing in the dead letter queue that they do not name", () => {
    const late = `[${event("a", "00:00:10")}, ${event("b", "00:02:00")}, ${event("a", "00:00:20")}]`;
    assert.deepEqual(expecting("{}", late), ["4:5 a dead letter came that nobody expects"]);
    const named = "{ operator: $tumblingWindow, reason: /late/, doc: { k: a }, meta: { source: { offset: 2 } } }";
    assert.deepEqual(expecting(`{ dlq: [${named}] }`, late), []);
    const wrong = ["operator: $match", "reason: late", "doc: { k: b }", "meta: { source: { offset: 1 } }"];
    for (const part of wrong)
      assert.deepEqual(expecting(`{ dlq: [{ ${part} }] }`, late), ["4:21 this dead letter is another"], part);
    // In the middle of a case only what is named counts.
    const middle = `${late.slice(0, -1)}, { expect: { stats: { dlq: 1 } } }, { expect: { dlq: [] } }]`;
    assert.deepEqual(expecting(`{ dlq: [{}] }`, middle), ["3:198 a dead letter came that nobody expects"]);
  });

  it("want a processor that runs where they do not say otherwise", () => {
    const failing = keeping({ $https: { connectionName: "h", as: "a" } });
    const rest = (expect: string) => `    mocks: { https: [{ reply: { status: 500 } }] }\n    expect: ${expect}\n`;
    const run = (expect: string) => problemsOf(runText(oneCase("[{ in: { a: 1 } }]", rest(expect)), failing));
    assert.deepEqual(run("{}"), ["5:5 state is another"]);
    assert.deepEqual(run("{ state: { processor: FAILED, reason: /status code 500/ } }"), []);
    assert.deepEqual(run("{ state: { processor: FAILED, reason: /other/ } }"), ["5:15 state is another"]);
  });

  it("may be that a pipeline is refused", () => {
    const broken = keeping({ $group: { _id: 1 } });
    const run = (rest: string) => runText(oneCase("[]", rest), broken);
    assert.deepEqual(problemsOf(run("    expect: { error: /no \\$group outside of a window/ }\n")), []);
    assert.deepEqual(problemsOf(run("    expect: { error: other }\n")), ["4:15 the error is another"]);
    const [refused] = run("    expect: {}\n").cases;
    assert.equal(refused?.status, "failed");
    assert.match(refused?.differences[0]?.message ?? "", /no \$group outside of a window: it stands inside a window/);
  });

  it("cannot be looked at where something cannot be simulated", () => {
    const unknown = keeping({ $set: { a: { $toDecimal: 1 } } });
    const result = runText(oneCase("[]", "    expect: {}\n"), unknown);
    assert.equal(result.cases[0]?.status, "error");
    assert.deepEqual(problemsOf(result), [
      "2:5 cannot be simulated: the operator $toDecimal (pipeline[1].$set.a.$toDecimal)",
    ]);
    const step = runText(
      oneCase("[{ in: { a: 1 } }]", "    expect: {}\n"),
      keeping({ $https: { connectionName: "h", as: "a" } }),
    );
    assert.deepEqual(problemsOf(step), [
      "3:13 cannot be simulated: $https GET  of h: no mock in mocks.https answers it",
    ]);
  });

  it("are needed: a case without any fails", () => {
    assert.deepEqual(problemsOf(runText("cases: [{ name: one }]")), [
      "1:9 the case expects nothing: give it an expect",
    ]);
  });

  it("may hold a case to the source that it was written for", () => {
    const from = (source: string) => problemsOf(runText(oneCase("[]", `    source: ${source}\n    expect: {}\n`)));
    assert.deepEqual(from("{ topic: t, connectionName: k }"), []);
    assert.deepEqual(from("{ topic: u }"), ["4:5 the pipeline has another $source"]);
  });
});

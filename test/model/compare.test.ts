import assert from "node:assert/strict";
import { parse, type DefaultTreeAdapterTypes, type ParserError } from "parse5";
import { compare, type Side } from "../../automation/model/compare.ts";
import type { Evaluation, Prediction } from "../../automation/model/registry/evaluation.ts";
import { evaluationFrom } from "../../automation/model/registry/evaluation.ts";
import { summary } from "../../automation/report/model-compare.ts";
import { niceTicks } from "../../automation/report/model-frame.ts";
import { difference, number } from "../../automation/report/model-number.ts";
import { modelPage } from "../../automation/report/model-page.ts";
import { actualAgainstPredicted, errorBins, plotSvg } from "../../automation/report/model-plot.ts";
import { versionWith } from "./registry/registry-lab.ts";

const predictions = (share: number, count = 20): Prediction[] =>
  Array.from({ length: count }, (_, at) => ({
    actual: 100_000 + at * 10_000,
    predicted: (100_000 + at * 10_000) * (1 + share),
  }));

const side = (
  version: number,
  changes: Partial<Evaluation> = {},
  metrics: Record<string, number> = { r2: 0.8, rmse: 100 },
): Side => ({
  version: versionWith({ version, metrics }),
  evaluation: { algorithm: "ridge", hyperparameters: { alpha: 1 }, predictions: predictions(0.02), ...changes },
});

describe("two versions side by side", () => {
  const verdicts: [name: string, a: number | undefined, b: number | undefined, verdict: string | undefined][] = [
    ["r2", 0.8, 0.9, "better"],
    ["r2", 0.9, 0.8, "worse"],
    ["within_10_percent", 0.5, 0.6, "better"],
    ["explained_variance", 0.5, 0.4, "worse"],
    ["rmse", 200, 100, "better"],
    ["mae", 100, 200, "worse"],
    ["mape", 0.2, 0.1, "better"],
    ["r2", 0.8, 0.8, "equal"],
    ["r2", undefined, 0.8, undefined],
    ["seconds", 1, 2, undefined],
  ];
  for (const [name, a, b, verdict] of verdicts)
    it(`are ${verdict ?? "not judged"} by ${name} from ${a} to ${b}`, () => {
      const of = (value: number | undefined) => (value === undefined ? {} : { [name]: value });
      const { metrics } = compare(side(1, {}, of(a)), side(2, {}, of(b)));
      assert.equal(metrics.find((one) => one.name === name)?.verdict, verdict);
    });

  it("name every fact of either, and which ones differ", () => {
    const { hyperparameters, lineage } = compare(
      side(1),
      side(2, { algorithm: "forest", hyperparameters: { trees: 50 } }),
    );
    assert.deepEqual(hyperparameters, [
      { name: "algorithm", a: "ridge", b: "forest", same: false },
      { name: "alpha", a: "1", b: "-", same: false },
      { name: "trees", a: "-", b: "50", same: false },
    ]);
    assert.deepEqual(
      lineage.map(({ name }) => name),
      ["data", "rows", "code", "execution", "artifact", "threshold", "made"],
    );
    assert.ok(lineage.every(({ same }) => same));
  });

  const yardsticks: [name: string, a: Prediction[], b: Prediction[], same: boolean | undefined][] = [
    ["the same houses", predictions(0.1), predictions(-0.1), true],
    ["fewer houses", predictions(0.1), predictions(0.1, 10), false],
    ["other houses", predictions(0.1), predictions(0.1).map((one) => ({ ...one, actual: one.actual + 1 })), false],
    ["predictions that are gone", predictions(0.1), [], undefined],
  ];
  for (const [name, a, b, same] of yardsticks)
    it(`know of ${name}`, () => {
      assert.equal(compare(side(1, { predictions: a }), side(2, { predictions: b })).sameTest, same);
    });

  it("are summed up in one sentence", () => {
    assert.equal(
      summary(compare(side(1, {}, { r2: 0.8, rmse: 9 }), side(2, {}, { r2: 0.7, rmse: 8 }))),
      "version 2 is better in 1 and worse in 1 of 2 metrics",
    );
    assert.equal(summary(compare(side(1), side(2))), "version 2 measures the same");
  });
});

describe("what an evaluation left", () => {
  it("is read from card and predictions; broken lines and files are left out", () => {
    const card = Buffer.from(
      '{"algorithm": "ridge", "hyperparameters": {"alpha": 0.5}, "data": {"sha256": "a", "rows": 3}}',
    );
    const table = Buffer.from("id,predicted,actual\r\n1,110,100\r\n2,,100\r\n3,x,1\r\n4,90,80\r\n");
    assert.deepEqual(evaluationFrom(card, table), {
      algorithm: "ridge",
      hyperparameters: { alpha: 0.5 },
      data: { sha256: "a", rows: 3 },
      predictions: [
        { actual: 100, predicted: 110 },
        { actual: 80, predicted: 90 },
      ],
    });
    for (const odd of [undefined, Buffer.from("{"), Buffer.from("[]")])
      assert.deepEqual(evaluationFrom(odd, odd), { hyperparameters: {}, predictions: [] });
  });
});

describe("numbers of a comparison", () => {
  const table: [value: number, text: string][] = [
    [0, "0"],
    [0.915563, "0.91556"],
    [0.0921477, "0.092148"],
    [28910.8191, "28,911"],
    [1_234_567, "1,234,567"],
    [-0.5, "-0.5"],
    [1e-9, "0"],
  ];
  for (const [value, text] of table) it(`show ${value} as ${text}`, () => assert.equal(number(value), text));
  it("show a difference with its sign", () =>
    assert.deepEqual([difference(0.5), difference(-2), difference(0)], ["+0.5", "-2", "0"]));

  const ticks: [low: number, high: number, expected: number[]][] = [
    [0, 100, [0, 20, 40, 60, 80, 100]],
    [3, 97, [0, 20, 40, 60, 80, 100]],
    [0, 0.3, [0, 0.1, 0.2, 0.3]],
    [-40, 40, [-40, -20, 0, 20, 40]],
    [5, 5, [5, 6]],
    [0, 0, [0, 0.2]],
  ];
  for (const [low, high, expected] of ticks)
    it(`have ticks from ${low} to ${high}`, () => {
      const found = niceTicks(low, high);
      assert.ok((found[0] ?? Infinity) <= low && (found.at(-1) ?? -Infinity) >= high, String(found));
      if (low !== high) assert.deepEqual(found, expected);
    });
});

describe("the plots of a comparison", () => {
  it("count errors in steps of five percent, those beyond forty at the ends", () => {
    const errors = [-0.9, -0.021, 0.021, 0.049, 0.051, 0.9];
    const one = side(1, { predictions: errors.map((share) => ({ actual: 100, predicted: 100 * (1 + share) })) });
    const bins = errorBins([one]).filter(({ counts }) => (counts[0] ?? 0) > 0);
    assert.deepEqual(bins, [
      { from: -40, to: -35, counts: [1] },
      { from: -5, to: 0, counts: [1] },
      { from: 0, to: 5, counts: [2] },
      { from: 5, to: 10, counts: [1] },
      { from: 35, to: 40, counts: [1] },
    ]);
  });

  it("draw each prediction once, up to a bound", () => {
    const drawn = (count: number) =>
      (actualAgainstPredicted([side(1, { predictions: predictions(0.1, count) })]).drawing.text.match(/<circle/g) ?? [])
        .length;
    assert.equal(drawn(100), 100);
    const many = drawn(100_000);
    assert.ok(many > 500 && many <= 1500, String(many));
  });

  it("are drawn within their picture, whatever the values", () => {
    for (const values of [predictions(0), [{ actual: -5, predicted: 1e9 }], [{ actual: 0, predicted: 0 }]]) {
      const { text } = actualAgainstPredicted([side(1, { predictions: values })]).drawing;
      const places = [...text.matchAll(/\b(?:c?[xy][12]?)="(-?[\d.]+|NaN|-?Infinity)"/g)].map(([, value]) =>
        Number(value),
      );
      assert.ok(
        places.length > 0 && places.every((value) => value >= 0 && value <= 560),
        String(places.filter((value) => !(value >= 0 && value <= 560))),
      );
    }
  });

  it("are one picture that fetches nothing and runs nothing", () => {
    const svg = plotSvg([side(1), side(2)], "<group> & 'more'");
    assert.match(svg, /^<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.match(svg, /<title>&lt;group&gt; &amp; &#39;more&#39;<\/title>/);
    assert.doesNotMatch(svg.replace("http://www.w3.org/2000/svg", ""), /<script|href|https?:|@import|url\(|\son\w+=/);
    assert.deepEqual([svg.match(/<circle class="a"/g)?.length, svg.match(/<path class="b"/g)?.length], [21, 21]);
  });
});

type Node = DefaultTreeAdapterTypes.Node;

/** Every element of a page by name, every mistake that a parser finds, and its text. */
function read(page: string) {
  const errors: string[] = [];
  const elements: DefaultTreeAdapterTypes.Element[] = [];
  let text = "";
  const visit = (node: Node) => {
    if ("tagName" in node) elements.push(node);
    if (node.nodeName === "#text" && "value" in node) text += node.value;
    if ("childNodes" in node) node.childNodes.forEach(visit);
  };
  visit(parse(page, { onParseError: ({ code }: ParserError) => void errors.push(code) }));
  return { errors, elements, text };
}

describe("the page of a comparison", () => {
  const now = new Date("2026-01-02T03:04:05Z");
  const page = (a: Side, b: Side, group = "slipway-dev-housing") =>
    modelPage({ group, comparison: compare(a, b), now });

  it("is right HTML that fetches nothing and runs nothing, and forbids both", () => {
    const made = page(side(1), side(2, { predictions: predictions(0.2) }, { r2: 0.9, rmse: 80 }));
    const { errors, elements, text } = read(made);
    assert.deepEqual(errors, []);
    assert.match(made, /default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri/);
    assert.ok(!elements.some(({ tagName }) => ["script", "link", "img", "iframe"].includes(tagName)));
    for (const { attrs } of elements) for (const { name } of attrs) assert.ok(!/^(on|src|href)/.test(name), name);
    const ids = elements.flatMap(({ attrs }) => attrs.find(({ name }) => name === "id")?.value ?? []);
    assert.equal(new Set(ids).size, ids.length);
    assert.match(text, /version 2 is better in 2 and worse in 0 of 2 metrics/);
    const charts = elements.filter(
      ({ tagName, attrs }) => tagName === "svg" && attrs.some(({ value }) => value === "img"),
    );
    assert.equal(charts.length, 2);
  });

  it("shows what others wrote as text, never as markup", () => {
    const evil = `"><script>alert(1)</script>`;
    const made = page(side(1, { algorithm: evil, hyperparameters: { [evil]: evil } }), side(2), evil);
    const { elements, text } = read(made);
    assert.ok(!elements.some(({ tagName }) => tagName === "script"));
    assert.ok(text.includes(evil));
  });

  it("says so where predictions are gone, or are of other houses", () => {
    assert.match(page(side(1, { predictions: [] }), side(2, { predictions: [] })), /nothing can be drawn/);
    assert.match(page(side(1), side(2, { predictions: predictions(0, 5) })), /measured on different houses/);
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, type DefaultTreeAdapterTypes, type ParserError } from "parse5";
import { deploymentLog } from "../../automation/metrics/attempts.ts";
import { measure } from "../../automation/metrics/four-keys.ts";
import { periodsOf, ticksUpTo } from "../../automation/report/metrics-charts.ts";
import { escapeHtml, html } from "../../automation/report/metrics-markup.ts";
import { metricsPage } from "../../automation/report/metrics-page.ts";
import { sampleEnd, sampleViews } from "./sample.ts";

type Element = DefaultTreeAdapterTypes.Element;

/** Every element of a page, and every mistake that a parser finds in it. */
function read(page: string): { elements: Element[]; errors: string[]; text: string } {
  const errors: string[] = [];
  const elements: Element[] = [];
  let text = "";
  const visit = (node: DefaultTreeAdapterTypes.Node) => {
    if ("tagName" in node) elements.push(node);
    if (node.nodeName === "#text" && "value" in node) text += node.value;
    if ("childNodes" in node) node.childNodes.forEach(visit);
  };
  visit(parse(page, { onParseError: ({ code }: ParserError) => void errors.push(code) }));
  return { elements, errors, text };
}

const attribute = (element: Element, name: string) => element.attrs.find((one) => one.name === name)?.value;
const pageOf = (by?: string, project = "slipway") =>
  metricsPage({ project, days: 90, views: sampleViews(by), now: new Date(sampleEnd) });
const named = (elements: readonly Element[], tag: string) => elements.filter(({ tagName }) => tagName === tag);

describe("the metrics page", () => {
  const { elements, errors, text } = read(pageOf());

  it("is right HTML with unique ids", () => {
    assert.deepEqual(errors, []);
    const ids = elements.flatMap((element) => attribute(element, "id") ?? []);
    assert.equal(new Set(ids).size, ids.length);
    for (const element of elements)
      for (const id of (attribute(element, "aria-labelledby") ?? "").split(" ").filter(Boolean))
        assert.ok(ids.includes(id), id);
  });

  it("fetches nothing, runs nothing, and forbids both", () => {
    assert.deepEqual(named(elements, "script"), []);
    for (const { tagName, attrs } of elements)
      for (const { name, value } of attrs) {
        assert.ok(!/^(on|src|href|srcset|action|poster|data$)/.test(name), `${tagName} ${name}`);
        assert.doesNotMatch(value, /https?:|javascript:/, `${tagName} ${name}`);
      }
    assert.deepEqual(pageOf().match(/url\((?!#)|@import/g), null);
    const policy = elements.find((element) => attribute(element, "http-equiv") === "Content-Security-Policy");
    assert.match(
      (policy && attribute(policy, "content")) ?? "",
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri/,
    );
  });

  it("names every chart and gives its data as a table with heads", () => {
    const charts = named(elements, "svg").filter((element) => attribute(element, "role") === "img");
    assert.equal(charts.length, 1 + 3 * 2);
    for (const chart of charts) assert.match(attribute(chart, "aria-label") ?? "", /^\w.*: .+/);
    const hidden = named(elements, "svg").filter((element) => attribute(element, "role") !== "img");
    assert.ok(hidden.every((element) => attribute(element, "aria-hidden") === "true"));
    assert.equal(named(elements, "table").length, charts.length);
    assert.equal(named(elements, "caption").length, charts.length);
    assert.ok(named(elements, "th").every((head) => ["col", "row"].includes(attribute(head, "scope") ?? "")));
  });

  it("shows the figures that the fold gives", () => {
    for (const { metrics } of sampleViews()) {
      assert.ok(text.includes(metrics.environment));
      assert.ok(
        text.includes(`of ${Object.values(metrics.outcomes).reduce((a, b) => a + b)} deployments begun`),
        metrics.environment,
      );
    }
    assert.ok(text.includes("Ada <ada@example.com>"));
  });

  it("draws every deployment once, and says when it leaves some out", () => {
    const marks = elements.filter(({ tagName, parentNode }) => tagName === "title" && parentNode?.nodeName === "g");
    assert.equal(
      marks.length,
      sampleViews().reduce((sum, { attempts }) => sum + attempts.length, 0),
    );
    const [view] = sampleViews();
    assert.ok(view);
    const many = { ...view, attempts: Array.from({ length: 400 }, () => view.attempts[0]).flatMap((one) => one ?? []) };
    const full = read(metricsPage({ project: "x", days: 9, views: [many], now: new Date(sampleEnd) }));
    assert.match(full.text, /150 older deployments are not drawn/);
  });

  it("says so where nothing happened, and where it fails now", () => {
    const empty = measure(deploymentLog("prod", []), new Map(), 30, sampleEnd);
    const nothing = read(metricsPage({ project: "x", days: 30, views: [empty], now: new Date(sampleEnd) }));
    assert.deepEqual([nothing.errors, named(nothing.elements, "figure").length], [[], 0]);
    assert.match(nothing.text, /Nothing was deployed in this time/);
    const [view] = sampleViews();
    assert.ok(view);
    const failing = { ...view, metrics: { ...view.metrics, failingSince: "2026-05-31T10:00:00.000Z" } };
    assert.match(
      read(metricsPage({ project: "x", days: 9, views: [failing], now: new Date(sampleEnd) })).text,
      /failing since 2026-05-31 10:00 UTC/,
    );
  });

  it("keeps its shape whatever people and projects are called", function () {
    this.timeout(30_000);
    const hostile = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
      fc.constantFrom(
        "</title><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style>",
        "<!--",
        "]]>",
        "\u202eevil",
        "&lt;",
        "${x}",
      ),
    );
    const shape = elements.map(({ tagName }) => tagName).join(" ");
    fc.assert(
      fc.property(hostile, hostile, (by, project) => {
        const found = read(pageOf(by, project));
        assert.deepEqual(found.errors, []);
        assert.equal(found.elements.map(({ tagName }) => tagName).join(" "), shape);
      }),
      { numRuns: 25 },
    );
  });
});

describe("the parts of the page", () => {
  it("escape what is put into them and nothing else", () => {
    assert.equal(
      html`<p title="${'a"b'}">${"<&>"}${html`<b>${1}</b>`}${[html`x`, "'"]}${undefined}${false}</p>`.text,
      '<p title="a&quot;b">&lt;&amp;&gt;<b>1</b>x&#39;</p>',
    );
    assert.equal(escapeHtml("a\u0000\u001b\u009b\u202eb\tc"), "a\ufffd\ufffd\ufffd\ufffdb\tc");
  });

  it("put every deployment of a window into exactly one period", () => {
    const day = 86_400_000;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 800 }),
        fc.array(fc.integer({ min: -1000 * day, max: 5 * day })),
        (days, ages) => {
          const [view] = sampleViews();
          const [one] = view?.attempts ?? [];
          assert.ok(view && one);
          const window = { from: sampleEnd - days * day, to: sampleEnd };
          const attempts = ages.map((age) => ({ ...one, at: Math.max(sampleEnd + age, window.from + 1) }));
          const periods = periodsOf({ ...view, window, attempts });
          assert.ok(periods.length <= 26);
          assert.equal(periods[0]?.from, window.from);
          assert.equal(periods.at(-1)?.to, window.to);
          assert.equal(
            periods.reduce((sum, { attempts: within }) => sum + within.length, 0),
            attempts.length,
          );
          for (const { from, to, attempts: within } of periods)
            assert.ok(within.every(({ at }) => at >= from && (at <= to || to === window.to)));
        },
      ),
    );
  });

  it("label few round numbers up to the highest value", () => {
    assert.deepEqual(ticksUpTo(0), [0, 1]);
    assert.deepEqual(ticksUpTo(3), [0, 1, 2, 3]);
    assert.deepEqual(ticksUpTo(7), [0, 2, 4, 6, 8]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (highest) => {
        const ticks = ticksUpTo(highest);
        assert.ok((ticks.at(-1) ?? -1) >= highest && ticks.length <= 5 && ticks.length >= 2);
      }),
    );
  });
});

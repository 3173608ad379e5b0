import type { ComparedFact, ComparedMetric, Comparison, Side } from "../model/compare.ts";
import { html, htmlTable, type Markup } from "./metrics-markup.ts";
import { pageStyle } from "./metrics-style.ts";
import { caution, summary } from "./model-compare.ts";
import { difference, number } from "./model-number.ts";
import { actualAgainstPredicted, errorBins, errorDistribution, legend, plotStyle, type Plot } from "./model-plot.ts";
import { htmlPage } from "./page.ts";
import { moment } from "./time.ts";

export interface ModelPage {
  /** Group of the versions. */
  group: string;
  comparison: Comparison;
  now: Date;
}

/** One self-contained HTML page: metrics, plots, hyper-parameters and lineage of two versions side by side. */
export function modelPage({ group, comparison, now }: ModelPage): string {
  const { a, b, hyperparameters, lineage } = comparison;
  const title = `${group}: version ${a.version.version} and version ${b.version.version}`;
  const body = html`<header>
      <h1>${title}</h1>
      <p class="quiet">As of ${moment(now.toISOString())}. ${summary(comparison)}.</p>
      ${caution(comparison).map((line) => html`<p class="odd">${line}</p>`)}
    </header>
    <main>
      <section aria-labelledby="metrics">
        <h2 id="metrics">Metrics</h2>
        ${metricsTable(comparison)}
      </section>
      ${plots(comparison)}
      <section aria-labelledby="made">
        <h2 id="made">How they were made</h2>
        ${factsTable("Hyper-parameters", comparison, hyperparameters)}${factsTable("Lineage", comparison, lineage)}
      </section>
    </main>`;
  return htmlPage({ title, styles: [pageStyle, plotStyle], body });
}

const heads = ({ a, b }: Comparison): string[] =>
  [a, b].map(({ version }) => `version ${version.version} (${version.status})`);

function metricsTable(comparison: Comparison): Markup {
  const rows = comparison.metrics.map((one) => [
    one.name,
    one.a === undefined ? "-" : number(one.a),
    one.b === undefined ? "-" : number(one.b),
    one.difference === undefined ? "-" : difference(one.difference),
    verdict(one),
  ]);
  return htmlTable(
    "Measured on the test split",
    ["metric", ...heads(comparison), "difference", "second beside first"],
    rows,
  );
}

const verdict = ({ verdict: word }: ComparedMetric): Markup =>
  html`<span class="${word === "better" ? "good" : word === "worse" ? "bad" : "quiet"}">${word ?? "-"}</span>`;

function factsTable(caption: string, comparison: Comparison, facts: readonly ComparedFact[]): Markup {
  const rows = facts.map(({ name, a, b, same }) => [
    name,
    html`<code>${a}</code>`,
    html`<code>${b}</code>`,
    same ? "" : html`<span class="odd">differs</span>`,
  ]);
  return htmlTable(caption, ["", ...heads(comparison), ""], rows);
}

function plots({ a, b }: Comparison): Markup {
  const sides = [a, b].filter(({ evaluation }) => evaluation.predictions.length > 0);
  if (sides.length === 0) return html`<p>The predictions of both are not there any more: nothing can be drawn.</p>`;
  return html`<section aria-labelledby="plots">
    <h2 id="plots">Predictions for houses that neither has seen</h2>
    <div class="charts">
      ${figure(actualAgainstPredicted(sides), sides, worst(sides))}${figure(errorDistribution(sides), sides, bins(sides))}
    </div>
  </section>`;
}

function figure({ title, summary: told, width, height, drawing }: Plot, sides: readonly Side[], data: Markup): Markup {
  return html`<figure>
    <h3>${title}</h3>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${told}">${drawing}</svg>
    <ul class="legend">
      ${legend(sides)}
    </ul>
    <details>
      <summary>${title} as a table</summary>
      ${data}
    </details>
  </figure>`;
}

function bins(sides: readonly Side[]): Markup {
  const rows = errorBins(sides).map(({ from, to, counts }) => [`${from} to ${to} %`, ...counts]);
  return htmlTable("Houses by error", ["error", ...sides.map(({ version }) => `version ${version.version}`)], rows);
}

const worstShown = 10;

/** Of thousands of points the ones that are furthest off. */
function worst(sides: readonly Side[]): Markup {
  const rows = sides.flatMap(({ version, evaluation }) =>
    [...evaluation.predictions]
      .sort((x, y) => Math.abs(y.predicted - y.actual) - Math.abs(x.predicted - x.actual))
      .slice(0, worstShown)
      .map(({ actual, predicted }) => [
        `version ${version.version}`,
        number(actual),
        number(predicted),
        difference(predicted - actual),
      ]),
  );
  return htmlTable(`The ${worstShown} furthest off`, ["", "actual", "predicted", "error"], rows);
}

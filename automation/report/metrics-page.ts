import type { EnvironmentMetrics, WindowView } from "../metrics/four-keys.ts";
import { deploymentsChart, leadTimeChart, periodsOf } from "./metrics-charts.ts";
import { html, raw, type Content, type Markup } from "./metrics-markup.ts";
import { pageStyle } from "./metrics-style.ts";
import { htmlPage } from "./page.ts";
import { timeline } from "./metrics-timeline.ts";
import { begun, bucketNames, durationOr, percent } from "./metrics.ts";
import { plural } from "./text.ts";
import { moment } from "./time.ts";

export interface MetricsPage {
  /** Name of the project. */
  project: string;
  days: number;
  /** In promotion order; without any the page says so. */
  views: readonly WindowView[];
  now: Date;
}

/** What failed is hatched, so that a bar tells it without its colour. */
const hatched = raw(
  `<svg class="definitions" aria-hidden="true"><pattern id="hatched" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8"/><path d="M-2 2L2 -2M0 8L8 0M6 10L10 6"/></pattern></svg>`,
);

/** One self-contained HTML page: figures, charts and a timeline, each chart with the same data as a table. */
export function metricsPage({ project, days, views, now }: MetricsPage): string {
  const seen = views.filter(({ metrics, attempts }) => attempts.length > 0 || metrics.failingSince !== undefined);
  const quiet = views.filter((view) => !seen.includes(view)).map(({ metrics }) => metrics.environment);
  const title = `${project}: delivery metrics`;
  const body = html`${hatched}
    <header>
      <h1>${title}</h1>
      <p class="quiet">The last ${plural(days, "day")}, as of ${moment(now.toISOString())}. All times are UTC.</p>
    </header>
    <main>
      ${
        seen.length > 0
          ? html`<section aria-labelledby="timeline">
              <h2 id="timeline">Promotion timeline</h2>
              ${timeline(seen)}
            </section>`
          : html`<p>Nothing was deployed in this time.</p>`
      }
      ${seen.map(section)}
      ${quiet.length > 0 && seen.length > 0 && html`<p class="quiet">Nothing was deployed to ${quiet.join(", ")}.</p>`}
    </main>
    ${footer()}`;
  return htmlPage({ title, styles: [pageStyle], body });
}

function section(view: WindowView, index: number): Markup {
  const { metrics } = view;
  const periods = periodsOf(view);
  const id = `environment-${index}`;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${metrics.environment}${state(metrics)}</h2>
    <dl class="cards">${cards(metrics)}</dl>
    <div class="charts">
      ${deploymentsChart(metrics.environment, periods)}${leadTimeChart(metrics.environment, periods)}
    </div>
  </section>`;
}

function state({ failingSince }: EnvironmentMetrics): Content {
  return failingSince !== undefined && html`<span class="state bad">failing since ${moment(failingSince)}</span>`;
}

function cards(metrics: EnvironmentMetrics): Markup[] {
  const {
    outcomes,
    leadTime,
    timeToRestore,
    deploymentFrequency: often,
    changeFailureRate,
    successRate,
    rollbacks,
  } = metrics;
  const interrupted = outcomes.interrupted > 0 ? `, ${outcomes.interrupted} interrupted` : "";
  return [
    card(
      "Deployment frequency",
      bucketNames[often.bucket],
      `${often.perWeek.toFixed(1)} a week, on ${plural(often.days, "day")}`,
    ),
    card(
      "Lead time for changes",
      durationOr(leadTime.median),
      `median of ${plural(leadTime.count, "change")}, p90 ${durationOr(leadTime.p90)}`,
    ),
    card(
      "Change failure rate",
      percent(changeFailureRate),
      `${outcomes.failed} failed, ${plural(rollbacks, "rollback")}${interrupted}`,
    ),
    card(
      "Time to restore",
      durationOr(timeToRestore.median),
      `median of ${plural(timeToRestore.count, "outage")}, mean ${durationOr(timeToRestore.mean)}`,
    ),
    card("Success rate", percent(successRate), `of ${plural(begun(metrics), "deployment")} begun`),
  ];
}

const card = (name: string, figure: string, note: string): Markup =>
  html`<div class="card">
    <dt>${name}</dt>
    <dd class="figure">${figure}</dd>
    <dd class="note">${note}</dd>
  </div>`;

const definitions: readonly [string, string][] = [
  [
    "Deployment frequency",
    "Deployments that ended well and did not fail later. Daily: the median week has them on three days or more; weekly: on one; monthly: the median month has one.",
  ],
  [
    "Lead time for changes",
    "From a commit to the first verified deployment that contains it, for every commit except merges.",
  ],
  [
    "Change failure rate",
    "Deployments that failed, did not pass verification, or were rolled back, among all that ended. Interrupted ones have not ended.",
  ],
  ["Time to restore", "From the first failure until a verification passes again."],
  ["Success rate", "Deployments that ended well and did not fail later, among all that were begun."],
];

function footer(): Markup {
  return html`<footer>
    <details>
      <summary>How the figures are made</summary>
      <dl>
        ${definitions.map(
          ([name, text]) =>
            html`<dt>${name}</dt>
              <dd>${text}</dd>`,
        )}
      </dl>
      <p>After the four keys of DORA, from the deployment ledger and the commit times of git alone.</p>
    </details>
  </footer>`;
}

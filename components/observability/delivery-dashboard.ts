import { type Content, type Graph, type Metric, type Widget, graph, placed } from "../shared/widgets.ts";
import type { DeliveryMetricNames } from "./observability-settings.ts";

export interface DeliveryDashboardArgs {
  environment: string;
  region: string;
  metrics: DeliveryMetricNames;
  /** ARNs of the alarms whose states are shown. Without any the row is not there. */
  alarms: readonly unknown[];
}

const day = 86_400;

type Named = (name: string, options?: Record<string, unknown>) => Metric;

/** The four keys and the success rate over the time that is looked at. */
function figures(metrics: DeliveryMetricNames, metric: Named): Graph[][] {
  const hidden = (id: string, name: string) => metric(name, { id, visible: false, stat: "Sum" });
  const counted = [hidden("begun", metrics.deployments), hidden("failed", metrics.failures)];
  const figure = (title: string, stat: string, ...drawn: Metric[]): Graph => ({
    ...{ title, stat, metrics: drawn },
    figure: true,
  });
  const share = (title: string, expression: string): Graph =>
    figure(title, "Sum", [{ id: "share", label: "%", expression }], ...counted);
  return [
    [
      figure("Deployments", "Sum", metric(metrics.deployments)),
      share("Deployment success rate (%)", "IF(begun > 0, 100 * (begun - FILL(failed, 0)) / begun)"),
      share("Change failure rate (%)", "IF(begun > 0, 100 * FILL(failed, 0) / begun)"),
    ],
    [
      figure("Lead time for changes (s), median", "p50", metric(metrics.leadTime)),
      figure("Time to restore (s), mean", "Average", metric(metrics.recovery)),
      figure("Rollbacks", "Sum", metric(metrics.rollbacks)),
    ],
  ];
}

function byDay(metrics: DeliveryMetricNames, metric: Named): Graph[] {
  const line = (title: string, stat: string, ...drawn: Metric[]): Graph => ({
    ...{ title, stat, metrics: drawn },
    period: day,
  });
  return [
    line(
      "Deployments and failures by day",
      "Sum",
      ...[metrics.deployments, metrics.failures, metrics.rollbacks].map((name) => metric(name)),
    ),
    line(
      "Lead time for changes by day (s)",
      "p50",
      metric(metrics.leadTime, { stat: "p50" }),
      metric(metrics.leadTime, { stat: "p90" }),
    ),
    line("Time to restore by day (s)", "Maximum", metric(metrics.recovery)),
  ];
}

/** Body of the dashboard on deliveries, to be rendered by `pulumi.jsonStringify`. Opens on the last thirty days. */
export function deliveryDashboardBody(args: DeliveryDashboardArgs): { start: string; widgets: Widget[] } {
  const { environment, region, metrics } = args;
  const metric: Named = (name, options = {}) => [metrics.namespace, name, "Environment", environment, options];
  const rows = [...figures(metrics, metric), byDay(metrics, metric)];
  const graphs = rows.map((row) => row.map((one) => graph(region, one)));
  const alarms: Content = { type: "alarm", properties: { title: "Alarms", alarms: args.alarms } };
  return { start: "-P30D", widgets: placed([...(args.alarms.length > 0 ? [[alarms]] : []), ...graphs]) };
}

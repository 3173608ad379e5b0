import type * as pulumi from "@pulumi/pulumi";

/** One line of a graph, as CloudWatch has it: namespace, name, dimensions, and options at the end. */
export type Metric = readonly (pulumi.Input<string> | Readonly<Record<string, unknown>>)[];

export interface Widget {
  type: "alarm" | "metric" | "text";
  x: number;
  y: number;
  width: number;
  height: number;
  properties: Record<string, unknown>;
}

/** A widget that has no place yet. */
export type Content = Pick<Widget, "type" | "properties">;

/** A dashboard is 24 columns wide. */
const columns = 24;
const height = 6;

export interface Graph {
  title: string;
  stat: string;
  metrics: readonly Metric[];
  /** Seconds that one point stands for. Defaults to five minutes. */
  period?: number;
  /** One figure over the whole time that is looked at, instead of a line. */
  figure?: boolean;
  /** A line that says where the alarm begins. */
  limit?: { label: string; value: number };
}

/** A widget that draws metrics of one region. */
export function graph(region: string, { title, stat, metrics, period = 300, figure = false, limit }: Graph): Content {
  return {
    type: "metric",
    properties: {
      title,
      region,
      view: figure ? "singleValue" : "timeSeries",
      period,
      ...(figure && { setPeriodToTimeRange: true }),
      stat,
      metrics,
      ...(limit !== undefined && { annotations: { horizontal: [limit] } }),
    },
  };
}

/** Rows of widgets from the top, each row as wide as the page. */
export function placed(rows: readonly (readonly Content[])[]): Widget[] {
  return rows.flatMap((row, y) =>
    row.map((content, x) => {
      const width = columns / row.length;
      return { ...content, x: x * width, y: y * height, width, height };
    }),
  );
}

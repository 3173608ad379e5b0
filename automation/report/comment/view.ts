/** How much of a model is shown. Headline, table and danger block are in every view. */
export interface View {
  /** Names of what stays as it is, beside what changes. */
  unchanged: boolean;
  /** Longest value. */
  valueLength: number;
  /** What is said of a changed resource. */
  properties: "values" | "names" | "none";
  /** Changes one by one, counted by type, or left to the summary. */
  details: "each" | "counts" | "none";
  /** Reasons, warnings and findings one by one, or the first of them. */
  lists: number;
  /** Each destroyed resource on its line, by name, counted by type, or counted. */
  danger: "lines" | "names" | "counts" | "totals";
  /** Stacks that have a row of their own. */
  rows: number;
  /** What this view leaves out; empty for the first one. */
  leftOut: string;
}

const whole: View = {
  ...{ unchanged: true, valueLength: 120, properties: "values", details: "each", lists: 40, danger: "lines" },
  ...{ rows: Number.POSITIVE_INFINITY, leftOut: "" },
};

const steps: readonly Partial<View>[] = [
  {},
  { unchanged: false, leftOut: "properties that stay as they are" },
  { valueLength: 40, leftOut: "unchanged properties, and values beyond 40 characters" },
  { properties: "names", lists: 20, leftOut: "values" },
  { properties: "none", leftOut: "which properties change" },
  { details: "counts", lists: 10, leftOut: "changes one by one; they are counted by type" },
  { details: "none", lists: 5, leftOut: "changes other than replacements and deletions" },
  { danger: "names", lists: 3, leftOut: "changes, and what forces each replacement" },
  { danger: "counts", rows: 100, leftOut: "changes, and names of most of what is replaced or deleted" },
  { danger: "totals", rows: 40, lists: 1, leftOut: "nearly everything: only totals fit" },
];

/** The ladder from everything down to what always fits; each rung leaves out what the one above does, and more. */
export const ladder: readonly View[] = steps.reduce<View[]>(
  (views, step) => [...views, { ...(views.at(-1) ?? whole), ...step }],
  [],
);

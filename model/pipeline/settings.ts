import { type Algorithm, type ThresholdMetric, algorithms, thresholdMetrics } from "./names.ts";
import { problem } from "./problems.ts";
import type { Compute, Surroundings } from "./types.ts";

/** Hyper-parameters of one training; which of them count depends on the algorithm. */
export interface Hyperparameters {
  algorithm: Algorithm;
  /** Strength of the ridge penalty. */
  alpha: number;
  trees: number;
  /** Deepest a tree may get. */
  depth: number;
}

/** Values that are tried with one another, by hyper-parameter. */
export type Grid = { readonly [K in keyof Hyperparameters]?: readonly Hyperparameters[K][] };

/** What decides a pipeline: everything is known before anything exists, except keys and networks. */
export interface PipelineSettings {
  /** Name of the bucket of code, inputs, runs and registry. */
  bucket: string;
  /** `sha256:<hex>` of the training code; its object is `code/model/<hex>.zip`. */
  codeDigest: string;
  /** Images by digest: that which runs the code, and that which serves the model. */
  images: { model: string; predict: string };
  /** ARNs of the roles of the jobs. */
  roles: { preprocess: string; train: string; evaluate: string };
  packageGroup: string;
  /** Whether a model that is good enough is approved at once or waits for a person. */
  approval: "auto" | "manual";
  metric: ThresholdMetric;
  /** What the metric has to reach, from 0 to 1. */
  threshold: number;
  hyperparameters: Hyperparameters;
  /** Absent, one model is trained. */
  tuning?: { grid: Grid; parallel: number };
  /** Defaults to 42. */
  seed?: number;
  compute: { preprocess: Compute; train: Compute; evaluate: Compute };
  /** Instances that a registered model may be served by. */
  servingInstanceTypes: readonly string[];
  surroundings: Surroundings;
  /** Days for which steps with the same inputs are not run again. Absent, they always run. */
  cacheDays?: number;
  /** Where trainings are tracked by MLflow. Absent, they are not. */
  trackingUri?: string;
}

const limits = { alpha: [0, 1e6], trees: [1, 2000], depth: [1, 64] } as const;

function hyperparameterProblems(field: string, name: keyof Hyperparameters, value: unknown): string[] {
  if (name === "algorithm") {
    if (algorithms.some((known) => known === value)) return [];
    return [problem(field, value, `one of ${algorithms.join(", ")}`, "Correct it.")];
  }
  const [least, most] = limits[name];
  const fits = typeof value === "number" && value >= least && value <= most;
  if (fits && (name === "alpha" || Number.isInteger(value))) return [];
  const rule = `a ${name === "alpha" ? "" : "whole "}number from ${least} to ${most}`;
  return [problem(field, value, rule, "Correct it.")];
}

function tuningProblems({ grid, parallel }: NonNullable<PipelineSettings["tuning"]>): string[] {
  const problems: string[] = [];
  const entries = Object.entries(grid) as [keyof Hyperparameters, readonly unknown[]][];
  if (entries.length === 0)
    problems.push(problem("tuning.grid", grid, "at least one hyper-parameter", "Add one or turn tuning off."));
  for (const [name, values] of entries) {
    const field = `tuning.grid.${name}`;
    if (!(name in limits) && name !== "algorithm") {
      problems.push(problem("tuning.grid", name, "algorithm, alpha, trees or depth", "Correct the name."));
      continue;
    }
    if (values.length === 0 || values.length > 30)
      problems.push(problem(field, values, "1 to 30 values", "Add or drop values."));
    if (new Set(values).size !== values.length)
      problems.push(problem(field, values, "each value once", "Drop the second."));
    problems.push(...values.flatMap((value) => hyperparameterProblems(field, name, value)));
  }
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 10)
    problems.push(problem("tuning.parallel", parallel, "a whole number from 1 to 10", "Correct it."));
  return problems;
}

/** Problems of what people decide about a pipeline, one line each. */
export function validateTraining(
  settings: Pick<PipelineSettings, "metric" | "threshold" | "hyperparameters" | "tuning">,
): string[] {
  const { metric, threshold, hyperparameters, tuning } = settings;
  const problems: string[] = [];
  if (!thresholdMetrics.includes(metric))
    problems.push(problem("metric", metric, `one of ${thresholdMetrics.join(", ")}`, "Correct it."));
  if (!(threshold >= 0 && threshold <= 1))
    problems.push(problem("threshold", threshold, "a number from 0 to 1", "Correct it."));
  for (const name of ["algorithm", "alpha", "trees", "depth"] as const)
    problems.push(...hyperparameterProblems(`hyperparameters.${name}`, name, hyperparameters[name]));
  return [...problems, ...(tuning === undefined ? [] : tuningProblems(tuning))];
}

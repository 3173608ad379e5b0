import type { ModelVersion } from "./registry/documents.ts";
import type { Evaluation } from "./registry/evaluation.ts";

/** A version with all that is known of it. */
export interface Side {
  version: ModelVersion;
  evaluation: Evaluation;
}

/** A number of both sides. */
export interface ComparedMetric {
  name: string;
  a: number | undefined;
  b: number | undefined;
  /** B less A, where both are known. */
  difference: number | undefined;
  /** How B is beside A; undefined where one is not known, or nobody knows what is better. */
  verdict: "better" | "worse" | "equal" | undefined;
}

/** A fact of both sides in words. */
export interface ComparedFact {
  name: string;
  a: string;
  b: string;
  same: boolean;
}

export interface Comparison {
  a: Side;
  b: Side;
  metrics: readonly ComparedMetric[];
  hyperparameters: readonly ComparedFact[];
  lineage: readonly ComparedFact[];
  /** Whether both were measured on the same houses, so that the numbers may be compared. */
  sameTest: boolean | undefined;
}

/** Metrics that are better when they are lower; all others of the pipeline are shares. */
const errors = ["rmse", "mae", "mape", "median_absolute_error", "max_error", "mse"];
const shares = ["r2", "within_10_percent", "explained_variance"];

const unknown = "-";

/** Pure: two versions side by side. */
export function compare(a: Side, b: Side): Comparison {
  return {
    a,
    b,
    metrics: names(a.version.metrics, b.version.metrics).map((name) =>
      metric(name, a.version.metrics[name], b.version.metrics[name]),
    ),
    hyperparameters: [
      fact("algorithm", a.evaluation.algorithm, b.evaluation.algorithm),
      ...names(a.evaluation.hyperparameters, b.evaluation.hyperparameters).map((name) =>
        fact(name, a.evaluation.hyperparameters[name], b.evaluation.hyperparameters[name]),
      ),
    ],
    lineage: lineageOf(a, b),
    sameTest: sameTest(a.evaluation, b.evaluation),
  };
}

const names = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();

function metric(name: string, a: number | undefined, b: number | undefined): ComparedMetric {
  if (a === undefined || b === undefined) return { name, a, b, difference: undefined, verdict: undefined };
  return { name, a, b, difference: b - a, verdict: verdictOf(name, b - a) };
}

function verdictOf(name: string, difference: number): ComparedMetric["verdict"] {
  if (difference === 0) return "equal";
  if (errors.includes(name)) return difference < 0 ? "better" : "worse";
  if (shares.includes(name)) return difference > 0 ? "better" : "worse";
  return undefined;
}

function fact(name: string, a: string | number | undefined, b: string | number | undefined): ComparedFact {
  return { name, a: String(a ?? unknown), b: String(b ?? unknown), same: a === b };
}

function lineageOf({ version: a, evaluation: inA }: Side, { version: b, evaluation: inB }: Side): ComparedFact[] {
  return [
    fact("data", a.lineage.data, b.lineage.data),
    fact("rows", inA.data?.rows, inB.data?.rows),
    fact("code", a.lineage.code, b.lineage.code),
    fact("execution", a.lineage.execution, b.lineage.execution),
    fact("artifact", `sha256:${a.artifact.sha256}`, `sha256:${b.artifact.sha256}`),
    fact("threshold", thresholdOf(a), thresholdOf(b)),
    fact("made", a.createdAt, b.createdAt),
  ];
}

const thresholdOf = ({ threshold }: ModelVersion): string => `${threshold.metric} at least ${threshold.minimum}`;

/** The actual prices are the test split's own. */
function sameTest(a: Evaluation, b: Evaluation): boolean | undefined {
  if (a.predictions.length === 0 || b.predictions.length === 0) return undefined;
  return (
    a.predictions.length === b.predictions.length &&
    a.predictions.every(({ actual }, at) => actual === b.predictions[at]?.actual)
  );
}

/** Steps of the pipeline, as SageMaker and the local runner show them. */
export const stepNames = {
  preprocess: "preprocess-data",
  train: "train-model",
  tune: "tune-model",
  evaluate: "evaluate-model",
  check: "accuracy-check",
  register: "register-model",
  reject: "register-rejected",
} as const;

/** Parameters of one execution. All but the manifest have a default. */
export const parameterNames = {
  inputManifest: "InputManifest",
  threshold: "Threshold",
  seed: "Seed",
  algorithm: "Algorithm",
  alpha: "Alpha",
  trees: "Trees",
  depth: "Depth",
} as const;

/** Metrics that lie between 0 and 1, so that a threshold on them means the same for every model. */
export const thresholdMetrics = ["r2", "within_10_percent", "explained_variance"] as const;
export type ThresholdMetric = (typeof thresholdMetrics)[number];

/** Algorithms that the training code knows. */
export const algorithms = ["linear", "ridge", "forest"] as const;
export type Algorithm = (typeof algorithms)[number];

/** Channels that the training code reads. */
export const trainingChannels = ["train", "validation", "code"] as const;

/** Keys of a model package's metadata: what the package itself has no field for. */
export const packageMetadata = {
  /** Where the manifest of the input data is. */
  data: "data",
  /** `sha256:<hex>` of the code that trained it. */
  code: "code",
  /** Execution of the pipeline that it is from. */
  execution: "execution",
  /** Metric that decided, and what it had to reach. */
  metric: "metric",
  threshold: "threshold",
} as const;

/** What one execution leaves in the bucket, below `runs/<execution>/<step>/`. */
export const runsPrefix = "runs";

/** Key of the training code by its content. */
export function codeKey(digest: string): string {
  return `code/model/${hexOf(digest)}.zip`;
}

/** The digits of `sha256:<hex>`. */
export function hexOf(digest: string): string {
  return digest.replace("sha256:", "");
}

import { fixed } from "./job.ts";
import { algorithms, parameterNames } from "./names.ts";
import type { Hyperparameters, PipelineSettings } from "./settings.ts";
import type { Parameter } from "./types.ts";

/** Parameters of an execution: what the grid varies is none. */
export function parameters(settings: PipelineSettings): Parameter[] {
  const { hyperparameters: values, threshold, seed = 42, metric } = settings;
  const describe: Record<keyof Hyperparameters, Parameter> = {
    algorithm: {
      name: parameterNames.algorithm,
      type: "String",
      description: "Kind of model",
      default: values.algorithm,
      values: algorithms,
    },
    alpha: { name: parameterNames.alpha, type: "Float", description: "Ridge penalty", default: values.alpha },
    trees: { name: parameterNames.trees, type: "Integer", description: "Trees of a forest", default: values.trees },
    depth: { name: parameterNames.depth, type: "Integer", description: "Depth of a tree", default: values.depth },
  };
  return [
    { name: parameterNames.inputManifest, type: "String", description: "List of the objects to learn from" },
    {
      name: parameterNames.threshold,
      type: "Float",
      description: `What ${metric} has to reach`,
      default: threshold,
    },
    { name: parameterNames.seed, type: "Integer", description: "Seed of the split", default: seed },
    ...fixed(settings).map((name) => describe[name]),
  ];
}

import { codeKey, hexOf, packageMetadata, parameterNames, runsPrefix, stepNames, trainingChannels } from "./names.ts";
import { type Hyperparameters, type PipelineSettings, validateTraining } from "./settings.ts";
import {
  asText,
  bestJobOf,
  condition,
  executionId,
  join,
  jsonValue,
  modelOf,
  outputOf,
  parameter,
  processing,
  register,
  training,
  tuning,
} from "./steps.ts";
import type {
  Channel,
  Parameter,
  PipelineDefinition,
  ProcessingInput,
  ProcessingStep,
  RegisterStep,
  Step,
  Text,
  TrainingStep,
  TuningStep,
} from "./types.ts";
import { validatePipeline } from "./validate.ts";

/** Name of the output and of the property file that hold the metrics, and of the file itself. */
const evaluation = { name: "evaluation", file: "evaluation.json" } as const;

const processingRoot = "/opt/ml/processing";
const inputFolder = (name: string) => `${processingRoot}/input/${name}`;
const outputFolder = `${processingRoot}/output`;

const hyperparameterNames = ["algorithm", "alpha", "trees", "depth"] as const;

const runOf = ({ bucket }: PipelineSettings, step: string, ...rest: string[]): Text =>
  join([`s3://${bucket}/${runsPrefix}`, executionId, step, ...rest]);

/** The code as a file in a folder of the container, and how it is started. */
const program = ({ codeDigest }: PipelineSettings, folder: string, command: string) => [
  "python",
  `${folder}/${hexOf(codeDigest)}.zip`,
  command,
];

const codeUri = ({ bucket, codeDigest }: PipelineSettings) => `s3://${bucket}/${codeKey(codeDigest)}`;

/** Hyper-parameters that the grid does not vary. */
function fixed({ tuning: grid }: PipelineSettings): (keyof Hyperparameters)[] {
  return hyperparameterNames.filter((name) => grid?.grid[name] === undefined);
}

function parameters(settings: PipelineSettings): Parameter[] {
  const { hyperparameters: values, threshold, seed = 42, metric } = settings;
  const describe: Record<keyof Hyperparameters, Parameter> = {
    algorithm: {
      name: parameterNames.algorithm,
      type: "String",
      description: "Kind of model",
      default: values.algorithm,
      values: ["linear", "ridge", "forest"],
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

function job(settings: PipelineSettings, role: keyof PipelineSettings["roles"]) {
  const { surroundings, cacheDays, images, roles, compute } = settings;
  return {
    ...surroundings,
    roleArn: roles[role],
    image: images.model,
    compute: compute[role],
    ...(cacheDays !== undefined && { cacheDays }),
  };
}

const codeInput = (settings: PipelineSettings): ProcessingInput => ({
  name: "code",
  from: codeUri(settings),
  to: inputFolder("code"),
});

function preprocess(settings: PipelineSettings): ProcessingStep {
  const name = stepNames.preprocess;
  return processing({
    ...job(settings, "preprocess"),
    name,
    description: "Checks the data and splits it 70/15/15",
    entrypoint: program(settings, inputFolder("code"), "preprocess"),
    arguments: [
      "--input",
      inputFolder("data"),
      "--output",
      outputFolder,
      "--seed",
      asText(parameter(parameterNames.seed)),
    ],
    inputs: [
      codeInput(settings),
      {
        name: "data",
        from: parameter(parameterNames.inputManifest),
        to: inputFolder("data"),
        type: "ManifestFile",
      },
    ],
    outputs: ["train", "validation", "test", "manifest"].map((output) => ({
      name: output,
      from: `${outputFolder}/${output}`,
      to: runOf(settings, name, output),
    })),
    propertyFiles: [],
  });
}

/** What training and tuning have in common. */
function learning(settings: PipelineSettings) {
  const { preprocess: data } = stepNames;
  const channel = (output: string): Channel => ({ from: outputOf(data, output), contentType: "text/csv" });
  const { trackingUri } = settings;
  return {
    ...job(settings, "train"),
    channels: {
      train: channel("train"),
      validation: channel("validation"),
      code: { from: codeUri(settings), contentType: "application/zip" },
    },
    needs: trainingChannels,
    hyperparameters: Object.fromEntries(
      fixed(settings).map((name): [string, Text] => [name, asText(parameter(parameterNames[name]))]),
    ),
    metrics: ["r2", "rmse"].map((metric) => ({
      name: `validation:${metric}`,
      regex: `validation:${metric}=([-+0-9.eE]+);`,
    })),
    ...(trackingUri !== undefined && { environment: { MLFLOW_TRACKING_URI: trackingUri } }),
  };
}

function train(settings: PipelineSettings): TrainingStep {
  return training({
    ...learning(settings),
    name: stepNames.train,
    description: "Trains one model",
    entrypoint: program(settings, "/opt/ml/input/data/code", "train"),
    outputPath: runOf(settings, stepNames.train),
  });
}

function tune(settings: PipelineSettings, { grid, parallel }: NonNullable<PipelineSettings["tuning"]>): TuningStep {
  const { bucket } = settings;
  return tuning({
    ...learning(settings),
    name: stepNames.tune,
    description: "Trains a model for each combination and keeps the best",
    grid: Object.fromEntries(Object.entries(grid).map(([name, values]) => [name, values.map(String)])),
    objective: "validation:r2",
    parallel,
    // The step tells the name of its best job and not where that wrote: the place must be the same in every execution, or
    // one that takes an earlier outcome would look for it among its own.
    outputPath: `s3://${bucket}/${runsPrefix}/${stepNames.tune}`,
  });
}

/** The step that learns, and where the model is that it made. */
function learn(settings: PipelineSettings): { step: TrainingStep | TuningStep; model: Text } {
  if (settings.tuning === undefined) return { step: train(settings), model: modelOf(stepNames.train) };
  const folder = `s3://${settings.bucket}/${runsPrefix}/${stepNames.tune}`;
  return {
    step: tune(settings, settings.tuning),
    model: join([folder, bestJobOf(stepNames.tune), "output/model.tar.gz"]),
  };
}

function evaluate(settings: PipelineSettings, model: Text): ProcessingStep {
  const name = stepNames.evaluate;
  const given = (input: string, from: Text): ProcessingInput => ({ name: input, from, to: inputFolder(input) });
  const data = (output: string) => given(output, outputOf(stepNames.preprocess, output));
  const inputs = [given("model", model), data("test"), data("validation"), data("manifest")];
  return processing({
    ...job(settings, "evaluate"),
    name,
    description: "Measures the model on data that it has never seen",
    entrypoint: program(settings, inputFolder("code"), "evaluate"),
    arguments: [...inputs.flatMap((input) => [`--${input.name}`, input.to]), "--output", outputFolder],
    inputs: [codeInput(settings), ...inputs],
    outputs: [{ name: evaluation.name, from: outputFolder, to: runOf(settings, name) }],
    propertyFiles: [{ name: evaluation.name, output: evaluation.name, path: evaluation.file }],
  });
}

function registration(
  settings: PipelineSettings,
  model: Text,
  outcome: Pick<RegisterStep, "name" | "description" | "approval">,
): RegisterStep {
  const { packageGroup, images, codeDigest, metric, servingInstanceTypes } = settings;
  return register({
    ...outcome,
    packageGroup,
    image: images.predict,
    model,
    statistics: join([outputOf(stepNames.evaluate, evaluation.name), evaluation.file]),
    metadata: {
      [packageMetadata.data]: parameter(parameterNames.inputManifest),
      [packageMetadata.code]: codeDigest,
      [packageMetadata.execution]: executionId,
      [packageMetadata.metric]: metric,
      [packageMetadata.threshold]: asText(parameter(parameterNames.threshold)),
    },
    contentTypes: ["application/json"],
    instanceTypes: servingInstanceTypes,
  });
}

function gate(settings: PipelineSettings, model: Text): Step {
  const { metric, approval } = settings;
  return condition({
    name: stepNames.check,
    description: `Lets on what reaches the threshold of ${metric}`,
    conditions: [
      {
        left: jsonValue(stepNames.evaluate, evaluation.name, `metrics.${metric}.value`),
        operator: "GreaterThanOrEqualTo",
        right: parameter(parameterNames.threshold),
      },
    ],
    then: [
      registration(settings, model, {
        name: stepNames.register,
        description: "Good enough to serve",
        approval: approval === "auto" ? "Approved" : "PendingManualApproval",
      }),
    ],
    otherwise: [
      registration(settings, model, {
        name: stepNames.reject,
        description: "Below the threshold: kept for comparison, never served",
        approval: "Rejected",
      }),
    ],
  });
}

/**
 * The pipeline that makes a model of house prices.
 * @throws RangeError that lists every problem of the settings.
 */
export function modelPipeline(settings: PipelineSettings): PipelineDefinition {
  const problems = validateTraining(settings);
  if (problems.length > 0) throw new RangeError(`the model pipeline is wrong:\n${problems.join("\n")}`);
  const { step, model } = learn(settings);
  const definition: PipelineDefinition = {
    parameters: parameters(settings),
    steps: [preprocess(settings), step, evaluate(settings, model), gate(settings, model)],
  };
  const broken = validatePipeline(definition);
  if (broken.length > 0) throw new RangeError(`the model pipeline is wrong:\n${broken.join("\n")}`);
  return definition;
}

import { codeInput, inputFolder, job, outputFolder, program, runOf } from "./job.ts";
import { learn } from "./learning.ts";
import { packageMetadata, parameterNames, stepNames } from "./names.ts";
import { parameters } from "./parameters.ts";
import { type PipelineSettings, validateTraining } from "./settings.ts";
import { asText, condition, executionId, join, jsonValue, outputOf, parameter, processing, register } from "./steps.ts";
import type { PipelineDefinition, ProcessingInput, ProcessingStep, RegisterStep, Step, Text } from "./types.ts";
import { validatePipeline } from "./validate.ts";

/** Name of the output and of the property file that hold the metrics, and of the file itself. */
const evaluation = { name: "evaluation", file: "evaluation.json" } as const;

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

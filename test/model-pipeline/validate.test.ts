import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { modelPipeline } from "../../model/pipeline/housing.ts";
import { allSteps, jsonValue, join, modelOf, outputOf, parameter } from "../../model/pipeline/steps.ts";
import type {
  ConditionStep,
  PipelineDefinition,
  ProcessingStep,
  RegisterStep,
  Step,
  TrainingStep,
  TuningStep,
} from "../../model/pipeline/types.ts";
import { validatePipeline } from "../../model/pipeline/validate.ts";
import { settings } from "./settings.ts";

const good = modelPipeline(settings);
const tuned = modelPipeline({ ...settings, tuning: { grid: { alpha: [1, 2] }, parallel: 1 } });

/** The pipeline with one step changed. */
function withStep<T extends Step>(name: string, change: (step: T) => Step, of = good): PipelineDefinition {
  return { ...of, steps: of.steps.map((step) => (step.name === name ? change(step as T) : step)) };
}

const changed = <T extends Step>(name: string, change: Partial<T>, of = good) =>
  withStep<T>(name, (step) => ({ ...step, ...change }), of);

const check = good.steps.at(-1) as ConditionStep;
const registered = check.then[0] as RegisterStep;
const evaluated = good.steps[2] as ProcessingStep;
const trained = good.steps[1] as TrainingStep;

const inputFrom = (from: ProcessingStep["inputs"][number]["from"]) => ({
  inputs: [{ name: "x", from, to: "/opt/ml/processing/input/x" }],
});

const table: [title: string, definition: PipelineDefinition, problems: string[]][] = [
  [
    "a step that there is not",
    changed<ProcessingStep>("evaluate-model", inputFrom(modelOf("train"))),
    [
      '`evaluate-model`: got "Steps.train.ModelArtifacts.S3ModelArtifacts", expected a step that runs before it. Add the step or correct the name.',
    ],
  ],
  [
    "a step that only runs later",
    changed<ProcessingStep>("preprocess-data", inputFrom(outputOf("evaluate-model", "evaluation"))),
    [
      "`preprocess-data`: got \"Steps.evaluate-model.ProcessingOutputConfig.Outputs['evaluation'].S3Output.S3Uri\", expected a step that runs before it. Add the step or correct the name.",
    ],
  ],
  [
    "what only the other branch has",
    changed<ConditionStep>("accuracy-check", {
      otherwise: [{ ...registered, name: "x", model: { Get: "Steps.register-model.ModelPackageArn" } }],
    }),
    [
      '`x`: got "Steps.register-model.ModelPackageArn", expected a step that runs before it. Add the step or correct the name.',
    ],
  ],
  [
    "an output that the step does not have",
    changed<ProcessingStep>("evaluate-model", inputFrom(outputOf("preprocess-data", "holdout"))),
    [
      "`evaluate-model`: got \"Steps.preprocess-data.ProcessingOutputConfig.Outputs['holdout'].S3Output.S3Uri\", expected an output or a property file of preprocess-data: train, validation, test, manifest. Add it or correct the name.",
    ],
  ],
  [
    "a condition on an unknown property file",
    changed<ConditionStep>("accuracy-check", {
      conditions: [{ ...check.conditions[0]!, left: jsonValue("evaluate-model", "report", "metrics.r2.value") }],
    }),
    [
      '`accuracy-check`: got "Steps.evaluate-model.PropertyFiles.report", expected an output or a property file of evaluate-model: evaluation. Add it or correct the name.',
    ],
  ],
  [
    "a property file of an output that there is not",
    changed<ProcessingStep>("evaluate-model", {
      propertyFiles: [...evaluated.propertyFiles, { name: "card", output: "cards", path: "model-card.json" }],
    }),
    ['`evaluate-model.propertyFiles`: got "cards", expected an output of the step. Add it.'],
  ],
  [
    "a property that a training does not have",
    changed<ProcessingStep>("evaluate-model", inputFrom({ Get: "Steps.train-model.TrainingJobArn" })),
    [
      '`evaluate-model`: got "Steps.train-model.TrainingJobArn", expected a property of a training step. Correct the name.',
    ],
  ],
  [
    "a parameter that there is not, in the middle of a text",
    changed<ProcessingStep>("preprocess-data", { arguments: ["--seed", join(["1", parameter("Salt")])] }),
    [
      '`preprocess-data`: got "Parameters.Salt", expected a parameter of the pipeline. Add the parameter or correct the name.',
    ],
  ],
  [
    "two steps of one name, even in two branches",
    changed<ConditionStep>("accuracy-check", { otherwise: check.then }),
    ['`steps`: got "register-model", expected each name once. Rename one of the two.'],
  ],
  [
    "two parameters of one name",
    { ...good, parameters: [...good.parameters, good.parameters[0]!] },
    ['`parameters`: got "InputManifest", expected each name once. Rename one of the two.'],
  ],
  [
    "names that SageMaker refuses",
    changed<ConditionStep>("accuracy-check", { name: "accuracy check" }),
    ['`steps`: got "accuracy check", expected 1 to 64 letters, digits and dashes. Rename it.'],
  ],
  [
    "a missing channel",
    changed<TrainingStep>("train-model", {
      channels: { train: trained.channels.train!, code: trained.channels.code! },
    }),
    ['`train-model.channels`: got ["train","code"], expected a channel validation. The code reads it: add it.'],
  ],
  [
    "inputs and outputs of one name",
    changed<ProcessingStep>("evaluate-model", {
      inputs: [...evaluated.inputs, evaluated.inputs[0]!],
      outputs: [...evaluated.outputs, evaluated.outputs[0]!],
    }),
    [
      '`evaluate-model.inputs`: got "code", expected each name once. Rename one of the two.',
      '`evaluate-model.outputs`: got "evaluation", expected each name once. Rename one of the two.',
    ],
  ],
  [
    "a threshold outside 0 to 1",
    changed<ConditionStep>("accuracy-check", { conditions: [{ ...check.conditions[0]!, right: 1.1 }] }),
    ["`accuracy-check.conditions`: got 1.1, expected a number from 0 to 1. Correct it."],
  ],
  [
    "an objective that nobody measures",
    changed<TuningStep>("tune-model", { objective: "validation:accuracy" }, tuned),
    ['`tune-model.objective`: got "validation:accuracy", expected a metric of the step. Add or correct it.'],
  ],
  [
    "what a condition leaves behind",
    {
      ...good,
      steps: [...good.steps, { ...evaluated, name: "after", ...inputFrom({ Get: "Steps.accuracy-check.Outcome" }) }],
    },
    [
      '`after`: got "Steps.accuracy-check.Outcome", expected a step that leaves something behind. Refer to another step.',
    ],
  ],
];

describe("model/pipeline: validatePipeline", () => {
  for (const [title, definition, problems] of table)
    it(`refuses ${title}`, () => assert.deepEqual(validatePipeline(definition), problems));

  it("finds nothing wrong with what the program makes", () => {
    for (const definition of [good, tuned]) assert.deepEqual(validatePipeline(definition), []);
  });

  it("takes a threshold that is a number", () => {
    const plain = changed<ConditionStep>("accuracy-check", { conditions: [{ ...check.conditions[0]!, right: 0.5 }] });
    assert.deepEqual(validatePipeline(plain), []);
  });

  it("finds whatever refers to a step that was renamed", () => {
    const referred = ["preprocess-data", "train-model", "evaluate-model"];
    fc.assert(
      fc.property(fc.constantFrom(...referred), fc.stringMatching(/^[a-z]{1,20}$/u), (name, other) => {
        const renamed = changed<Step>(name, { name: other });
        const found = validatePipeline(renamed);
        assert.ok(
          found.some((line) => line.includes(`Steps.${name}.`)),
          found.join("\n"),
        );
      }),
    );
  });

  it("finds the problem wherever the steps are put in another order", () => {
    const steps = good.steps;
    fc.assert(
      fc.property(fc.shuffledSubarray([...steps], { minLength: steps.length, maxLength: steps.length }), (order) => {
        const same = order.every((step, at) => step === steps[at]);
        assert.equal(validatePipeline({ ...good, steps: order }).length === 0, same);
      }),
    );
  });
});

describe("model/pipeline: allSteps", () => {
  it("knows the steps behind conditions, each once", () => {
    const names = allSteps(good.steps).map(({ name }) => name);
    assert.deepEqual([names.length, new Set(names).size], [6, 6]);
  });
});

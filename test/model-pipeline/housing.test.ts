import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { modelPipeline } from "../../model/pipeline/housing.ts";
import { type Grid, type PipelineSettings, validateTraining } from "../../model/pipeline/settings.ts";
import { allSteps } from "../../model/pipeline/steps.ts";
import type { ProcessingStep, RegisterStep, Step, TrainingStep, TuningStep } from "../../model/pipeline/types.ts";
import { code, images, settings } from "./settings.ts";

const stepsOf = (change: Partial<PipelineSettings> = {}) => allSteps(modelPipeline({ ...settings, ...change }).steps);
const named = <T extends Step>(steps: readonly Step[], name: string) => steps.find((step) => step.name === name) as T;
const namesOf = (steps: readonly Step[]) => steps.map(({ name }) => name);
const tuning = { grid: { alpha: [0.1, 1] }, parallel: 2 };

describe("model/pipeline: the pipeline of houses", () => {
  it("goes from data to a decision", () => {
    assert.deepEqual(namesOf(stepsOf()), [
      "preprocess-data",
      "train-model",
      "evaluate-model",
      "accuracy-check",
      "register-model",
      "register-rejected",
    ]);
  });

  it("tries a grid instead of one training where somebody wants that", () => {
    const steps = stepsOf({ tuning });
    assert.equal(namesOf(steps)[1], "tune-model");
    const tune = named<TuningStep>(steps, "tune-model");
    assert.deepEqual([tune.grid, tune.objective, tune.parallel], [{ alpha: ["0.1", "1"] }, "validation:r2", 2]);
    assert.deepEqual(Object.keys(tune.hyperparameters), ["algorithm", "trees", "depth"]);
  });

  it("looks for a tuned model where an earlier execution may have left it", () => {
    const { model } = named<RegisterStep>(stepsOf({ tuning }), "register-model");
    const job = { Get: "Steps.tune-model.BestTrainingJob.TrainingJobName" };
    const { outputPath } = named<TuningStep>(stepsOf({ tuning }), "tune-model");
    assert.deepEqual(model, { "Std:Join": { On: "/", Values: [outputPath, job, "output/model.tar.gz"] } });
  });

  it("never shows training what models are measured by", () => {
    const { channels } = named<TrainingStep>(stepsOf(), "train-model");
    assert.deepEqual(Object.keys(channels), ["train", "validation", "code"]);
    assert.ok(!JSON.stringify(channels).includes("test"));
    const { inputs } = named<ProcessingStep>(stepsOf(), "evaluate-model");
    assert.ok(JSON.stringify(inputs).includes("Outputs['test']"));
  });

  it("runs the very code of the release in each step", () => {
    const file = code.split("/").at(-1);
    const [preprocess, train, evaluate] = stepsOf() as [ProcessingStep, TrainingStep, ProcessingStep];
    assert.deepEqual(preprocess.entrypoint, ["python", `/opt/ml/processing/input/code/${file}`, "preprocess"]);
    assert.deepEqual(train.entrypoint, ["python", `/opt/ml/input/data/code/${file}`, "train"]);
    assert.deepEqual(evaluate.entrypoint, ["python", `/opt/ml/processing/input/code/${file}`, "evaluate"]);
    for (const { image } of [preprocess, train, evaluate]) assert.equal(image, images.model);
  });
});

describe("model/pipeline: what becomes of a model", () => {
  const outcomes = [
    { approval: "auto", good: "Approved" },
    { approval: "manual", good: "PendingManualApproval" },
  ] as const;
  for (const { approval, good } of outcomes) {
    it(`is registered as ${good} or Rejected where approval is ${approval}`, () => {
      const steps = stepsOf({ approval });
      assert.equal(named<RegisterStep>(steps, "register-model").approval, good);
      assert.equal(named<RegisterStep>(steps, "register-rejected").approval, "Rejected");
    });
  }

  it("is decided by the metric that the environment goes by", () => {
    const check = modelPipeline({ ...settings, metric: "within_10_percent" }).steps.at(-1);
    assert.ok(check?.kind === "condition");
    assert.deepEqual(check.conditions, [
      {
        left: {
          "Std:JsonGet": {
            PropertyFile: { Get: "Steps.evaluate-model.PropertyFiles.evaluation" },
            Path: "metrics.within_10_percent.value",
          },
        },
        operator: "GreaterThanOrEqualTo",
        right: { Get: "Parameters.Threshold" },
      },
    ]);
  });

  it("is known with data, code, execution and what decided", () => {
    const { metadata, image, model, statistics } = named<RegisterStep>(stepsOf(), "register-model");
    assert.deepEqual(metadata, {
      data: { Get: "Parameters.InputManifest" },
      code: settings.codeDigest,
      execution: { Get: "Execution.PipelineExecutionId" },
      metric: "r2",
      threshold: { "Std:Join": { On: "", Values: [{ Get: "Parameters.Threshold" }] } },
    });
    assert.equal(image, images.predict);
    assert.deepEqual(model, { Get: "Steps.train-model.ModelArtifacts.S3ModelArtifacts" });
    assert.ok(JSON.stringify(statistics).includes("evaluation.json"));
  });
});

describe("model/pipeline: tracking", () => {
  const trackingUri = "arn:aws:sagemaker:us-east-1:222222222222:mlflow-tracking-server/x";

  it("lets training, and nothing else, out to the server that it reports to", () => {
    const steps = stepsOf({ trackingUri });
    const train = named<TrainingStep>(steps, "train-model");
    assert.deepEqual([train.isolated, train.environment], [false, { MLFLOW_TRACKING_URI: trackingUri }]);
    for (const name of ["preprocess-data", "evaluate-model"]) {
      assert.equal(named<ProcessingStep>(steps, name).isolated, true, name);
      assert.equal(named<ProcessingStep>(steps, name).environment, undefined, name);
    }
  });

  it("lets nothing out where nothing is tracked", () => {
    assert.equal(named<TrainingStep>(stepsOf(), "train-model").isolated, true);
  });
});

describe("model/pipeline: what people decide", () => {
  const { hyperparameters } = settings;
  const table: [title: string, change: Partial<PipelineSettings>, problems: string[]][] = [
    ["a threshold above 1", { threshold: 60 }, ["`threshold`: got 60, expected a number from 0 to 1. Correct it."]],
    ["a threshold below 0", { threshold: -0.1 }, ["`threshold`: got -0.1, expected a number from 0 to 1. Correct it."]],
    ["no number", { threshold: Number.NaN }, ["`threshold`: got null, expected a number from 0 to 1. Correct it."]],
    [
      "an unknown metric",
      { metric: "accuracy" as "r2" },
      ['`metric`: got "accuracy", expected one of r2, within_10_percent, explained_variance. Correct it.'],
    ],
    [
      "an unknown algorithm",
      { hyperparameters: { ...hyperparameters, algorithm: "boosting" as "ridge" } },
      ['`hyperparameters.algorithm`: got "boosting", expected one of linear, ridge, forest. Correct it.'],
    ],
    [
      "hyper-parameters out of range",
      { hyperparameters: { ...hyperparameters, alpha: -1, trees: 2.5, depth: 65 } },
      [
        "`hyperparameters.alpha`: got -1, expected a number from 0 to 1000000. Correct it.",
        "`hyperparameters.trees`: got 2.5, expected a whole number from 1 to 2000. Correct it.",
        "`hyperparameters.depth`: got 65, expected a whole number from 1 to 64. Correct it.",
      ],
    ],
    [
      "a grid of nothing",
      { tuning: { grid: {}, parallel: 0 } },
      [
        "`tuning.grid`: got {}, expected at least one hyper-parameter. Add one or turn tuning off.",
        "`tuning.parallel`: got 0, expected a whole number from 1 to 10. Correct it.",
      ],
    ],
    [
      "a grid of what there is not, of nothing, of the same twice and of what is out of range",
      {
        tuning: {
          grid: { leaves: [1], alpha: [], trees: [5, 5], depth: [0] } as unknown as Grid,
          parallel: 1,
        },
      },
      [
        '`tuning.grid`: got "leaves", expected algorithm, alpha, trees or depth. Correct the name.',
        "`tuning.grid.alpha`: got [], expected 1 to 30 values. Add or drop values.",
        "`tuning.grid.trees`: got [5,5], expected each value once. Drop the second.",
        "`tuning.grid.depth`: got 0, expected a whole number from 1 to 64. Correct it.",
      ],
    ],
  ];
  for (const [title, change, problems] of table) {
    it(`refuses ${title}, saying what is wrong`, () => {
      const wrong = { ...settings, ...change };
      assert.deepEqual(validateTraining(wrong), problems);
      assert.throws(() => modelPipeline(wrong), {
        name: "RangeError",
        message: `the model pipeline is wrong:\n${problems.join("\n")}`,
      });
    });
  }

  it("takes both ends of what is allowed", () => {
    for (const threshold of [0, 1]) assert.deepEqual(validateTraining({ ...settings, threshold }), []);
  });
});

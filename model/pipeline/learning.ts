import { parameterNames, runsPrefix, stepNames, trainingChannels } from "./names.ts";
import { codeUri, fixed, job, program, runOf } from "./job.ts";
import type { PipelineSettings } from "./settings.ts";
import { asText, bestJobOf, join, modelOf, outputOf, parameter, training, tuning } from "./steps.ts";
import type { Channel, Text, TrainingStep, TuningStep } from "./types.ts";

/** What training and tuning have in common. */
function learning(settings: PipelineSettings) {
  const { preprocess: data } = stepNames;
  const channel = (output: string): Channel => ({ from: outputOf(data, output), contentType: "text/csv" });
  const { trackingUri } = settings;
  return {
    ...job(settings, "train"),
    // Who has to report to a server cannot be cut off from it.
    isolated: settings.surroundings.isolated && trackingUri === undefined,
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
export function learn(settings: PipelineSettings): { step: TrainingStep | TuningStep; model: Text } {
  if (settings.tuning === undefined) return { step: train(settings), model: modelOf(stepNames.train) };
  const folder = `s3://${settings.bucket}/${runsPrefix}/${stepNames.tune}`;
  return {
    step: tune(settings, settings.tuning),
    model: join([folder, bestJobOf(stepNames.tune), "output/model.tar.gz"]),
  };
}

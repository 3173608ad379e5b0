import type {
  ConditionStep,
  Join,
  JsonGet,
  ProcessingStep,
  Reference,
  RegisterStep,
  Step,
  Text,
  TrainingStep,
  TuningStep,
} from "./types.ts";

export const processing = (step: Omit<ProcessingStep, "kind">): ProcessingStep => ({ kind: "processing", ...step });
export const training = (step: Omit<TrainingStep, "kind">): TrainingStep => ({ kind: "training", ...step });
export const tuning = (step: Omit<TuningStep, "kind">): TuningStep => ({ kind: "tuning", ...step });
export const register = (step: Omit<RegisterStep, "kind">): RegisterStep => ({ kind: "register", ...step });
export const condition = (step: Omit<ConditionStep, "kind">): ConditionStep => ({ kind: "condition", ...step });

/** A parameter of the execution. */
export function parameter(name: string): Reference {
  return { Get: `Parameters.${name}` };
}

/** The id of the execution, which no other ever has. */
export const executionId: Reference = { Get: "Execution.PipelineExecutionId" };

/** Where an output of a processing step is, even if an earlier execution wrote it. */
export function outputOf(step: string, output: string): Reference {
  return { Get: `Steps.${step}.ProcessingOutputConfig.Outputs['${output}'].S3Output.S3Uri` };
}

/** The model that a training step made. */
export function modelOf(step: string): Reference {
  return { Get: `Steps.${step}.ModelArtifacts.S3ModelArtifacts` };
}

/** Name of the training job that did best among those of a tuning step. */
export function bestJobOf(step: string): Reference {
  return { Get: `Steps.${step}.BestTrainingJob.TrainingJobName` };
}

/** A value of a property file, by its path in the JSON. */
export function jsonValue(step: string, propertyFile: string, path: string): JsonGet {
  return { "Std:JsonGet": { PropertyFile: { Get: `Steps.${step}.PropertyFiles.${propertyFile}` }, Path: path } };
}

/** Texts and references as one text. */
export function join(values: readonly (string | Reference)[], on = "/"): Join {
  return { "Std:Join": { On: on, Values: values } };
}

/** A number of the execution where only text is taken. */
export function asText(value: Reference): Join {
  return join([value], "");
}

/** Every step, those behind conditions included, each after the condition that leads to it. */
export function allSteps(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) =>
    step.kind === "condition" ? [step, ...allSteps(step.then), ...allSteps(step.otherwise)] : [step],
  );
}

/** References of one text. */
export function referencesOf(text: Text): Reference[] {
  if (typeof text === "string") return [];
  if ("Get" in text) return [text];
  return text["Std:Join"].Values.filter((value) => typeof value !== "string");
}

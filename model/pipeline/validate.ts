import { problem } from "./problems.ts";
import { allSteps, referencesOf } from "./steps.ts";
import type { ConditionStep, PipelineDefinition, ProcessingStep, Reference, Step, Text } from "./types.ts";

/** What SageMaker accepts as the name of a step. */
const stepName = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

function repeated(field: string, names: readonly string[]): string[] {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => problem(field, name, "each name once", "Rename one of the two."));
}

function nameProblems(steps: readonly Step[]): string[] {
  const names = steps.map(({ name }) => name);
  const wrong = names.filter((name) => !stepName.test(name));
  const rule = "1 to 64 letters, digits and dashes";
  return [...wrong.map((name) => problem("steps", name, rule, "Rename it.")), ...repeated("steps", names)];
}

/** Every text of a step that may refer to something. */
function textsOf(step: Step): Text[] {
  switch (step.kind) {
    case "processing":
      return [...step.arguments, ...step.inputs.map(({ from }) => from), ...step.outputs.map(({ to }) => to)];
    case "training":
    case "tuning":
      return [
        ...Object.values(step.channels).map(({ from }) => from),
        ...Object.values(step.hyperparameters),
        step.outputPath,
      ];
    case "register":
      return [step.model, step.statistics, ...Object.values(step.metadata)];
    case "condition":
      return step.conditions.flatMap(({ left, right }) => [
        left["Std:JsonGet"].PropertyFile,
        ...(typeof right === "number" ? [] : [right]),
      ]);
  }
}

function outputProblem(field: string, { Get }: Reference, step: ProcessingStep): string[] {
  const output = /\.ProcessingOutputConfig\.Outputs\['([^']+)'\]\.S3Output\.S3Uri$/.exec(Get)?.[1];
  if (output !== undefined && step.outputs.some(({ name }) => name === output)) return [];
  const file = /\.PropertyFiles\.([^.]+)$/.exec(Get)?.[1];
  if (file !== undefined && step.propertyFiles.some(({ name }) => name === file)) return [];
  const known = [...new Set([...step.outputs, ...step.propertyFiles].map(({ name }) => name))].join(", ") || "none";
  return [problem(field, Get, `an output or a property file of ${step.name}: ${known}`, "Add it or correct the name.")];
}

const properties = {
  training: /\.ModelArtifacts\.S3ModelArtifacts$/,
  tuning: /\.BestTrainingJob\.TrainingJobName$/,
  register: /\.ModelPackageArn$/,
} as const;

function propertyProblem(field: string, reference: Reference, step: Step): string[] {
  if (step.kind === "processing") return outputProblem(field, reference, step);
  if (step.kind === "condition")
    return [problem(field, reference.Get, "a step that leaves something behind", "Refer to another step.")];
  if (properties[step.kind].test(reference.Get)) return [];
  return [problem(field, reference.Get, `a property of a ${step.kind} step`, "Correct the name.")];
}

/** Problems of one reference, given the steps that have surely run before it. */
function referenceProblems(
  field: string,
  reference: Reference,
  known: { parameters: ReadonlySet<string>; before: ReadonlyMap<string, Step> },
): string[] {
  const [source, name = ""] = reference.Get.split(".");
  if (source === "Execution") return [];
  if (source === "Parameters") {
    if (known.parameters.has(name)) return [];
    return [problem(field, reference.Get, "a parameter of the pipeline", "Add the parameter or correct the name.")];
  }
  const step = source === "Steps" ? known.before.get(name) : undefined;
  if (step !== undefined) return propertyProblem(field, reference, step);
  return [problem(field, reference.Get, "a step that runs before it", "Add the step or correct the name.")];
}

/** Steps in order, each with those that ran before it; what one branch does is unknown to the other. */
function walk(
  steps: readonly Step[],
  before: ReadonlyMap<string, Step>,
  visit: (step: Step, before: ReadonlyMap<string, Step>) => string[],
): string[] {
  const seen = new Map(before);
  return steps.flatMap((step) => {
    const problems = visit(step, seen);
    if (step.kind === "condition") problems.push(...walk(step.then, seen, visit), ...walk(step.otherwise, seen, visit));
    seen.set(step.name, step);
    return problems;
  });
}

function shapeProblems(step: Step): string[] {
  switch (step.kind) {
    case "processing":
      return [
        ...repeated(
          `${step.name}.inputs`,
          step.inputs.map(({ name }) => name),
        ),
        ...repeated(
          `${step.name}.outputs`,
          step.outputs.map(({ name }) => name),
        ),
        ...step.propertyFiles
          .filter(({ output }) => !step.outputs.some(({ name }) => name === output))
          .map(({ output }) => problem(`${step.name}.propertyFiles`, output, "an output of the step", "Add it.")),
      ];
    case "training":
    case "tuning": {
      const missing = step.needs.filter((channel) => step.channels[channel] === undefined);
      const problems = missing.map((channel) =>
        problem(
          `${step.name}.channels`,
          Object.keys(step.channels),
          `a channel ${channel}`,
          "The code reads it: add it.",
        ),
      );
      if (step.kind === "tuning" && !step.metrics.some(({ name }) => name === step.objective))
        problems.push(problem(`${step.name}.objective`, step.objective, "a metric of the step", "Add or correct it."));
      return problems;
    }
    case "condition":
      return thresholdProblems(step);
    case "register":
      return [];
  }
}

function thresholdProblems({ name, conditions }: ConditionStep): string[] {
  return conditions.flatMap(({ right }) =>
    typeof right !== "number" || (right >= 0 && right <= 1)
      ? []
      : [problem(`${name}.conditions`, right, "a number from 0 to 1", "Correct it.")],
  );
}

/** Problems of a pipeline, one line each: what SageMaker would refuse, or would only find out at the end of a run. */
export function validatePipeline({ parameters, steps }: PipelineDefinition): string[] {
  const names = parameters.map(({ name }) => name);
  const known = new Set(names);
  const everyStep = allSteps(steps);
  return [
    ...repeated("parameters", names),
    ...nameProblems(everyStep),
    ...everyStep.flatMap(shapeProblems),
    ...walk(steps, new Map(), (step, before) =>
      textsOf(step).flatMap((text) =>
        referencesOf(text).flatMap((reference) =>
          referenceProblems(step.name, reference, { parameters: known, before }),
        ),
      ),
    ),
  ];
}

import type { Json } from "../../release/canonical.ts";
import { argumentProblems } from "./arguments.ts";
import { conditionProblems } from "./conditions.ts";
import { notRunnable, type Pipeline, type Step } from "./definition.ts";
import { executionVariables } from "./execution.ts";
import { referencesIn, ValueError, type Reference } from "./values.ts";

/** The steps in an order in which each comes after all that it needs. */
export interface Plan {
  steps: readonly Step[];
  /** What each step waits for, by name. */
  needs: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Looks at everything that can be known before a step runs.
 * @throws SlipwayError (usage) that names every step, function, reference and member which local mode does not understand.
 */
export function planOf(pipeline: Pipeline, where: string): Plan {
  const steps = new Map(pipeline.steps.map((step) => [step.name, step]));
  const problems = [
    ...repeated(pipeline.steps),
    ...pipeline.steps.flatMap((step) => stepProblems(step, steps, pipeline)),
  ];
  if (problems.length > 0) throw notRunnable(where, problems);
  const needs = new Map(pipeline.steps.map((step) => [step.name, needsOf(step)]));
  return { steps: inOrder(pipeline.steps, needs, where), needs };
}

function repeated(steps: readonly Step[]): string[] {
  const names = steps.map(({ name }) => name);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return [...twice].map((name) => `step ${name}: there are two of this name`);
}

/** References of a step's arguments; a function that is not understood becomes a problem instead. */
function references(step: Step): { found: Reference[]; problems: string[] } {
  try {
    return { found: referencesIn(step.arguments), problems: [] };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return { found: [], problems: [`step ${step.name}: ${error.message}`] };
  }
}

function needsOf(step: Step): Set<string> {
  const referred = references(step).found.flatMap((reference) => ("step" in reference ? [reference.step] : []));
  const condition = step.branch === undefined ? [] : [step.branch.condition];
  return new Set([...step.dependsOn, ...referred, ...condition]);
}

function stepProblems(step: Step, steps: ReadonlyMap<string, Step>, { parameters }: Pipeline): string[] {
  const { found, problems } = references(step);
  if (problems.length > 0) return problems;
  const at = `step ${step.name}`;
  const known = new Set(parameters.map(({ name }) => name));
  const shape =
    step.type === "Condition"
      ? conditionProblems(step.arguments["Conditions"], `${at}: Conditions`)
      : argumentProblems(step);
  const missing = step.dependsOn.filter((name) => !steps.has(name));
  return [
    ...shape,
    ...missing.map((name) => `${at}: DependsOn: there is no step ${name}`),
    ...fileProblems(step),
    ...found.flatMap((reference) => referenceProblem(reference, { known, steps, from: step }) ?? []),
  ].map((problem) => (problem.startsWith(at) ? problem : `${at}: ${problem}`));
}

function fileProblems({ type, propertyFiles, arguments: args }: Step): string[] {
  if (propertyFiles.length > 0 && type !== "Processing") return ["PropertyFiles: only a Processing step has them here"];
  const outputs = outputNames(args);
  return propertyFiles
    .filter(({ output }) => !outputs.includes(output))
    .map(({ name, output }) => `property file ${name}: there is no output ${output}`);
}

function outputNames(args: Step["arguments"]): string[] {
  const config = args["ProcessingOutputConfig"] as { Outputs?: { OutputName?: string }[] } | undefined;
  return (config?.Outputs ?? []).flatMap(({ OutputName }) => OutputName ?? []);
}

interface Surroundings {
  known: ReadonlySet<string>;
  steps: ReadonlyMap<string, Step>;
  from: Step;
}

function referenceProblem(reference: Reference, { known, steps, from }: Surroundings): string | undefined {
  switch (reference.kind) {
    case "parameter":
      return known.has(reference.name) ? undefined : `there is no parameter ${reference.name}`;
    case "execution":
      return (executionVariables as readonly string[]).includes(reference.name)
        ? undefined
        : `Execution.${reference.name} is not one that local mode knows (${executionVariables.join(", ")})`;
    case "property":
    case "property-file": {
      const step = steps.get(reference.step);
      if (step === undefined) return `there is no step ${reference.step}`;
      if (!reachable(step, from, steps)) return `${step.name} runs in another branch and may not run at all`;
      return reference.kind === "property"
        ? propertyProblem(step, reference.property)
        : fileProblem(step, reference.file);
    }
  }
}

/** Whether a step has surely run when `from` does: it is in no branch, or in one that `from` is in as well. */
function reachable(step: Step, from: Step, steps: ReadonlyMap<string, Step>): boolean {
  for (let { branch } = step; branch !== undefined; branch = steps.get(branch.condition)?.branch)
    if (!inside(from, branch, steps)) return false;
  return true;
}

function inside(from: Step, wanted: NonNullable<Step["branch"]>, steps: ReadonlyMap<string, Step>): boolean {
  for (let { branch } = from; branch !== undefined; branch = steps.get(branch.condition)?.branch)
    if (branch.condition === wanted.condition && branch.outcome === wanted.outcome) return true;
  return false;
}

const fileProblem = (step: Step, file: string) =>
  step.propertyFiles.some(({ name }) => name === file) ? undefined : `${step.name} has no property file ${file}`;

const job = "(?:TrainingJobName|TrainingJobArn)";
/** Properties that steps have here, by type. */
const properties: Readonly<Record<Step["type"], RegExp>> = {
  Processing: /^(?:ProcessingJobName|ProcessingJobArn|ProcessingOutputConfig\.Outputs\['[^']+'\]\.S3Output\.S3Uri)$/,
  Training: new RegExp(
    `^(?:${job}|ModelArtifacts\\.S3ModelArtifacts|OutputDataConfig\\.S3OutputPath|FinalMetricDataList\\['[^']+'\\]\\.Value)$`,
  ),
  Tuning: new RegExp(
    `^(?:HyperParameterTuningJobName|HyperParameterTuningJobArn|BestTrainingJob\\.${job}|` +
      `BestTrainingJob\\.FinalHyperParameterTuningJobObjectiveMetric\\.Value|TrainingJobSummaries\\[\\d+\\]\\.${job})$`,
  ),
  Condition: /^Outcome$/,
  RegisterModel: /^(?:ModelPackageArn|ModelPackageGroupName|ModelApprovalStatus)$/,
  Fail: /^(?!)/,
};

function propertyProblem(step: Step, property: string): string | undefined {
  if (!properties[step.type].test(property)) return `${step.name} (${step.type}) has no property ${property} here`;
  const output = /^ProcessingOutputConfig\.Outputs\['([^']+)'\]/.exec(property)?.[1];
  if (output === undefined || outputNames(step.arguments).includes(output)) return undefined;
  return `${step.name} has no output ${output}`;
}

/** Takes again and again the first step, as written, of those whose needs are met. */
function inOrder(steps: readonly Step[], needs: ReadonlyMap<string, ReadonlySet<string>>, where: string): Step[] {
  const ordered: Step[] = [];
  const left = [...steps];
  while (left.length > 0) {
    const done = new Set(ordered.map(({ name }) => name));
    const at = left.findIndex(({ name }) => [...(needs.get(name) ?? [])].every((need) => done.has(need)));
    const [next] = at === -1 ? [] : left.splice(at, 1);
    if (next === undefined)
      throw notRunnable(where, [`steps ${left.map(({ name }) => name).join(", ")} wait for each other`]);
    ordered.push(next);
  }
  return ordered;
}

/** Jobs that name no program and whose image is not known to start one. */
export function startProblems(
  { steps }: Plan,
  entrypointOf: (image: string) => readonly string[] | undefined,
): string[] {
  return steps.flatMap(({ name, type, arguments: args }) => {
    const job = (type === "Tuning" ? args["TrainingJobDefinition"] : args) as Record<string, Json>;
    const program = (type === "Processing" ? job["AppSpecification"] : job["AlgorithmSpecification"]) as
      Record<string, Json> | undefined;
    const image = program?.["ImageUri"] ?? program?.["TrainingImage"];
    // An image that a function names is known when the step begins.
    if (typeof image !== "string" || program?.["ContainerEntrypoint"] !== undefined) return [];
    if (entrypointOf(image) !== undefined) return [];
    return [`step ${name}: it has no ContainerEntrypoint, and what its image ${image} starts is not known here`];
  });
}

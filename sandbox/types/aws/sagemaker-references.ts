import { block, list, text } from "../build.ts";
import type { Properties } from "../type-spec.ts";

/** A step with where it stands: those behind a condition run only once the condition was looked at. */
export interface PlacedStep {
  name: string;
  step: Properties;
  /** The condition that leads to it. */
  condition?: string;
}

/** Every step of a definition, those behind conditions included. */
export function placedSteps(steps: unknown, condition?: string): PlacedStep[] {
  return list(steps).flatMap((entry) => {
    const step = block(entry);
    const name = text(step["Name"]) ?? "";
    const { IfSteps, ElseSteps } = block(step["Arguments"]);
    const placed = { name, step, ...(condition === undefined ? {} : { condition }) };
    return [placed, ...placedSteps(IfSteps, name), ...placedSteps(ElseSteps, name)];
  });
}

const executionAttributes = [
  ...["StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn"],
  ...["PipelineExecutionId", "PipelineExecutionArn"],
];

/** `{"Get": …}` anywhere in a value; steps behind a condition speak for themselves. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== "object" || value === null) return [];
  const { Get, ...rest } = value as Properties;
  const own = typeof Get === "string" && Object.keys(rest).length === 0 ? [Get] : [];
  const nested = Object.entries(value).filter(([key]) => key !== "IfSteps" && key !== "ElseSteps");
  return [...own, ...nested.flatMap(([, item]) => referencesIn(item))];
}

/** References of a step that lead nowhere. */
export function referenceProblems(
  { name, step }: PlacedStep,
  parameters: readonly string[],
  steps: readonly PlacedStep[],
): string[] {
  const lost = list(step["DependsOn"])
    .map(String)
    .filter((other) => !steps.some((placed) => placed.name === other));
  return [
    ...lost.map((other) => `Step '${name}' depends on '${other}', which is no step of the pipeline`),
    ...[...new Set(referencesIn(step))].flatMap((reference) => {
      const problem = referenceProblem(reference, parameters, steps);
      return problem === undefined ? [] : [`Unknown property reference '${reference}' in step '${name}': ${problem}`];
    }),
  ];
}

function referenceProblem(
  reference: string,
  parameters: readonly string[],
  steps: readonly PlacedStep[],
): string | undefined {
  const [source = "", name = "", ...rest] = reference.split(".");
  if (source === "Parameters") return parameters.includes(name) ? undefined : `there is no parameter '${name}'`;
  if (source === "Execution")
    return executionAttributes.includes(name) ? undefined : `an execution has ${executionAttributes.join(", ")}`;
  if (source !== "Steps") return "expected Parameters, Execution or Steps";
  const target = steps.find((placed) => placed.name === name);
  return target === undefined ? `there is no step '${name}'` : propertyProblem(target.step, rest.join("."));
}

/** Outputs and property files are declared by the step; what else a job leaves behind is known to the service alone. */
function propertyProblem(step: Properties, property: string): string | undefined {
  const file = /^PropertyFiles\.(.+)$/.exec(property)?.[1];
  if (file !== undefined) {
    const files = list(step["PropertyFiles"]).map((entry) => block(entry)["PropertyFileName"]);
    return files.includes(file) ? undefined : `the step has no property file '${file}'`;
  }
  const output = /^ProcessingOutputConfig\.Outputs\['([^']+)'\]/.exec(property)?.[1];
  if (output === undefined || outputsOf(step).includes(output)) return undefined;
  return `the step has no output '${output}'`;
}

/** Names of the outputs of a processing step. */
export function outputsOf(step: Properties): string[] {
  const { Outputs } = block(block(step["Arguments"])["ProcessingOutputConfig"]);
  return list(Outputs).flatMap((entry) => text(block(entry)["OutputName"]) ?? []);
}

/** A circle of steps that wait for each other, in order; undefined where there is none. */
export function circleOf(steps: readonly PlacedStep[]): string[] | undefined {
  const waits = new Map(steps.map((placed) => [placed.name, waitsFor(placed)]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const other of waits.get(name) ?? []) {
      const circle = visit(other, [...path, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of steps) {
    const circle = visit(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function waitsFor({ step, condition }: PlacedStep): string[] {
  const referred = referencesIn(step).flatMap((reference) => /^Steps\.([^.]+)/.exec(reference)?.[1] ?? []);
  return [...referred, ...list(step["DependsOn"]).map(String), ...(condition === undefined ? [] : [condition])];
}

import { block, list, text } from "../build.ts";
import type { Properties } from "../type-spec.ts";
import { circleOf, outputsOf, placedSteps, referenceProblems, type PlacedStep } from "./sagemaker-references.ts";

const version = "2020-12-01";
const parameterTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === "string",
  Integer: (value) => Number.isInteger(value),
  Float: (value) => typeof value === "number",
  Boolean: (value) => typeof value === "boolean",
};
/** Steps that SageMaker can take over from an earlier execution. */
const cached = ["Processing", "Training", "Tuning", "AutoML", "Transform", "QualityCheck", "ClarifyCheck", "EMR"];
const kinds = [
  ...cached,
  ...["Model", "RegisterModel", "Condition", "Callback", "Lambda", "Fail", "NotebookJob", "EMRServerless"],
];
const comparisons = ["Equals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"];

/** What SageMaker says of a pipeline definition: nothing, or each problem with what it is about. */
export function pipelineProblems(source: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch (error) {
    return [`Pipeline definition is not valid JSON: ${(error as Error).message}`];
  }
  const definition = block(parsed);
  if (definition["Version"] !== version)
    return [`Version must be '${version}', got ${JSON.stringify(definition["Version"]) ?? "nothing"}`];
  const steps = placedSteps(definition["Steps"]);
  if (steps.length === 0) return ["Steps must hold at least one step"];
  const parameters = list(definition["Parameters"]).map(block);
  const names = parameters.map((parameter) => text(parameter["Name"]) ?? "");
  const problems = [
    ...repeated(names).map((name) => `Parameter '${name}' is defined twice`),
    ...parameters.flatMap(parameterProblems),
    ...repeated(steps.map(({ name }) => name)).map((name) => `Step names must be unique, '${name}' is used twice`),
    ...steps.flatMap(stepProblems),
    ...steps.flatMap((placed) => referenceProblems(placed, names, steps)),
  ];
  const circle = problems.length === 0 ? circleOf(steps) : undefined;
  return circle === undefined ? problems : [`Cyclic dependency between steps: ${circle.join(" -> ")}`];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function parameterProblems(parameter: Properties): string[] {
  const { Name, Type, DefaultValue, EnumValues } = parameter;
  const fits = parameterTypes[text(Type) ?? ""];
  if (!/^[A-Za-z0-9\-_]{1,256}$/.test(text(Name) ?? "")) return [`'${String(Name)}' is no name of a parameter`];
  if (fits === undefined)
    return [`Type of parameter '${String(Name)}' must be one of ${Object.keys(parameterTypes).join(", ")}`];
  if (DefaultValue !== undefined && !fits(DefaultValue))
    return [`DefaultValue of parameter '${String(Name)}' must be of type ${String(Type)}`];
  const outside = EnumValues !== undefined && DefaultValue !== undefined && !list(EnumValues).includes(DefaultValue);
  return outside ? [`DefaultValue of parameter '${String(Name)}' is not among its EnumValues`] : [];
}

function stepProblems({ name, step }: PlacedStep): string[] {
  const kind = text(step["Type"]) ?? "";
  if (!/^[A-Za-z0-9\-_]{1,64}$/.test(name))
    return [`Step name '${name}' must have 1 to 64 letters, digits, hyphens and underscores`];
  if (!kinds.includes(kind)) return [`Type '${kind}' of step '${name}' is not one of ${kinds.join(", ")}`];
  if (typeof step["Arguments"] !== "object" || step["Arguments"] === null) return [`Step '${name}' has no Arguments`];
  return [
    ...cacheProblems(name, kind, step["CacheConfig"]),
    ...propertyFileProblems(name, step),
    ...(kind === "Condition" ? conditionProblems(name, block(step["Arguments"])) : []),
  ];
}

function cacheProblems(name: string, kind: string, config: unknown): string[] {
  if (config === undefined) return [];
  if (!cached.includes(kind)) return [`Step '${name}' of type ${kind} takes no CacheConfig`];
  const { Enabled, ExpireAfter } = block(config);
  if (typeof Enabled !== "boolean") return [`CacheConfig of step '${name}' must say whether it is Enabled`];
  const valid = ExpireAfter === undefined || isDuration(text(ExpireAfter) ?? "");
  return valid ? [] : [`ExpireAfter of step '${name}' must be an ISO 8601 duration such as P30D or T12H`];
}

/** SageMaker writes a time without days both as `T1H` and `PT1H`. */
function isDuration(value: string): boolean {
  const found = /^P?(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$/i.exec(value);
  return found !== null && /\d/.test(value) && !value.toUpperCase().endsWith("T");
}

function propertyFileProblems(name: string, step: Properties): string[] {
  const files = list(step["PropertyFiles"]).map(block);
  const outputs = outputsOf(step);
  return files.flatMap(({ PropertyFileName, OutputName, FilePath }) => {
    if (text(PropertyFileName) === undefined || text(FilePath) === undefined)
      return [`PropertyFiles of step '${name}' need PropertyFileName, OutputName and FilePath`];
    if (outputs.includes(text(OutputName) ?? "")) return [];
    return [`Property file '${String(PropertyFileName)}' of step '${name}' names no output of it`];
  });
}

function conditionProblems(name: string, { Conditions, IfSteps, ElseSteps }: Properties): string[] {
  if (list(Conditions).length === 0) return [`Step '${name}' has no Conditions`];
  const steps = list(IfSteps).length + list(ElseSteps).length;
  return [
    ...(steps === 0 ? [`Step '${name}' leads to no step: IfSteps and ElseSteps are empty`] : []),
    ...list(Conditions).flatMap((condition) => comparisonProblems(name, block(condition))),
  ];
}

function comparisonProblems(name: string, condition: Properties): string[] {
  const kind = text(condition["Type"]) ?? "";
  const lacks = (...keys: string[]) =>
    keys.filter((key) => condition[key] === undefined).map((key) => `Condition ${kind} of step '${name}' lacks ${key}`);
  if (comparisons.includes(kind)) return lacks("LeftValue", "RightValue");
  switch (kind) {
    case "In":
      return lacks("QueryValue", "Values");
    case "Not":
      return [...lacks("Expression"), ...comparisonProblems(name, block(condition["Expression"]))];
    case "Or":
      return [
        ...lacks("Conditions"),
        ...list(condition["Conditions"]).flatMap((one) => comparisonProblems(name, block(one))),
      ];
    default:
      return [
        `Type '${kind}' of a condition of step '${name}' is not one of ${[...comparisons, "In", "Not", "Or"].join(", ")}`,
      ];
  }
}

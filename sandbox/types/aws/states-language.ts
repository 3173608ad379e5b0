import { block, list, text } from "../build.ts";
import type { Properties } from "../type-spec.ts";
import { taskProblems, retryProblems, waitProblems } from "./states-tasks.ts";

/** What Step Functions says of a definition: nothing, or each diagnostic with the place it is about. */
export function definitionProblems(source: string): string[] {
  let definition: unknown;
  try {
    definition = JSON.parse(source);
  } catch (error) {
    return [`INVALID_JSON_DESCRIPTION: ${(error as Error).message}`];
  }
  return machineProblems(block(definition), "", text(block(definition)["QueryLanguage"]));
}

const kinds = ["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"];

/** A whole machine, or one branch of a Parallel or Map state. */
function machineProblems(machine: Properties, path: string, language: string | undefined): string[] {
  const states = block(machine["States"]);
  const names = Object.keys(states);
  const start = text(machine["StartAt"]);
  if (names.length === 0) return [schema("These fields are required: [States]", path)];
  if (start === undefined) return [schema("These fields are required: [StartAt]", path)];
  if (!names.includes(start))
    return [`MISSING_TRANSITION_TARGET: Missing 'StartAt' target: ${start} at ${path}/StartAt`];
  const problems = names.flatMap((name) => {
    const own = block(states[name]);
    return stateProblems(own, `${path}/States/${name}`, { names, language: text(own["QueryLanguage"]) ?? language });
  });
  const long = names
    .filter((name) => name.length > 80)
    .map((name) => schema("a state name has at most 80 characters", name));
  return [...problems, ...long, ...unreachable(states, start, path)];
}

const schema = (message: string, path: string): string => `SCHEMA_VALIDATION_FAILED: ${message} at ${path || "/"}`;

interface Surroundings {
  names: readonly string[];
  language: string | undefined;
}

function stateProblems(state: Properties, path: string, { names, language }: Surroundings): string[] {
  const kind = text(state["Type"]) ?? "";
  if (!kinds.includes(kind))
    return [schema(`Value is not one of the allowed values: [${kinds.join(", ")}]`, `${path}/Type`)];
  const targets = transitions(state).filter(({ target }) => !names.includes(target));
  return [
    ...targets.map(
      ({ target, at }) =>
        `MISSING_TRANSITION_TARGET: Missing '${at.split("/").pop()}' target: ${target} at ${path}/${at}`,
    ),
    ...endProblems(state, kind, path),
    ...(kind === "Choice" ? choiceProblems(state, path) : []),
    ...(kind === "Task" ? taskProblems(state, path) : []),
    ...(kind === "Wait" ? waitProblems(state, path) : []),
    ...retryProblems(state, path),
    ...(language === "JSONata" ? [] : templateProblems(state, path)),
    ...branchesOf(state).flatMap(({ branch, at }) => machineProblems(branch, `${path}/${at}`, language)),
    ...(["Parallel", "Map"].includes(kind) && branchesOf(state).length === 0
      ? [schema(`These fields are required: [${kind === "Map" ? "ItemProcessor" : "Branches"}]`, path)]
      : []),
  ];
}

interface Transition {
  target: string;
  at: string;
}

function transitions(state: Properties): Transition[] {
  const found: Transition[] = [];
  const add = (value: unknown, at: string): void => {
    if (typeof value === "string") found.push({ target: value, at });
  };
  add(state["Next"], "Next");
  add(state["Default"], "Default");
  list(state["Choices"]).forEach((choice, index) => add(block(choice)["Next"], `Choices[${index}]/Next`));
  list(state["Catch"]).forEach((entry, index) => add(block(entry)["Next"], `Catch[${index}]/Next`));
  return found;
}

/** Every path comes to an end: final states have no way on, all others have exactly one. */
function endProblems(state: Properties, kind: string, path: string): string[] {
  const ways = [state["Next"] !== undefined, state["End"] === true].filter(Boolean).length;
  const final = ["Succeed", "Fail", "Choice"].includes(kind);
  if (final) return ways === 0 ? [] : [schema(`Next and End are not supported for ${kind} states`, path)];
  return ways === 1 ? [] : [schema("exactly one of these fields is required: [Next, End]", path)];
}

function choiceProblems(state: Properties, path: string): string[] {
  const choices = list(state["Choices"]).map(block);
  if (choices.length === 0) return [schema("These fields are required: [Choices]", path)];
  return choices.flatMap((choice, index) => {
    const at = `${path}/Choices[${index}]`;
    const next = choice["Next"] === undefined ? [schema("These fields are required: [Next]", at)] : [];
    return [...next, ...ruleProblems(choice, at)];
  });
}

const comparison =
  /^(Boolean|Numeric|String|Timestamp)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(Path)?$/;
const test = /^(StringMatches|Is(Null|Present|Numeric|String|Boolean|Timestamp))$/;

function ruleProblems(rule: Properties, path: string): string[] {
  if (rule["Condition"] !== undefined) return [];
  const joined = ["And", "Or"].find((name) => rule[name] !== undefined);
  if (joined !== undefined)
    return list(rule[joined]).flatMap((part, index) => ruleProblems(block(part), `${path}/${joined}[${index}]`));
  if (rule["Not"] !== undefined) return ruleProblems(block(rule["Not"]), `${path}/Not`);
  const operators = Object.keys(rule).filter((key) => comparison.test(key) || test.test(key));
  if (operators.length !== 1) return [schema("exactly one comparison operator is required", path)];
  return typeof rule["Variable"] === "string" ? [] : [schema("These fields are required: [Variable]", path)];
}

/** Fields whose name ends in `.$` hold a path or an intrinsic function. */
function templateProblems(state: Properties, path: string): string[] {
  const walk = (value: unknown, at: string): string[] => {
    if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, `${at}[${index}]`));
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, item]) => {
      if (!key.endsWith(".$")) return walk(item, `${at}/${key}`);
      const reference = typeof item === "string" && /^(\$|States\.\w+\(.*\)$)/s.test(item);
      return reference
        ? []
        : [schema(`The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`, at)];
    });
  };
  return ["Parameters", "ResultSelector", "ItemSelector"].flatMap((key) => walk(state[key], `${path}/${key}`));
}

interface Branch {
  branch: Properties;
  at: string;
}

function branchesOf(state: Properties): Branch[] {
  const each = ["ItemProcessor", "Iterator"].filter((key) => state[key] !== undefined);
  return [
    ...list(state["Branches"]).map((branch, index) => ({ branch: block(branch), at: `Branches[${index}]` })),
    ...each.map((at) => ({ branch: block(state[at]), at })),
  ];
}

function unreachable(states: Properties, start: string, path: string): string[] {
  const seen = new Set([start]);
  for (const name of seen) for (const { target } of transitions(block(states[name]))) seen.add(target);
  return Object.keys(states)
    .filter((name) => !seen.has(name))
    .map((name) => `MISSING_TRANSITION_TARGET: State "${name}" is not reachable. at ${path}/States/${name}`);
}

/** Every Task of a definition that parses, wherever it is nested. */
export function tasksOf(machine: Properties): Properties[] {
  return Object.values(block(machine["States"]))
    .map(block)
    .flatMap((state) => [
      ...(state["Type"] === "Task" ? [state] : []),
      ...branchesOf(state).flatMap(({ branch }) => tasksOf(branch)),
    ]);
}

import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/iam.ts";
import { problem } from "../../shared/validation.ts";
import { renderState } from "./render.ts";
import { type State, type Template, targetsOf } from "./states.ts";

export interface MachineArgs {
  comment: string;
  /** Name of the first state. */
  startAt: string;
  states: readonly State[];
  /** Longest time of one execution. */
  timeoutSeconds: number;
}

export interface Machine {
  /** Amazon States Language, to be rendered by `pulumi.jsonStringify`. */
  definition: { [key: string]: Template };
  /** What its role has to be allowed, folded from the states. */
  statements: Statement[];
}

/** States that `from` leads to, itself included. */
function reachable(from: readonly string[], edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(from);
  // A set also visits what is added while it is walked.
  for (const name of seen) for (const next of edges.get(name) ?? []) seen.add(next);
  return seen;
}

function reversed(edges: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const back = new Map<string, string[]>();
  for (const [from, targets] of edges) for (const to of targets) back.set(to, [...(back.get(to) ?? []), from]);
  return back;
}

function nameProblems(states: readonly State[]): string[] {
  const names = states.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return twice.map((name) => problem("states", name, "each name once", "Rename one of the two."));
}

function targetProblems({ startAt, states }: MachineArgs): string[] {
  const names = new Set(states.map(({ name }) => name));
  const missing = (field: string, target: string) =>
    names.has(target) ? [] : [problem(field, target, "the name of a state", "Add the state or correct the name.")];
  return [
    ...missing("startAt", startAt),
    ...states.flatMap((state) => targetsOf(state).flatMap((target) => missing(`${state.name}.next`, target))),
  ];
}

function pathProblems({ startAt, states }: MachineArgs): string[] {
  const edges = new Map(states.map((state) => [state.name, targetsOf(state)]));
  const ends = states.filter(({ type }) => type === "Succeed" || type === "Fail").map(({ name }) => name);
  const entered = reachable([startAt], edges);
  const left = reachable(ends, reversed(edges));
  return states.flatMap(({ name }) => {
    const problems: string[] = [];
    if (!entered.has(name))
      problems.push(problem("states", name, "a way from the start to it", "Lead to it or drop it."));
    if (!left.has(name)) problems.push(problem("states", name, "a way from it to an end", "Lead it to an end."));
    return problems;
  });
}

function catchProblems(state: State): string[] {
  if (state.type !== "Task") return [];
  const errors = state.catch.map((catcher) => [...catcher.errors]);
  // AWS takes the catch-all only alone and last.
  const all = errors.flatMap((names, index) => (names.includes("States.ALL") ? [index] : []));
  if (all.length === 1 && all[0] === errors.length - 1 && errors.at(-1)?.length === 1) return [];
  const rule = "States.ALL once, alone in the last catcher";
  return [problem(`${state.name}.catch`, errors, rule, "Lead what is not expected to a state that reports it.")];
}

/** Problems of the graph, one line each. */
export function validateMachine(args: MachineArgs): string[] {
  const broken = [...nameProblems(args.states), ...targetProblems(args)];
  // Where names are wrong, ways cannot be followed.
  const paths = broken.length > 0 ? [] : pathProblems(args);
  return [...broken, ...paths, ...args.states.flatMap(catchProblems)];
}

/** Whether two values are the same as far as that can be known: two Outputs are the same only if they are one. */
function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (pulumi.Output.isInstance(left) || pulumi.Output.isInstance(right)) return false;
  const keys = Object.keys(left);
  const of = (value: object, key: string) => (value as Record<string, unknown>)[key];
  return keys.length === Object.keys(right).length && keys.every((key) => same(of(left, key), of(right, key)));
}

const withoutResources = ({ resources: _, ...rest }: Statement) => rest;

/**
 * Statements with the same name made one, with the resources of all of them.
 * @throws RangeError where two of one name allow different things.
 */
export function foldStatements(statements: readonly Statement[]): Statement[] {
  const folded = new Map<string, Statement>();
  for (const statement of statements) {
    const known = folded.get(statement.sid);
    if (known !== undefined && !same(withoutResources(known), withoutResources(statement))) {
      throw new RangeError(`two statements ${statement.sid} differ in more than their resources.`);
    }
    const resources = [...new Set([...(known?.resources ?? []), ...(statement.resources ?? [])])];
    folded.set(statement.sid, { ...statement, resources });
  }
  return [...folded.values()];
}

/**
 * A graph of states as a definition and the permissions it needs.
 * @throws RangeError that lists every problem of the graph.
 */
export function defineMachine(args: MachineArgs): Machine {
  const problems = validateMachine(args);
  if (problems.length > 0) throw new RangeError(`the state machine is wrong:\n${problems.join("\n")}`);
  return {
    definition: {
      Comment: args.comment,
      QueryLanguage: "JSONata",
      StartAt: args.startAt,
      TimeoutSeconds: args.timeoutSeconds,
      States: Object.fromEntries(args.states.map((state) => [state.name, renderState(state)])),
    },
    statements: foldStatements(args.states.flatMap((state) => (state.type === "Task" ? state.statements : []))),
  };
}

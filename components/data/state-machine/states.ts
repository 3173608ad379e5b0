import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/iam.ts";

/** JSON of a definition. Texts in `{% %}` are JSONata; values of other resources stand beside expressions, never in them. */
export type Template =
  pulumi.Input<string> | number | boolean | null | readonly Template[] | { readonly [key: string]: Template };

/** Errors that are worth another attempt, and how long to wait before it. */
export interface Retrier {
  errors: readonly string[];
  intervalSeconds: number;
  maxAttempts: number;
  /** Longest wait between two attempts. Defaults to a minute. */
  maxDelaySeconds?: number;
}

/** Where an error leads, and with which input. Without an output the next state gets the error itself. */
export interface Catcher {
  errors: readonly string[];
  next: string;
  output?: Template;
}

export interface Rule {
  /** JSONata that gives a boolean. */
  condition: string;
  next: string;
  /** What goes on. Defaults to the input. */
  output?: Template;
}

interface Common {
  name: string;
  comment?: string;
}

/** One call of a service, with the permissions that this very call needs. */
export interface TaskState extends Common {
  type: "Task";
  resource: string;
  arguments: Template;
  /** Longest time of one attempt. */
  timeoutSeconds: number;
  /** Defaults to what the service answers. */
  output?: Template;
  retry: readonly Retrier[];
  catch: readonly Catcher[];
  statements: readonly Statement[];
  next: string;
}

export interface PassState extends Common {
  type: "Pass";
  /** Variables that every later state can read as `$name`. */
  assign: Readonly<Record<string, Template>>;
  next: string;
}

export interface ChoiceState extends Common {
  type: "Choice";
  rules: readonly Rule[];
  /** Where it goes when no rule holds. */
  otherwise: { next: string; output?: Template };
}

export interface WaitState extends Common {
  type: "Wait";
  seconds: number;
  next: string;
}

export interface SucceedState extends Common {
  type: "Succeed";
}

export interface FailState extends Common {
  type: "Fail";
  error: string;
  /** Text, or JSONata that gives one. */
  cause: string;
}

export type State = TaskState | PassState | ChoiceState | WaitState | SucceedState | FailState;

export const task = (state: Omit<TaskState, "type">): TaskState => ({ type: "Task", ...state });
export const pass = (state: Omit<PassState, "type">): PassState => ({ type: "Pass", ...state });
export const choice = (state: Omit<ChoiceState, "type">): ChoiceState => ({ type: "Choice", ...state });
export const wait = (state: Omit<WaitState, "type">): WaitState => ({ type: "Wait", ...state });
export const succeed = (state: Omit<SucceedState, "type">): SucceedState => ({ type: "Succeed", ...state });
export const fail = (state: Omit<FailState, "type">): FailState => ({ type: "Fail", ...state });

/** Names of the states that one state may lead to, each once, in the order they are written. */
export function targetsOf(state: State): string[] {
  switch (state.type) {
    case "Task":
      return [...new Set([state.next, ...state.catch.map(({ next }) => next)])];
    case "Choice":
      return [...new Set([...state.rules.map(({ next }) => next), state.otherwise.next])];
    case "Pass":
    case "Wait":
      return [state.next];
    case "Succeed":
    case "Fail":
      return [];
  }
}

import type { Catcher, ChoiceState, Retrier, State, TaskState, Template } from "./states.ts";

type Rendered = { [key: string]: Template };

function retrier({ errors, intervalSeconds, maxAttempts, maxDelaySeconds = 60 }: Retrier): Rendered {
  return {
    ErrorEquals: [...errors],
    IntervalSeconds: intervalSeconds,
    MaxAttempts: maxAttempts,
    BackoffRate: 2,
    MaxDelaySeconds: maxDelaySeconds,
    // Executions that failed together must not come back together.
    JitterStrategy: "FULL",
  };
}

function catcher({ errors, next, output }: Catcher): Rendered {
  return { ErrorEquals: [...errors], Next: next, ...(output !== undefined && { Output: output }) };
}

function renderTask(state: TaskState): Rendered {
  return {
    Resource: state.resource,
    Arguments: state.arguments,
    TimeoutSeconds: state.timeoutSeconds,
    ...(state.retry.length > 0 && { Retry: state.retry.map(retrier) }),
    Catch: state.catch.map(catcher),
    ...(state.output !== undefined && { Output: state.output }),
    Next: state.next,
  };
}

function renderChoice({ rules, otherwise }: ChoiceState): Rendered {
  const choices = rules.map(({ condition, next, output }): Rendered => ({
    Condition: condition,
    ...(output !== undefined && { Output: output }),
    Next: next,
  }));
  if (otherwise.output === undefined) return { Choices: choices, Default: otherwise.next };
  // Only a rule can change what goes on; the last one always holds.
  return { Choices: [...choices, { Condition: "{% true %}", Output: otherwise.output, Next: otherwise.next }] };
}

function renderRest(state: State): Rendered {
  switch (state.type) {
    case "Task":
      return renderTask(state);
    case "Choice":
      return renderChoice(state);
    case "Pass":
      return { Assign: state.assign, Next: state.next };
    case "Wait":
      return { Seconds: state.seconds, Next: state.next };
    case "Succeed":
      return {};
    case "Fail":
      return { Error: state.error, Cause: state.cause };
  }
}

/** One state in Amazon States Language with JSONata. */
export function renderState(state: State): Rendered {
  return {
    Type: state.type,
    ...(state.comment !== undefined && { Comment: state.comment }),
    ...renderRest(state),
  };
}

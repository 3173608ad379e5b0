import type { Catcher } from "./states.ts";

/** Input of the executions that triggers start: everything that was delivered. */
export const liveInput = { mode: "live", prefix: "incoming/" } as const;

/** Name of the state that everything which goes wrong leads to. */
export const failed = "NotifyFailure";

/**
 * Every step reads the run from here. Left out, the id is the execution's name, in the letters a run id may have:
 * EventBridge makes names with underscores and more than 64 characters.
 */
export const run = `{% $merge([{
  'runId': $substring($replace($lowercase($states.context.Execution.Name), /[^a-z0-9-]/, '-'), 0, 64),
  'mode': '${liveInput.mode}',
  'prefix': '${liveInput.prefix}'
}, $states.input]).{'runId': runId, 'mode': mode, 'prefix': prefix} %}`.replaceAll(/\n\s*/g, " ");

/** What every function is called with. */
export const event = "{% $merge([$run, {'execution': $states.context.Execution.Id}]) %}";

const jobArguments = {
  "--run_id": "{% $run.runId %}",
  "--mode": "{% $run.mode %}",
  "--prefix": "{% $run.prefix %}",
};

/** What an execution ends with that found nothing to do. */
export const nothingToDo = { runId: "{% $run.runId %}", mode: "{% $run.mode %}" };

/** The one failure path: whatever goes wrong in a state leads here, with the state's name and the error. */
export function otherwiseFail(state: string): Catcher {
  return { errors: ["States.ALL"], next: failed, output: { state, failure: "{% $states.errorOutput %}" } };
}

/** JSON on lines of its own: people read it in a mail, programs parse it. */
export function message(facts: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ execution: "$states.context.Execution.Id", ...facts });
  return `{% $string($merge([$run, {${pairs.map(([key, value]) => `'${key}': ${value}`).join(", ")}}]), true) %}`;
}

/** What the steps of all jobs have in common. */
export const jobStep = (pollSeconds: number) => ({
  arguments: jobArguments,
  pollSeconds,
  failed,
  catchIn: (state: string) => [otherwiseFail(state)],
});

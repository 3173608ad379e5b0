import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/iam.ts";
import { type Callable, invoke, notify, runJob } from "./integrations.ts";
import { type Machine, defineMachine } from "./machine.ts";
import { type Catcher, type State, choice, fail, pass, succeed } from "./states.ts";

export type PipelineFunction = "validate" | "catalog" | "quality_gate" | "publish" | "quarantine";
export type PipelineJob = "raw_to_processed" | "daily_features" | "quality";
export type Severity = "info" | "warning" | "critical";

export interface PipelineDefinitionArgs {
  /** Physical name; messages say it. */
  name: string;
  functions: Readonly<Record<PipelineFunction, Callable>>;
  jobs: Readonly<Record<PipelineJob, Callable>>;
  /** ARNs of the topics by severity. */
  topics: Readonly<Record<Severity, pulumi.Input<string>>>;
  /** What publishing to the topics needs besides `sns:Publish`, such as their key. Defaults to nothing. */
  topicStatements?: readonly Statement[];
  /** Seconds between two looks at a job run. */
  pollSeconds: number;
  /** Minutes after which an execution is given up. */
  timeoutMinutes: number;
}

/** Input of the executions that triggers start: everything that was delivered. */
export const liveInput = { mode: "live", prefix: "incoming/" } as const;

const failed = "NotifyFailure";

/**
 * Every step reads the run from here. Left out, the id is the execution's name, in the letters a run id may have:
 * EventBridge makes names with underscores and more than 64 characters.
 */
const run = `{% $merge([{
  'runId': $substring($replace($lowercase($states.context.Execution.Name), /[^a-z0-9-]/, '-'), 0, 64),
  'mode': '${liveInput.mode}',
  'prefix': '${liveInput.prefix}'
}, $states.input]).{'runId': runId, 'mode': mode, 'prefix': prefix} %}`.replaceAll(/\n\s*/g, " ");

const event = "{% $merge([$run, {'execution': $states.context.Execution.Id}]) %}";

const jobArguments = {
  "--run_id": "{% $run.runId %}",
  "--mode": "{% $run.mode %}",
  "--prefix": "{% $run.prefix %}",
};

/** AWS says the class of an error that a function raises. MiniStack only knows its message, which names the class too. */
const staleBase =
  "{% $states.input.failure.Error = 'StaleBase' or " +
  "($states.input.failure.Error = 'Runtime.HandlerError' and $contains($states.input.failure.Cause, 'StaleBase')) %}";

/** The one failure path: whatever goes wrong in a state leads here, with the state's name and the error. */
function otherwiseFail(state: string): Catcher {
  return { errors: ["States.ALL"], next: failed, output: { state, failure: "{% $states.errorOutput %}" } };
}

/** JSON on lines of its own: people read it in a mail, programs parse it. */
function message(facts: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ execution: "$states.context.Execution.Id", ...facts });
  return `{% $string($merge([$run, {${pairs.map(([key, value]) => `'${key}': ${value}`).join(", ")}}]), true) %}`;
}

/** Validation decides what there is to do. */
function deliveryStates({ functions }: PipelineDefinitionArgs): State[] {
  return [
    pass({ name: "Prepare", assign: { run }, next: "Validate" }),
    invoke({
      name: "Validate",
      target: functions.validate,
      payload: event,
      // Named one by one, so that an answer without them fails here, where it is caught.
      output: {
        accepted: "{% $states.result.Payload.accepted %}",
        rejected: "{% $states.result.Payload.rejected %}",
        skipped: "{% $states.result.Payload.skipped %}",
      },
      catch: [otherwiseFail("Validate")],
      next: "Pending",
    }),
    choice({
      name: "Pending",
      rules: [
        { condition: "{% $states.input.accepted > 0 %}", next: "Transform" },
        // Files that nobody can read change no table, but the report and the ledger have to say so.
        { condition: "{% $states.input.rejected > 0 %}", next: "Publish" },
      ],
      otherwise: { next: "NothingToDo", output: { runId: "{% $run.runId %}", mode: "{% $run.mode %}" } },
    }),
    succeed({ name: "NothingToDo" }),
  ];
}

/** Everything up to the gate works on a candidate that nobody else sees. */
function candidateStates({ functions, jobs, pollSeconds }: PipelineDefinitionArgs): State[] {
  const common = {
    arguments: jobArguments,
    pollSeconds,
    failed,
    catchIn: (state: string) => [otherwiseFail(state)],
  };
  const step = (name: string) => ({ name, payload: event, catch: [otherwiseFail(name)] });
  return [
    ...runJob({ ...common, name: "Transform", job: jobs.raw_to_processed, next: "Features" }),
    ...runJob({ ...common, name: "Features", job: jobs.daily_features, next: "Catalog" }),
    invoke({ ...step("Catalog"), target: functions.catalog, next: "Quality" }),
    ...runJob({ ...common, name: "Quality", job: jobs.quality, next: "QualityGate" }),
    invoke({
      ...step("QualityGate"),
      target: functions.quality_gate,
      output: {
        passed: "{% $states.result.Payload.passed %}",
        failedRules: "{% $states.result.Payload.failedRules %}",
      },
      next: "GoodEnough",
    }),
    choice({
      name: "GoodEnough",
      rules: [{ condition: "{% $states.input.passed = true %}", next: "Publish" }],
      otherwise: { next: "Quarantine" },
    }),
  ];
}

function publishStates({ name, functions, topics, topicStatements = [] }: PipelineDefinitionArgs): State[] {
  return [
    invoke({
      name: "Publish",
      target: functions.publish,
      payload: event,
      output: { runId: "{% $run.runId %}", mode: "{% $run.mode %}", report: "{% $states.result.Payload.report %}" },
      catch: [{ ...otherwiseFail("Publish"), next: "PublishError" }],
      next: "NotifyPublished",
    }),
    choice({
      name: "PublishError",
      // Somebody else published meanwhile, so the candidate stands on old data. Whoever loses this race was beaten by a
      // run that won it, so this ends; the timeout of the execution bounds it anyway.
      rules: [{ condition: staleBase, next: "Validate" }],
      otherwise: { next: failed },
    }),
    notify({
      name: "NotifyPublished",
      topicArn: topics.info,
      subject: `${name}: data published`,
      message: message({ outcome: "'published'", report: "$states.input.report" }),
      statements: topicStatements,
      catch: [otherwiseFail("NotifyPublished")],
      next: "Published",
    }),
    succeed({ name: "Published" }),
  ];
}

function quarantineStates({ name, functions, topics, topicStatements = [] }: PipelineDefinitionArgs): State[] {
  return [
    invoke({
      name: "Quarantine",
      target: functions.quarantine,
      payload: event,
      output: "{% $states.input %}",
      catch: [otherwiseFail("Quarantine")],
      next: "NotifyQuality",
    }),
    notify({
      name: "NotifyQuality",
      topicArn: topics.warning,
      subject: `${name}: data below its quality rules, not published`,
      message: message({ outcome: "'quarantined'", failedRules: "$states.input.failedRules" }),
      statements: topicStatements,
      catch: [otherwiseFail("NotifyQuality")],
      next: "QualityGateFailed",
    }),
    fail({
      name: "QualityGateFailed",
      error: "QualityGateFailed",
      cause: "{% 'Rules not met: ' & $string($states.input.failedRules) %}",
    }),
  ];
}

function failureStates({ name, topics, topicStatements = [] }: PipelineDefinitionArgs): State[] {
  const command = `"aws stepfunctions start-execution --state-machine-arn "`;
  const input = "$string($run.{'mode': mode, 'prefix': prefix})";
  const restart = `${command} & $states.context.StateMachine.Id & " --input '" & ${input} & "'"`;
  return [
    notify({
      name: failed,
      comment: "The one failure path",
      topicArn: topics.critical,
      subject: `${name}: execution failed`,
      message: message({
        outcome: "'failed'",
        state: "$states.input.state",
        error: "$states.input.failure.Error",
        cause: "$states.input.failure.Cause",
        // Deliveries stay pending until they are published, so a new execution takes up where this one ended.
        again: restart,
      }),
      statements: topicStatements,
      // Nobody can be told; the alarm on failed executions still can.
      catch: [{ errors: ["States.ALL"], next: "PipelineFailed", output: "{% $states.input %}" }],
      next: "PipelineFailed",
    }),
    fail({
      name: "PipelineFailed",
      error: "PipelineFailed",
      cause:
        "{% $states.input.state & ': ' & $states.input.failure.Error & ': ' & $substring($states.input.failure.Cause, 0, 1000) %}",
    }),
  ];
}

/** The pipeline from delivery to publication, the same on AWS and in the sandbox. */
export function pipelineDefinition(args: PipelineDefinitionArgs): Machine {
  return defineMachine({
    comment: "Deliveries checked, transformed, held against their quality rules and published or quarantined",
    startAt: "Prepare",
    states: [
      ...deliveryStates(args),
      ...candidateStates(args),
      ...publishStates(args),
      ...quarantineStates(args),
      ...failureStates(args),
    ],
    timeoutSeconds: args.timeoutMinutes * 60,
  });
}

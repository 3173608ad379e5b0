import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/iam.ts";
import { type Callable, invoke, notify, runJob } from "./integrations.ts";
import { type Machine, defineMachine } from "./machine.ts";
import { event, failed, jobStep, liveInput, message, nothingToDo, otherwiseFail, run } from "./run.ts";
import { type State, choice, fail, pass, succeed } from "./states.ts";

export type PipelineFunction = "validate" | "catalog" | "quality_gate" | "publish" | "quarantine";
export type PipelineJob = "raw_to_processed" | "daily_features" | "quality";
/** A job that only some pipelines have: it takes what is published over into Iceberg tables. */
export type OptionalJob = "commit_iceberg";
export type AnyJob = PipelineJob | OptionalJob;
export type Jobs<T> = Readonly<Record<PipelineJob, T>> & Readonly<Partial<Record<OptionalJob, T>>>;
export type Severity = "info" | "warning" | "critical";

export interface PipelineDefinitionArgs {
  /** Physical name; messages say it. */
  name: string;
  functions: Readonly<Record<PipelineFunction, Callable>>;
  jobs: Jobs<Callable>;
  /** ARNs of the topics by severity. */
  topics: Readonly<Record<Severity, pulumi.Input<string>>>;
  /** What publishing to the topics needs besides `sns:Publish`, such as their key. Defaults to nothing. */
  topicStatements?: readonly Statement[];
  /** Seconds between two looks at a job run. */
  pollSeconds: number;
  /** Minutes after which an execution is given up. */
  timeoutMinutes: number;
}

/** AWS says the class of an error that a function raises. MiniStack only knows its message, which names the class too. */
const staleBase =
  "{% $states.input.failure.Error = 'StaleBase' or " +
  "($states.input.failure.Error = 'Runtime.HandlerError' and $contains($states.input.failure.Cause, 'StaleBase')) %}";

/** Validation decides what there is to do. */
function deliveryStates({ functions, jobs }: PipelineDefinitionArgs): State[] {
  const iceberg = jobs.commit_iceberg !== undefined;
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
        ...(iceberg && { behind: "{% $states.result.Payload.behind %}" }),
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
        // A run before this one published, and did not live to take that over into the tables.
        ...(iceberg ? [{ condition: "{% $states.input.behind = true %}", next: "CatchUp" }] : []),
      ],
      otherwise: { next: "NothingToDo", output: nothingToDo },
    }),
    succeed({ name: "NothingToDo" }),
  ];
}

/** Everything up to the gate works on a candidate that nobody else sees. */
function candidateStates(args: PipelineDefinitionArgs): State[] {
  const { functions, jobs } = args;
  const common = jobStep(args.pollSeconds);
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

/**
 * What is published is taken over into Iceberg tables before anybody is told. If that fails, it stays published, and the next
 * execution catches up, whether or not it has something to do itself.
 */
function icebergStates(args: PipelineDefinitionArgs): State[] {
  const job = args.jobs.commit_iceberg;
  if (job === undefined) return [];
  const common = { ...jobStep(args.pollSeconds), job };
  return [
    choice({
      name: "PublishedTables",
      rules: [{ condition: `{% $run.mode = '${liveInput.mode}' %}`, next: "KeepAnswer" }],
      // The tables of verification runs are none of Iceberg.
      otherwise: { next: "NotifyPublished" },
    }),
    pass({ name: "KeepAnswer", assign: { answer: "{% $states.input %}" }, next: "CommitIceberg" }),
    ...runJob({ ...common, name: "CommitIceberg", next: "NotifyPublished", output: "{% $answer %}" }),
    ...runJob({ ...common, name: "CatchUp", next: "NothingToDo", output: nothingToDo }),
  ];
}

function publishStates({ name, functions, jobs, topics, topicStatements = [] }: PipelineDefinitionArgs): State[] {
  return [
    invoke({
      name: "Publish",
      target: functions.publish,
      payload: event,
      output: { runId: "{% $run.runId %}", mode: "{% $run.mode %}", report: "{% $states.result.Payload.report %}" },
      catch: [{ ...otherwiseFail("Publish"), next: "PublishError" }],
      next: jobs.commit_iceberg === undefined ? "NotifyPublished" : "PublishedTables",
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
      ...icebergStates(args),
      ...quarantineStates(args),
      ...failureStates(args),
    ],
    timeoutSeconds: args.timeoutMinutes * 60,
  });
}

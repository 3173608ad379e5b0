import { isOn, isProduction, listAt, missing, unless, type ResourceRule } from "../model.ts";

/** Step Functions, CodeDeploy, EventBridge. */
export const workflowRules: readonly ResourceRule[] = [
  {
    id: "sfn-logging",
    level: "mandatory",
    title: "state machines log and are traced",
    why: "an execution that failed at night cannot be explained in the morning",
    fix: "set loggingConfiguration.level and logDestination, and tracingConfiguration.enabled",
    types: ["aws:sfn/stateMachine:StateMachine"],
    check: (subject) => [
      ...unless(
        subject,
        "loggingConfiguration.level",
        (value) => typeof value === "string" && value !== "OFF",
        "executions are not logged",
      ),
      ...unless(subject, "tracingConfiguration.enabled", isOn, "executions are not traced"),
    ],
  },
  {
    id: "sfn-no-data-in-logs",
    level: "mandatory",
    title: "logs of state machines hold no data",
    why: "input and output of every state would be in a log that more people read than the data",
    fix: "set loggingConfiguration.includeExecutionData: false",
    types: ["aws:sfn/stateMachine:StateMachine"],
    check: (subject) =>
      unless(subject, "loggingConfiguration.includeExecutionData", (value) => value !== true, "data is logged"),
  },
  {
    id: "sfn-encrypted",
    level: "mandatory",
    title: "state machines are encrypted with a key of the account",
    why: "definitions and inputs of executions are kept for ninety days",
    fix: 'set encryptionConfiguration with type "CUSTOMER_MANAGED_KMS_KEY"',
    types: ["aws:sfn/stateMachine:StateMachine", "aws:sfn/activity:Activity"],
    check: (subject) =>
      unless(
        subject,
        "encryptionConfiguration.type",
        (value) => value === "CUSTOMER_MANAGED_KMS_KEY",
        "not encrypted with a key of the account",
      ),
  },
  {
    id: "codedeploy-rollback",
    level: "mandatory",
    title: "deployments go back when they fail or an alarm goes off",
    why: "traffic would stay on a version that is known to be bad",
    fix: "enable autoRollbackConfiguration for DEPLOYMENT_FAILURE and DEPLOYMENT_STOP_ON_ALARM, and name alarms",
    types: ["aws:codedeploy/deploymentGroup:DeploymentGroup"],
    check: (subject) => [
      ...unless(subject, "autoRollbackConfiguration.enabled", isOn, "nothing goes back by itself"),
      ...["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"].flatMap((event) =>
        unless(
          subject,
          "autoRollbackConfiguration.events",
          (events) => Array.isArray(events) && events.includes(event),
          `${event} does not take it back`,
        ),
      ),
      ...unless(subject, "alarmConfiguration.alarms.0", (alarm) => alarm !== undefined, "no alarm is watched"),
    ],
  },
  {
    id: "codedeploy-gradual",
    level: "mandatory",
    title: "production shifts traffic step by step",
    why: "all traffic at once makes everybody the canary",
    fix: "use a canary or linear deployment configuration",
    types: ["aws:codedeploy/deploymentGroup:DeploymentGroup"],
    check: (subject) =>
      isProduction(subject)
        ? unless(
            subject,
            "deploymentConfigName",
            (name) => typeof name === "string" && !/AllAtOnce$/.test(name),
            "all traffic moves at once",
          )
        : [],
  },
  {
    id: "events-dead-letters",
    level: "mandatory",
    title: "events that cannot be delivered are kept",
    why: "EventBridge gives up after a day and forgets the event",
    fix: "set deadLetterConfig.arn (target.deadLetterConfig.arn of a schedule) to a queue",
    types: ["aws:cloudwatch/eventTarget:EventTarget", "aws:scheduler/schedule:Schedule"],
    check(subject) {
      const schedule = subject.type === "aws:scheduler/schedule:Schedule";
      return missing(subject, [`${schedule ? "target." : ""}deadLetterConfig.arn`], "it has no dead-letter queue");
    },
  },
  {
    id: "events-pattern-source",
    level: "mandatory",
    title: "event rules say whose events they take",
    why: "a pattern without a source takes events that anybody with the right to put events has made up",
    fix: "name source (and detail-type) in eventPattern",
    types: ["aws:cloudwatch/eventRule:EventRule"],
    check: (subject) =>
      unless(
        subject,
        "eventPattern",
        (pattern) => typeof pattern !== "string" || listAt(parsed(pattern), "source").length > 0,
        "the pattern names no source",
      ),
  },
];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type AlarmSpec, type AlarmSpecArgs, alarmSpecs } from "./alarms-specs.ts";
import type { Callable } from "./state-machine/integrations.ts";
import { dataName } from "./state-machine/names.ts";
import type { Jobs, Severity } from "./state-machine/pipeline-definition.ts";

export interface PipelineAlarmsArgs extends AlarmSpecArgs {
  jobs: Jobs<Callable>;
  /** ARNs by severity. */
  topics: Readonly<Record<Severity, pulumi.Input<string>>>;
  /** Keeps word of a failed run that no topic took. Its policy has to let rules of the pipeline send. */
  deadLetterQueueArn: pulumi.Input<string>;
}

/** Events of runs of these jobs that did not end well. */
const jobPattern = (jobs: PipelineAlarmsArgs["jobs"]) => ({
  source: ["aws.glue"],
  "detail-type": ["Glue Job State Change"],
  detail: { jobName: Object.values(jobs).map(({ name }) => name), state: ["FAILED", "TIMEOUT", "STOPPED"] },
});

/** Alarms on executions, data quality, functions and dead letters, and word of every job run that failed. */
export class PipelineAlarms extends SlipwayComponent {
  /** ARNs, in the order of the table of alarms. */
  readonly alarms: pulumi.Output<string[]>;

  constructor(name: string, args: PipelineAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("PipelineAlarms", name, opts);
    const alarms = alarmSpecs(args).map((spec) => this.addAlarm(name, spec, args));
    this.addJobRule(name, args);
    this.alarms = pulumi.all(alarms);
    this.registerOutputs({ alarms: this.alarms });
  }

  private addAlarm(name: string, spec: AlarmSpec, args: PipelineAlarmsArgs): pulumi.Output<string> {
    const { key, severity, ...settings } = spec;
    const alarm = new aws.cloudwatch.MetricAlarm(
      `${name}-${key}`,
      { ...settings, name: dataName(args.environment, key), alarmActions: [args.topics[severity]] },
      childOf(this),
    );
    return alarm.arn;
  }

  private addJobRule(name: string, args: PipelineAlarmsArgs): void {
    const rule = new aws.cloudwatch.EventRule(
      `${name}-jobs`,
      {
        name: dataName(args.environment, "job-failed"),
        description: "Tells of every job run that did not end well, whoever started it",
        eventPattern: pulumi.jsonStringify(jobPattern(args.jobs)),
      },
      childOf(this),
    );
    new aws.cloudwatch.EventTarget(
      `${name}-jobs-target`,
      {
        rule: rule.name,
        targetId: "warning",
        arn: args.topics.warning,
        deadLetterConfig: { arn: args.deadLetterQueueArn },
        inputTransformer: {
          inputPaths: {
            job: "$.detail.jobName",
            run: "$.detail.jobRunId",
            state: "$.detail.state",
            message: "$.detail.message",
          },
          inputTemplate: '{"job": <job>, "run": <run>, "state": <state>, "message": <message>}',
        },
      },
      childOf(this),
    );
  }
}

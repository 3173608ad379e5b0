import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Severity } from "../data/state-machine/pipeline-definition.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type ModelAlarmArgs, modelAlarmSpecs } from "./alarms-specs.ts";
import { alarmName } from "./names.ts";

export interface ModelAlarmsArgs extends ModelAlarmArgs {
  /** ARNs by severity. */
  topics: Readonly<Record<Severity, pulumi.Input<string>>>;
}

/** Alarms on the endpoint, training, functions and dead letters. */
export class ModelAlarms extends SlipwayComponent {
  constructor(name: string, args: ModelAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelAlarms", name, opts);
    for (const { key, severity, ...settings } of modelAlarmSpecs(args)) {
      new aws.cloudwatch.MetricAlarm(
        `${name}-${key}`,
        { ...settings, name: alarmName(args, key), alarmActions: [args.topics[severity]] },
        childOf(this),
      );
    }
    this.registerOutputs({});
  }
}

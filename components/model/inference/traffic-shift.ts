import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../../data/roles.ts";
import { SlipwayComponent, childOf } from "../../shared/component.ts";
import { inferenceAlarmSpecs, shiftAlarms, type InferenceThresholds } from "./alarms-specs.ts";
import { type InferenceScope, alarmName, inferenceName } from "./inference-scope.ts";
import { type ShiftSettings, allAtOnce, shiftConfig } from "./shift.ts";
import { shiftStatements } from "./statements.ts";

export interface TrafficShiftArgs {
  scope: InferenceScope;
  /** The version that the alarms watch: the one that is to take over. */
  version: pulumi.Input<string>;
  shift: ShiftSettings;
  thresholds: InferenceThresholds;
  /** Topics that alarms go to; CodeDeploy looks at the alarms itself. */
  alarmTopics: readonly pulumi.Input<string>[];
}

/** How CodeDeploy moves the alias: in which steps, which alarms stop it, and what it may do meanwhile. */
export class TrafficShift extends SlipwayComponent {
  readonly application: pulumi.Output<string>;
  readonly deploymentGroup: pulumi.Output<string>;
  /** Names of the alarms that stop a shift. */
  readonly alarms: pulumi.Output<string[]>;

  constructor(name: string, args: TrafficShiftArgs, opts?: pulumi.ComponentResourceOptions) {
    super("TrafficShift", name, opts);
    const { scope } = args;
    const alarms = this.addAlarms(name, args);
    const application = new aws.codedeploy.Application(
      `${name}-application`,
      { name: inferenceName(scope), computePlatform: "Lambda" },
      childOf(this),
    );
    const { role, policy } = serviceRole(this, name, {
      service: "codedeploy.amazonaws.com",
      account: scope.account,
      statements: shiftStatements(scope, shiftAlarms),
    });
    const group = new aws.codedeploy.DeploymentGroup(
      `${name}-group`,
      {
        appName: application.name,
        deploymentGroupName: inferenceName(scope),
        serviceRoleArn: role.arn,
        deploymentConfigName: this.addSteps(name, args),
        deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        alarmConfiguration: { enabled: true, alarms, ignorePollAlarmFailure: false },
      },
      // A group whose role may do nothing yet is taken, and its first deployment fails.
      childOf(this, { dependsOn: [policy] }),
    );
    this.application = application.name;
    this.deploymentGroup = group.deploymentGroupName;
    this.alarms = pulumi.all(alarms);
    this.registerOutputs({ application: this.application, deploymentGroup: this.deploymentGroup });
  }

  private addSteps(name: string, { scope, shift }: TrafficShiftArgs): pulumi.Input<string> {
    const steps = shiftConfig(inferenceName(scope), shift);
    if (steps === undefined) return allAtOnce;
    const config = new aws.codedeploy.DeploymentConfig(
      `${name}-steps`,
      { deploymentConfigName: steps.name, computePlatform: "Lambda", trafficRoutingConfig: steps.routing },
      childOf(this),
    );
    return config.deploymentConfigName;
  }

  private addAlarms(
    name: string,
    { scope, version, thresholds, alarmTopics }: TrafficShiftArgs,
  ): pulumi.Output<string>[] {
    return inferenceAlarmSpecs(scope, version, thresholds).map(({ key, ...spec }) => {
      const alarm = new aws.cloudwatch.MetricAlarm(
        `${name}-${key}`,
        { ...spec, name: alarmName(scope, key), alarmActions: [...alarmTopics] },
        childOf(this),
      );
      return alarm.name;
    });
  }
}

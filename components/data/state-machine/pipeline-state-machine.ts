import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../../shared/component.ts";
import { logGroup } from "../../shared/log-group.ts";
import type { Removal } from "../../shared/protection.ts";
import { assertValid, problem } from "../../shared/validation.ts";
import { serviceRole } from "../roles.ts";
import { type DataScope, arnOf, dataName, executionLogGroup } from "./names.ts";
import { type PipelineDefinitionArgs, pipelineDefinition } from "./pipeline-definition.ts";
import { machineStatements, topicKeyStatement } from "./role.ts";

export interface PipelineStateMachineArgs extends DataScope, Omit<PipelineDefinitionArgs, "name" | "topicStatements"> {
  /** Key of executions, their logs and the topics. */
  keyArn: pulumi.Input<string>;
  logRetentionDays: number;
  /** Defaults to `retain`. */
  removal?: Removal;
}

/** Problems of the arguments, one line each. */
export function validatePipelineTimes(
  args: Pick<PipelineStateMachineArgs, "pollSeconds" | "timeoutMinutes">,
): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(args.pollSeconds) || args.pollSeconds < 1) {
    problems.push(problem("pollSeconds", args.pollSeconds, "a whole number of seconds, at least 1", "Raise it."));
  }
  if (!Number.isInteger(args.timeoutMinutes) || args.timeoutMinutes < 1) {
    problems.push(problem("timeoutMinutes", args.timeoutMinutes, "a whole number of minutes, at least 1", "Raise it."));
  }
  return problems;
}

/** The pipeline's state machine with a role that holds exactly what its states call. */
export class PipelineStateMachine extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /**
   * ARN of the version that this deployment published. For seconds after an update AWS may still start the definition
   * before it by the plain ARN, so whoever wants to see what was deployed starts this.
   */
  readonly versionArn: pulumi.Output<string>;

  constructor(name: string, args: PipelineStateMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("PipelineStateMachine", name, opts);
    assertValid(this, name, validatePipelineTimes(args));
    const machineName = dataName(args.environment, "pipeline");
    const machine = pipelineDefinition({
      ...args,
      name: machineName,
      topicStatements: [topicKeyStatement(args, args.keyArn)],
    });
    const logs = logGroup(
      `${name}-logs`,
      {
        name: executionLogGroup(machineName),
        keyArn: args.keyArn,
        retentionDays: args.logRetentionDays,
        removal: args.removal ?? "retain",
      },
      this,
    );
    const machineArn = arnOf(args, "states", `stateMachine:${machineName}`);
    const { role, policy } = serviceRole(this, name, {
      service: "states.amazonaws.com",
      account: args.account,
      statements: [...machine.statements, ...machineStatements(args, machineArn, args.keyArn)],
    });
    const stateMachine = new aws.sfn.StateMachine(
      `${name}-machine`,
      {
        name: machineName,
        type: "STANDARD",
        roleArn: role.arn,
        definition: pulumi.jsonStringify(machine.definition),
        // Execution data names customers' files and errors may quote rows; the history keeps it, under the key.
        loggingConfiguration: {
          level: "ALL",
          includeExecutionData: false,
          logDestination: pulumi.interpolate`${logs.arn}:*`,
        },
        tracingConfiguration: { enabled: true },
        encryptionConfiguration: {
          type: "CUSTOMER_MANAGED_KMS_KEY",
          kmsKeyId: args.keyArn,
          kmsDataKeyReusePeriodSeconds: 300,
        },
        publish: true,
      },
      // AWS refuses a machine whose role may not write its logs yet.
      childOf(this, { dependsOn: [policy] }),
    );
    this.name = stateMachine.name;
    this.arn = stateMachine.arn;
    this.versionArn = stateMachine.stateMachineVersionArn;
    this.registerOutputs({ name: this.name, arn: this.arn, versionArn: this.versionArn });
  }
}

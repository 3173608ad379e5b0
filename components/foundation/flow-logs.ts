import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, policyDocument, serviceTrust } from "../shared/iam.ts";
import { logGroup } from "../shared/log-group.ts";
import { flowLogGroup } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";

export interface FlowLogsArgs {
  environment: string;
  account: string;
  vpcId: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  retentionDays: number;
  removal: Removal;
}

/** What the flow-log service may do: write streams of this one group. */
export function flowLogStatements(groupArn: pulumi.Input<string>): Statement[] {
  return [
    {
      sid: "WriteFlowLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
      resources: [groupArn, pulumi.interpolate`${groupArn}:log-stream:*`],
    },
  ];
}

/** Who talked to whom in the VPC, accepted and rejected alike. */
export class FlowLogs extends SlipwayComponent {
  readonly logGroupName: pulumi.Output<string>;

  constructor(name: string, args: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("FlowLogs", name, opts);
    const group = logGroup(`${name}-group`, { ...args, name: flowLogGroup(args.environment) }, this);
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: serviceTrust("vpc-flow-logs.amazonaws.com", args.account) },
      childOf(this),
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: policyDocument(flowLogStatements(group.arn)) },
      childOf(this),
    );
    new aws.ec2.FlowLog(
      `${name}-log`,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 60,
      },
      childOf(this, { dependsOn: [policy] }),
    );
    this.logGroupName = group.name;
    this.registerOutputs({ logGroupName: this.logGroupName });
  }
}

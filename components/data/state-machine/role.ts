import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/iam.ts";
import { type DataScope, arnOf, dataName } from "./names.ts";

/** What publishing to topics under this key needs besides `sns:Publish`. */
export function topicKeyStatement(scope: DataScope, keyArn: pulumi.Input<string>): Statement {
  return {
    sid: "EncryptMessages",
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: [keyArn],
    conditions: {
      StringLike: {
        "kms:EncryptionContext:aws:sns:topicArn": arnOf(scope, "sns", dataName(scope.environment, "*")),
      },
    },
  };
}

/** Statement of the key's policy without which executions of an encrypted machine leave no logs. */
export function usedByLogDelivery(scope: DataScope): Statement {
  return {
    sid: "UsedByLogDelivery",
    principals: { Service: "delivery.logs.amazonaws.com" },
    actions: ["kms:Decrypt"],
    resources: ["*"],
    wildcardReason: "in a key policy * is this key",
    conditions: { StringEquals: { "kms:EncryptionContext:SourceArn": arnOf(scope, "logs", "*") } },
  };
}

const deliverLogs: Statement = {
  sid: "DeliverLogs",
  actions: [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ],
  resources: ["*"],
  wildcardReason: "log deliveries have no ARNs that a policy could name",
};

const writeTraces: Statement = {
  sid: "WriteTraces",
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
  resources: ["*"],
  wildcardReason: "traces have no ARNs that a policy could name",
};

/** What every machine needs beside what its states call: its own key, its logs and its traces. */
export function machineStatements(scope: DataScope, machineArn: string, keyArn: pulumi.Input<string>): Statement[] {
  return [
    {
      sid: "EncryptExecutions",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:aws:states:stateMachineArn": machineArn } },
    },
    {
      sid: "EncryptLogs",
      actions: ["kms:GenerateDataKey"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:EncryptionContext:SourceArn": arnOf(scope, "logs", "*") } },
    },
    deliverLogs,
    writeTraces,
  ];
}

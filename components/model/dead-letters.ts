import type * as pulumi from "@pulumi/pulumi";
import { type DataScope, arnOf } from "../data/state-machine/names.ts";
import type { Statement } from "../shared/iam.ts";
import { deadLetterQueueName, modelResource } from "./names.ts";

/** Rules put what they could not deliver into the queue. EventBridge names no source when it encrypts. */
export function usedForDeadLetters(place: DataScope): Statement {
  return {
    sid: "UsedForDeadLetters",
    principals: { Service: "events.amazonaws.com" },
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: ["*"],
    wildcardReason: "in a key policy * is this key",
    conditions: {
      StringEquals: { "kms:EncryptionContext:aws:sqs:arn": arnOf(place, "sqs", deadLetterQueueName(place)) },
    },
  };
}

/** Who may leave dead letters without a role that allows it. */
export const sentByRules = (place: DataScope, queueArn: pulumi.Input<string>): Statement => ({
  sid: "SendByRules",
  principals: { Service: "events.amazonaws.com" },
  actions: ["sqs:SendMessage"],
  resources: [queueArn],
  conditions: { ArnLike: { "aws:SourceArn": arnOf(place, "events", `rule/${modelResource(place, "model-*")}`) } },
});

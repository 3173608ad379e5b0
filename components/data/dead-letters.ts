import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { childOf } from "../shared/component.ts";
import { type Statement, plainHttpDenied, policyDocument } from "../shared/iam.ts";

export interface DeadLettersArgs {
  /** Physical name of the queue. */
  name: string;
  keyArn: pulumi.Input<string>;
  /** Who may send without a role that allows it. Defaults to nobody. */
  senders?: (queueArn: pulumi.Input<string>) => readonly Statement[];
}

/** An encrypted queue that keeps for two weeks what nothing could be done with. Nobody gets in without TLS. */
export function deadLetters(parent: pulumi.Resource, name: string, args: DeadLettersArgs): aws.sqs.Queue {
  const queue = new aws.sqs.Queue(
    `${name}-dead-letters`,
    { name: args.name, kmsMasterKeyId: args.keyArn, messageRetentionSeconds: 14 * 24 * 3600 },
    childOf(parent),
  );
  const statements = [plainHttpDenied(["sqs:*"], [queue.arn]), ...(args.senders?.(queue.arn) ?? [])];
  new aws.sqs.QueuePolicy(
    `${name}-dead-letters-policy`,
    { queueUrl: queue.url, policy: policyDocument(statements) },
    childOf(parent),
  );
  return queue;
}

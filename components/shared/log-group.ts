import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { childOf } from "./component.ts";
import { type Removal, protectionOf } from "./protection.ts";

export interface LogGroupArgs {
  name: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  retentionDays: number;
  removal: Removal;
}

/** An encrypted log group that forgets in time. Logs are evidence, so production keeps the group. */
export function logGroup(name: string, args: LogGroupArgs, parent: pulumi.Resource): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    name,
    { name: args.name, retentionInDays: args.retentionDays, kmsKeyId: args.keyArn },
    childOf(parent, protectionOf("data", args.removal)),
  );
}

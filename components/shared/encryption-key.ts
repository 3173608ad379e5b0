import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "./component.ts";
import { type Statement, accountPrincipal, policyDocument } from "./iam.ts";
import { keyAlias } from "./naming.ts";
import { type Removal, protectionOf } from "./protection.ts";
import { type Transform, transform } from "./transform.ts";

export interface EncryptionKeyArgs {
  environment: string;
  account: string;
  region: string;
  /** What the key opens, e.g. `artifacts`; part of the alias. */
  purpose: string;
  /** Who besides the account itself may use the key. Defaults to nobody. */
  statements?: readonly Statement[];
  /** Days between deletion and loss. Defaults to 30. */
  deletionDays?: number;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { key?: Transform<aws.kms.KeyArgs> };
}

/** Statement that lets other accounts read what the key protects. */
export function decryptBy(principals: readonly string[]): Statement {
  return {
    sid: "DecryptByEnvironments",
    principals: { AWS: principals },
    actions: ["kms:Decrypt", "kms:DescribeKey"],
    resources: ["*"],
    wildcardReason: "in a key policy * is this key",
  };
}

/** Statement that lets CloudWatch Logs of one region encrypt this account's log groups. */
export function usedByLogs(account: string, region: string, partition: string): Statement {
  return {
    sid: "UsedByCloudWatchLogs",
    principals: { Service: `logs.${region}.amazonaws.com` },
    actions: [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:GenerateDataKey",
      "kms:DescribeKey",
    ],
    resources: ["*"],
    wildcardReason: "in a key policy * is this key",
    conditions: {
      ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` },
    },
  };
}

/** A customer-managed KMS key with yearly rotation and an alias. */
export class EncryptionKey extends SlipwayComponent {
  readonly arn: pulumi.Output<string>;
  readonly alias: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("EncryptionKey", name, opts);
    const administration: Statement = {
      sid: "AdministeredByAccount",
      principals: { AWS: accountPrincipal(args.account, args.region) },
      actions: ["kms:*"],
      resources: ["*"],
      wildcardReason: "without it IAM policies of the account cannot grant the key and nobody could ever change it",
    };
    const key = new aws.kms.Key(
      ...transform(
        args.transform?.key,
        `${name}-key`,
        {
          description: `Slipway ${args.environment}: ${args.purpose}`,
          enableKeyRotation: true,
          deletionWindowInDays: args.deletionDays ?? 30,
          policy: policyDocument([administration, ...(args.statements ?? [])]),
        },
        childOf(this, protectionOf("key", args.removal ?? "retain")),
      ),
    );
    const alias = new aws.kms.Alias(
      `${name}-alias`,
      { name: keyAlias(args.environment, args.purpose), targetKeyId: key.keyId },
      childOf(this),
    );
    this.arn = key.arn;
    this.alias = alias.name;
    this.registerOutputs({ arn: this.arn, alias: this.alias });
  }
}

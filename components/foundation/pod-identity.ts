import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, policyDocument } from "../shared/iam.ts";

export interface PodIdentityArgs {
  account: string;
  clusterName: pulumi.Input<string>;
  namespace: string;
  serviceAccount: string;
  /** What the pods may do. Defaults to nothing of their own. */
  statements?: readonly Statement[];
  /** ARNs of managed policies by a stable key. Defaults to none. */
  managedPolicies?: Readonly<Record<string, string>>;
}

/** Trust policy of a role that EKS Pod Identity hands to pods of this account's clusters. */
export function podIdentityTrust(account: string): Statement {
  return {
    sid: "AssumedByPods",
    principals: { Service: "pods.eks.amazonaws.com" },
    // TagSession carries cluster, namespace and service account, so policies can tell pods apart.
    actions: ["sts:AssumeRole", "sts:TagSession"],
    conditions: { StringEquals: { "aws:SourceAccount": account } },
  };
}

/** A role for the pods of one service account, without keys and without an OIDC provider. */
export class PodIdentity extends SlipwayComponent {
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: PodIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("PodIdentity", name, opts);
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: policyDocument([podIdentityTrust(args.account)]) },
      childOf(this),
    );
    if (args.statements && args.statements.length > 0) {
      new aws.iam.RolePolicy(
        `${name}-policy`,
        { role: role.name, policy: policyDocument(args.statements) },
        childOf(this),
      );
    }
    for (const [key, policyArn] of Object.entries(args.managedPolicies ?? {})) {
      new aws.iam.RolePolicyAttachment(`${name}-${key}`, { role: role.name, policyArn }, childOf(this));
    }
    new aws.eks.PodIdentityAssociation(
      `${name}-association`,
      {
        clusterName: args.clusterName,
        namespace: args.namespace,
        serviceAccount: args.serviceAccount,
        roleArn: role.arn,
      },
      childOf(this),
    );
    this.roleArn = role.arn;
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

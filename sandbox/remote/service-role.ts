import { createHash } from "node:crypto";

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface ServiceRoleArgs {
  /** Principal that takes the role on, e.g. `eks.amazonaws.com`. */
  service: pulumi.Input<string>;
  /** Names of AWS-managed policies. */
  policies: readonly string[];
  partition: pulumi.Input<string>;
  description?: string;
  tags?: pulumi.Input<Record<string, string>> | undefined;
  /** Defaults to `sts:AssumeRole` alone. */
  actions?: readonly string[];
}

/** `eks:index:ServiceRole`: a role for a service with the managed policies it needs. */
export class ServiceRole extends pulumi.ComponentResource {
  readonly role: aws.iam.Role;
  /** Available once all policies are attached. */
  readonly attachments: readonly aws.iam.RolePolicyAttachment[];

  constructor(name: string, args: ServiceRoleArgs, options: pulumi.ComponentResourceOptions) {
    super("eks:index:ServiceRole", name, {}, options);
    const trust = pulumi.output(args.service).apply((service) => trustDocument(service, args.actions));
    const { description, tags } = args;
    this.role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: trust,
        ...(description === undefined ? {} : { description }),
        ...(tags === undefined ? {} : { tags }),
      },
      { parent: this },
    );
    this.attachments = args.policies.map(
      (policy) =>
        new aws.iam.RolePolicyAttachment(
          `${name}-${attachmentSuffix(policy)}`,
          { role: this.role, policyArn: pulumi.interpolate`arn:${args.partition}:iam::aws:policy/${policy}` },
          { parent: this },
        ),
    );
    this.registerOutputs({ role: this.role });
  }
}

/** Attachments are told apart by a hash of the policy's ARN in the commercial partition, wherever they are. */
export function attachmentSuffix(policy: string): string {
  return createHash("sha1").update(`arn:aws:iam::aws:policy/${policy}`).digest("hex").slice(0, 8);
}

function trustDocument(service: string, actions: readonly string[] = ["sts:AssumeRole"]): string {
  const statement = { Action: actions, Effect: "Allow", Principal: { Service: [service] } };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

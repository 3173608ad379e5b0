import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { childOf } from "../shared/component.ts";
import { type Statement, policyDocument, serviceTrust } from "../shared/iam.ts";

/** A role that one service takes on, with exactly the statements given. Whoever uses it waits for the policy as well. */
export function serviceRole(
  parent: pulumi.Resource,
  name: string,
  args: {
    service: string;
    account: string;
    statements: readonly Statement[];
    /** Physical name, where something else has to know it. Defaults to one that Pulumi makes up. */
    roleName?: string;
  },
): { role: aws.iam.Role; policy: aws.iam.RolePolicy } {
  const { service, account, statements, roleName } = args;
  const role = new aws.iam.Role(
    `${name}-role`,
    { ...(roleName !== undefined && { name: roleName }), assumeRolePolicy: serviceTrust(service, account) },
    childOf(parent),
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    { role: role.name, policy: policyDocument(statements) },
    childOf(parent),
  );
  return { role, policy };
}

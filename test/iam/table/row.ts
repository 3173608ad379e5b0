import { type Role, region } from "../world.ts";
import type { Context } from "../simulate.ts";

/** What a role may or may not do: one line of the table. */
export interface Row {
  may: boolean;
  action: string;
  resource: string;
  context?: Context;
}

/** An environment, for ARNs. */
export interface Place {
  environment: string;
  account: string;
}

/** Rows by the name of the role, for one environment. */
export type Table = Readonly<Record<string, readonly Row[]>>;

export function may(action: string, resource: string, context?: Context): Row {
  return { may: true, action, resource, ...(context && { context }) };
}

export function not(action: string, resource: string, context?: Context): Row {
  return { may: false, action, resource, ...(context && { context }) };
}

export const operationsAccount = "111111111111";
export const stateBucket = `arn:aws:s3:::slipway-state-${operationsAccount}-${region}`;
export const stateKey = `arn:aws:kms:${region}:${operationsAccount}:key/operations-state-key`;

export const iam = (account: string, what: string) => `arn:aws:iam::${account}:${what}`;
export const arn = ({ account }: Place, service: string, what: string) =>
  `arn:aws:${service}:${region}:${account}:${what}`;
export const bucket = ({ environment, account }: Place, role: string, key = "") =>
  `arn:aws:s3:::slipway-${environment}-${role}-bucket-${account}-${region}${key === "" ? "" : `/${key}`}`;
export const boundary = (account: string) => iam(account, "policy/slipway-boundary");
export const bounded = (account: string) => ({ "iam:PermissionsBoundary": boundary(account) });
export const ownTags = ({ environment }: Place, kind: "RequestTag" | "ResourceTag") => ({
  [`aws:${kind}/project`]: "slipway",
  [`aws:${kind}/environment`]: environment,
});

/** Ways out that are closed to every role of the platform, whatever else it may. */
export function closedToAll({ account, arn: own, stack }: Role): Row[] {
  const target = iam(account, `role/slipway-${stack}-new`);
  return [
    not("iam:CreateUser", iam(account, "user/intruder")),
    not("iam:CreateAccessKey", iam(account, "user/intruder")),
    not("iam:CreateRole", target),
    not(
      "iam:UpdateAssumeRolePolicy",
      own.includes(`role/slipway-${stack}-`) ? iam(account, "role/slipway-deploy") : own,
    ),
    not("iam:DeleteRolePermissionsBoundary", own),
    not("iam:CreatePolicyVersion", boundary(account)),
    not("sts:AssumeRole", iam("999999999999", "role/anybody")),
    not("s3:PutObject", "arn:aws:s3:::somebody-else-999999999999-us-east-1/x"),
    ...["dev", "staging", "prod"]
      .filter((other) => other !== stack)
      .map((other) => not("s3:GetObject", `${stateBucket}/.pulumi/stacks/slipway/${other}.json`)),
  ];
}

import * as pulumi from "@pulumi/pulumi";
import { isWildcard } from "../../policy/predicates/wildcards.ts";
import { partitionOf } from "./naming.ts";

type Values = pulumi.Input<string> | readonly pulumi.Input<string>[];
type Conditions = Record<string, Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>;

export interface Statement {
  /** Names the statement in the console and in tests. */
  sid: string;
  effect?: "Allow" | "Deny";
  principals?: "*" | { AWS?: Values; Service?: Values; Federated?: Values };
  actions: readonly string[];
  /** Left out in trust policies, which have no resource. */
  resources?: readonly pulumi.Input<string>[];
  conditions?: Conditions;
  /** Why a wildcard action or resource is right here; without it a wildcard in an Allow is refused. */
  wildcardReason?: string;
}

/** Services and principals are lists everywhere except where only one is possible, so documents compare equal. */
function listed(values: Values): pulumi.Input<string>[] {
  return Array.isArray(values) ? (values as pulumi.Input<string>[]) : [values as pulumi.Input<string>];
}

function principalOf(principals: Exclude<Statement["principals"], undefined>): unknown {
  if (principals === "*") return "*";
  return Object.fromEntries(
    Object.entries(principals).map(([kind, values]: [string, Values]) => [kind, listed(values)]),
  );
}

function assertReasoned(statement: Statement): void {
  if (statement.effect === "Deny" || statement.wildcardReason) return;
  const wide = [...statement.actions, ...(statement.resources ?? [])].filter(isWildcard);
  if (wide.length === 0) return;
  throw new RangeError(`statement ${statement.sid} allows ${wide.join(", ")} without a wildcardReason.`);
}

function render(statement: Statement): Record<string, unknown> {
  assertReasoned(statement);
  const { sid, effect = "Allow", principals, actions, resources, conditions } = statement;
  return {
    Sid: sid,
    Effect: effect,
    ...(principals && { Principal: principalOf(principals) }),
    Action: [...actions],
    ...(resources && { Resource: [...resources] }),
    ...(conditions && { Condition: conditions }),
  };
}

/**
 * A policy document as JSON. Plain values stay plain, so previews show the whole document.
 * @throws RangeError for an Allow with a wildcard and no reason.
 */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements.map(render) });
}

/** Nobody does any of this without TLS. */
export function plainHttpDenied(actions: readonly string[], resources: readonly pulumi.Input<string>[]): Statement {
  return {
    sid: "DenyPlainHttp",
    effect: "Deny",
    principals: "*",
    actions,
    resources,
    conditions: { Bool: { "aws:SecureTransport": "false" } },
  };
}

/** Trust policy of a role that one AWS service assumes for resources of this account only. */
export function serviceTrust(service: string, account: string, actions = ["sts:AssumeRole"]): pulumi.Output<string> {
  return policyDocument([
    {
      sid: "AssumedByService",
      principals: { Service: service },
      actions,
      // Without it another account could make the service act with this role (the confused deputy).
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    },
  ]);
}

/** Principal that stands for one whole account; what may be done is then decided by that account's own policies. */
export function accountPrincipal(account: string, region: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:root`;
}

/** ARN of a policy that AWS keeps. */
export function managedPolicy(name: string, region: string): string {
  return `arn:${partitionOf(region)}:iam::aws:policy/${name}`;
}

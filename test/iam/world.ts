import program from "../../index.ts";
import { type Registered, type Run, run } from "../support/harness.ts";
import { siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig, stackNames } from "../support/stack-files.ts";
import { managedByAws } from "./aws-policies.ts";

export type StackName = (typeof stackNames)[number];
export type Document = Record<string, unknown>;

export interface NamedPolicy {
  name: string;
  policy: Document;
}

/** One role of the program, with everything that decides what it comes to. */
export interface Role {
  stack: StackName;
  account: string;
  name: string;
  arn: string;
  trust: Document;
  policies: NamedPolicy[];
  boundary: NamedPolicy | undefined;
  sessionSeconds: number;
}

/** All roles of all stacks, and the policies of what they reach for. */
export interface World {
  roles: Role[];
  /** Policies of resources by ARN. */
  resources: ReadonlyMap<string, { account: string; policy: Document }>;
}

export const region = "us-east-1";

function accountOf(stack: StackName): string {
  return (JSON.parse(stackConfig(stack)["slipway:account"] ?? "{}") as { id: string }).id;
}

const parsed = (value: unknown) => JSON.parse(String(value)) as Document;

/** What AWS would answer, in the account of the stack. */
function outputsIn(account: string) {
  const named = (service: string, kind: string) => (name: string, inputs: Record<string, unknown>) => ({
    arn: `arn:aws:${service}:${region}:${account}:${kind}${String((inputs.name as string | undefined) ?? name)}`,
  });
  const global = (kind: string) => (name: string, inputs: Record<string, unknown>) => ({
    name: inputs.name ?? name,
    arn: `arn:aws:iam::${account}:${kind}/${String((inputs.name as string | undefined) ?? name)}`,
  });
  return {
    "aws:iam/role:Role": global("role"),
    "aws:iam/policy:Policy": global("policy"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": () => ({
      arn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    }),
    "aws:kms/key:Key": (name: string) => ({ arn: `arn:aws:kms:${region}:${account}:key/${name}`, keyId: name }),
    "aws:lambda/function:Function": named("lambda", "function:"),
    "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group:"),
    "aws:glue/job:Job": named("glue", "job/"),
    "aws:sns/topic:Topic": named("sns", ""),
    "aws:sqs/queue:Queue": (_: string, inputs: Record<string, unknown>) => ({
      arn: `arn:aws:sqs:${region}:${account}:${String(inputs.name)}`,
      url: `https://sqs.${region}.amazonaws.com/${account}/${String(inputs.name)}`,
    }),
    "aws:sfn/stateMachine:StateMachine": (name: string, inputs: Record<string, unknown>) => {
      const { arn } = named("states", "stateMachine:")(name, inputs);
      return { arn, stateMachineVersionArn: `${arn}:1` };
    },
  };
}

function rolesOf(stack: StackName, account: string, { ofType }: Run): Role[] {
  const own = new Map(
    ofType("aws:iam/policy:Policy").map(({ inputs }) => [
      `arn:aws:iam::${account}:policy/${String(inputs.name)}`,
      { name: String(inputs.name), policy: parsed(inputs.policy) },
    ]),
  );
  const known = (arn: string): NamedPolicy => own.get(arn) ?? managedByAws(arn);
  return ofType("aws:iam/role:Role").map(({ inputs }) => {
    const name = String(inputs.name);
    const inline = ofType("aws:iam/rolePolicy:RolePolicy")
      .filter((policy) => policy.inputs.role === name)
      .map((policy) => ({ name: policy.name, policy: parsed(policy.inputs.policy) }));
    const attached = ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .filter((attachment) => attachment.inputs.role === name)
      .map((attachment) => known(String(attachment.inputs.policyArn)));
    const bounded = inputs.permissionsBoundary as string | undefined;
    return {
      ...{ stack, account, name, arn: `arn:aws:iam::${account}:role/${name}` },
      trust: parsed(inputs.assumeRolePolicy),
      policies: [...inline, ...attached],
      boundary: bounded === undefined ? undefined : known(bounded),
      sessionSeconds: (inputs.maxSessionDuration as number | undefined) ?? 3600,
    };
  });
}

/** Where the policy of a resource is registered, by type: the ARN of the resource that it belongs to. */
const policyHolders: Record<string, (resource: Registered, account: string) => string> = {
  "aws:s3/bucketPolicy:BucketPolicy": ({ inputs }) => `arn:aws:s3:::${String(inputs.bucket)}`,
  "aws:kms/key:Key": ({ name }, account) => `arn:aws:kms:${region}:${account}:key/${name}`,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": ({ inputs }, account) =>
    `arn:aws:ecr:${region}:${account}:repository/${String(inputs.repository)}`,
  "aws:sns/topicPolicy:TopicPolicy": ({ inputs }) => String(inputs.arn),
  "aws:sqs/queuePolicy:QueuePolicy": ({ inputs }, account) =>
    `arn:aws:sqs:${region}:${account}:${String(inputs.queueUrl).split("/").at(-1)}`,
};

function resourcePolicies(account: string, { ofType }: Run): [string, { account: string; policy: Document }][] {
  return Object.entries(policyHolders).flatMap(([type, arnOf]) =>
    ofType(type).map((resource): [string, { account: string; policy: Document }] => [
      arnOf(resource, account),
      { account, policy: parsed(resource.inputs.policy) },
    ]),
  );
}

/** The role inside `eks.Cluster`, which mocks do not show; the sandbox's engine runs the same transform on it. */
function clusterRole(stack: StackName, account: string, boundary: NamedPolicy | undefined): Role {
  const name = `slipway-${stack}-cluster-eksRole-role`;
  const service = { Effect: "Allow", Principal: { Service: ["eks.amazonaws.com"] }, Action: ["sts:AssumeRole"] };
  return {
    ...{ stack, account, name, arn: `arn:aws:iam::${account}:role/${name}`, sessionSeconds: 3600, boundary },
    trust: { Version: "2012-10-17", Statement: [service] },
    policies: [managedByAws("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")],
  };
}

async function make(): Promise<World> {
  const roles: Role[] = [];
  const resources = new Map<string, { account: string; policy: Document }>();
  for (const stack of stackNames) {
    const account = accountOf(stack);
    const options = { stack, config: stackConfig(stack), stacks: siblingStacks, outputs: outputsIn(account) };
    const made = await run(program, options);
    const own = rolesOf(stack, account, made);
    roles.push(...own);
    if (stack !== "operations") roles.push(clusterRole(stack, account, own[0]?.boundary));
    for (const [arn, policy] of resourcePolicies(account, made)) resources.set(arn, policy);
  }
  return { roles, resources };
}

let made: Promise<World> | undefined;

/** Everything that the four stack files come to, made once. */
export function world(): Promise<World> {
  return (made ??= make());
}

import type { Statement } from "../shared/iam.ts";
import {
  type Place,
  boundaryArn,
  boundaryName,
  deliveryRole,
  environmentPrefix,
  ephemeralRole,
  iamArn,
  platformEnvironments,
  purposesOf,
  stateBucketArn,
} from "./names.ts";

export interface BoundaryScope extends Place {
  /** Account and region of the operations stack, where state is kept. */
  operations: { account: string; region: string };
}

/** Services that roles of the program are passed to. */
export const passedTo: readonly string[] = [
  "chatbot.amazonaws.com",
  "codedeploy.amazonaws.com",
  "ec2.amazonaws.com",
  "eks.amazonaws.com",
  "glue.amazonaws.com",
  "lambda.amazonaws.com",
  "pods.eks.amazonaws.com",
  "sagemaker.amazonaws.com",
  "scheduler.amazonaws.com",
  "events.amazonaws.com",
  "states.amazonaws.com",
  "synthetics.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
];

/** Services that make roles of their own, once per account. */
export const linkedServices: readonly string[] = [
  "autoscaling.amazonaws.com",
  "eks.amazonaws.com",
  "eks-nodegroup.amazonaws.com",
  "elasticloadbalancing.amazonaws.com",
  "spot.amazonaws.com",
];

/** Services that the program makes something in, or that what it makes works with. */
const usedServices: readonly string[] = [
  "apigateway",
  "athena",
  "autoscaling",
  "cloudwatch",
  "codedeploy",
  "ec2",
  "ecr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "events",
  "glue",
  "kms",
  "lambda",
  "logs",
  "s3",
  "sagemaker",
  "sagemaker-mlflow",
  "scheduler",
  "secretsmanager",
  "servicequotas",
  "sns",
  "sqs",
  "states",
  "synthetics",
  "xray",
];

/** The same for services that have one region in the world, wherever they are asked from. */
const globalServices: readonly string[] = ["budgets", "ce", "chatbot"];

/** Whatever changes a role, a policy or a provider. */
const identityWrites: readonly string[] = [
  ...["Add", "Attach", "Create", "Delete", "Detach", "Pass", "Put", "Remove", "Set", "Tag", "Untag", "Update"].map(
    (verb) => `iam:${verb}*`,
  ),
];

/** What the program's own roles are made of, and what is never made without a boundary. */
const boundedWrites = ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"];

export const roleUpkeep: readonly string[] = [
  "iam:DeleteRole",
  "iam:DeleteRolePolicy",
  "iam:DetachRolePolicy",
  "iam:TagRole",
  "iam:UntagRole",
  "iam:UpdateAssumeRolePolicy",
  "iam:UpdateRole",
  "iam:UpdateRoleDescription",
];

/** Roles that the program makes, all of which begin with the name of their environment. */
export function ownRoles(place: Place): string {
  return iamArn(place, `role/${environmentPrefix(place)}*`);
}

/** What the delivery's own identity consists of: only administrators change it. */
function deliveryIdentity(place: Place): string[] {
  return [
    ...purposesOf(place.environment).flatMap((purpose) => [
      iamArn(place, `role/${deliveryRole(purpose)}`),
      iamArn(place, `policy/${deliveryRole(purpose)}-*`),
    ]),
    iamArn(place, `policy/${boundaryName}`),
    iamArn(place, "oidc-provider/*"),
  ];
}

/** Objects of one stack's state: checkpoints, history, backups and locks. */
export function stateOf(bucket: string, stack: string): string[] {
  return [`${bucket}/.pulumi/*/slipway/${stack}.*`, `${bucket}/.pulumi/*/slipway/${stack}/*`];
}

function serviceStatements(scope: BoundaryScope): Statement[] {
  const regions = [...new Set([scope.region, scope.operations.region])];
  return [
    {
      sid: "UsedServices",
      actions: usedServices.map((service) => `${service}:*`),
      resources: ["*"],
      wildcardReason: "a boundary grants nothing; what a role may do is in its own policies",
      conditions: { StringEquals: { "aws:RequestedRegion": regions } },
    },
    {
      sid: "GlobalServices",
      actions: globalServices.map((service) => `${service}:*`),
      resources: ["*"],
      wildcardReason: "a boundary grants nothing; what a role may do is in its own policies",
    },
    {
      sid: "ReadIdentity",
      actions: ["iam:Get*", "iam:List*"],
      resources: ["*"],
      wildcardReason: "reading is no way out, and lists have no resource",
    },
  ];
}

/** The way into accounts of pull requests. Each of them says by its trust whether it is open to this account. */
export function assumeEphemeral({ environment, region }: Place): Statement[] {
  if (environment !== "dev") return [];
  const role = iamArn({ account: "*", region }, `role/${ephemeralRole}`);
  return [{ sid: "AssumeEphemeral", actions: ["sts:AssumeRole"], resources: [role] }];
}

function roleStatements(scope: BoundaryScope): Statement[] {
  const roles = [ownRoles(scope)];
  return [
    {
      sid: "BoundedRoles",
      actions: boundedWrites,
      resources: roles,
      conditions: { StringEquals: { "iam:PermissionsBoundary": boundaryArn(scope) } },
    },
    { sid: "RoleUpkeep", actions: roleUpkeep, resources: roles },
    {
      sid: "PassOwnRoles",
      actions: ["iam:PassRole"],
      resources: roles,
      conditions: { StringEquals: { "iam:PassedToService": passedTo } },
    },
    {
      sid: "LinkedRoles",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [iamArn(scope, "role/aws-service-role/*")],
      conditions: { StringEquals: { "iam:AWSServiceName": linkedServices } },
    },
  ];
}

function refusals(scope: BoundaryScope): Statement[] {
  const bucket = stateBucketArn(scope.operations);
  const others = platformEnvironments.filter((name) => name !== scope.environment && name !== "operations");
  const refuse = (sid: string, actions: readonly string[], resources: readonly string[]): Statement => ({
    sid,
    effect: "Deny",
    actions,
    resources,
  });
  return [
    {
      ...refuse("NoUnboundedRoles", boundedWrites, ["*"]),
      conditions: { StringNotEquals: { "iam:PermissionsBoundary": boundaryArn(scope) } },
    },
    refuse("NoRemovalOfBoundaries", ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"], ["*"]),
    refuse("NoChangeOfDelivery", identityWrites, deliveryIdentity(scope)),
    refuse("NoUsersAndKeys", ["iam:*User*", "iam:*AccessKey*", "iam:*LoginProfile*", "iam:*Group*"], ["*"]),
    refuse(
      "NoStateOfOthers",
      ["s3:*"],
      others.flatMap((stack) => stateOf(bucket, stack)),
    ),
    ...(scope.environment === "operations"
      ? []
      : [refuse("NoChangeOfOperations", ["s3:Put*", "s3:Delete*"], stateOf(bucket, "operations"))]),
  ];
}

/**
 * The most that a role of the platform can ever come to, whatever its policies say: services that the program uses in its regions,
 * and roles under this same boundary. It binds the roles of the delivery themselves and every role that they make.
 */
export function boundaryStatements(scope: BoundaryScope): Statement[] {
  return [...serviceStatements(scope), ...roleStatements(scope), ...assumeEphemeral(scope), ...refusals(scope)];
}

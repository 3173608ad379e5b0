import { type Statement, managedPolicy } from "../../shared/iam.ts";
import { linkedServices, ownRoles, passedTo, roleUpkeep } from "../boundary.ts";
import { type Place, boundaryArn, iamArn } from "../names.ts";

/** Policies of AWS that the program hangs on to roles. */
const attached = [
  "AmazonEC2ContainerRegistryPullOnly",
  "AmazonEKSClusterPolicy",
  "AmazonEKSWorkerNodeMinimalPolicy",
  "AmazonEKS_CNI_Policy",
  "AmazonEKSVPCResourceController",
];

/** Looking at roles, policies and providers of the account. */
export function readIdentity(place: Place): Statement {
  return {
    sid: "ReadIdentity",
    actions: [
      "iam:GetOpenIDConnectProvider",
      "iam:GetPolicy",
      "iam:GetPolicyVersion",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListPolicyVersions",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
    ],
    resources: [iamArn(place, "role/*"), iamArn(place, "policy/*"), iamArn(place, "oidc-provider/*")],
  };
}

/** Roles of this environment, under the boundary, passed to the services that the program uses. */
export function changeRoles(place: Place): Statement[] {
  const resources = [ownRoles(place)];
  const bounded = { "iam:PermissionsBoundary": boundaryArn(place) };
  return [
    {
      sid: "MakeBoundedRoles",
      actions: ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"],
      resources,
      conditions: { StringEquals: bounded },
    },
    {
      sid: "AttachKnownPolicies",
      actions: ["iam:AttachRolePolicy"],
      resources,
      conditions: {
        StringEquals: bounded,
        ArnEquals: { "iam:PolicyARN": attached.map((policy) => managedPolicy(policy, place.region)) },
      },
    },
    { sid: "KeepRoles", actions: roleUpkeep, resources },
    {
      sid: "PassRoles",
      actions: ["iam:PassRole"],
      resources,
      conditions: { StringEquals: { "iam:PassedToService": passedTo } },
    },
    {
      sid: "LinkRoles",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [iamArn(place, "role/aws-service-role/*")],
      conditions: { StringEquals: { "iam:AWSServiceName": linkedServices } },
    },
  ];
}

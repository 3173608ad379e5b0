import type { Statement } from "../../shared/iam.ts";
import { clusterName, partitionOf } from "../../shared/naming.ts";
import { type Place, regionalArn } from "../names.ts";

const kinds = ["cluster", "nodegroup", "addon", "access-entry", "podidentityassociation"];

const changing = [
  "eks:AccessKubernetesApi",
  "eks:AssociateAccessPolicy",
  "eks:AssociateEncryptionConfig",
  "eks:CreateAccessEntry",
  "eks:CreateAddon",
  "eks:CreateNodegroup",
  "eks:CreatePodIdentityAssociation",
  "eks:DeleteAccessEntry",
  "eks:DeleteAddon",
  "eks:DeleteCluster",
  "eks:DeleteNodegroup",
  "eks:DeletePodIdentityAssociation",
  "eks:DisassociateAccessPolicy",
  "eks:TagResource",
  "eks:UntagResource",
  "eks:UpdateAccessEntry",
  "eks:UpdateAddon",
  "eks:UpdateClusterConfig",
  "eks:UpdateClusterVersion",
  "eks:UpdateNodegroupConfig",
  "eks:UpdateNodegroupVersion",
  "eks:UpdatePodIdentityAssociation",
];

function clusterArns(place: Place): string[] {
  const cluster = clusterName(place.environment);
  return kinds.map((kind) => regionalArn(place, "eks", `${kind}/${cluster}${kind === "cluster" ? "" : "/*"}`));
}

/** Looking at the cluster of the environment. Versions of add-ons belong to nobody. */
export function readCluster(place: Place): Statement[] {
  return [
    { sid: "ReadCluster", actions: ["eks:Describe*", "eks:List*"], resources: clusterArns(place) },
    {
      sid: "ReadAddons",
      actions: ["eks:DescribeAddonVersions", "eks:DescribeAddonConfiguration", "eks:DescribeClusterVersions"],
      resources: ["*"],
      wildcardReason: "what EKS offers has no resource",
    },
  ];
}

/** The cluster of the environment, its nodes, add-ons and who may enter it. */
export function changeCluster(place: Place): Statement[] {
  const arns = clusterArns(place);
  return [
    {
      sid: "ChangeCluster",
      actions: changing,
      resources: arns,
    },
    {
      sid: "MakeCluster",
      actions: ["eks:CreateCluster"],
      resources: ["*"],
      wildcardReason: "making a cluster has no resource; it must get the environment's tags",
      conditions: {
        StringEquals: { "aws:RequestTag/project": "slipway", "aws:RequestTag/environment": place.environment },
      },
    },
    {
      // EKS asks whether whoever makes nodes from a launch template may start instances from it.
      sid: "StartNodes",
      actions: ["ec2:RunInstances"],
      resources: [regionalArn(place, "ec2", "*"), `arn:${partitionOf(place.region)}:ec2:${place.region}::image/*`],
      conditions: { ArnLike: { "ec2:LaunchTemplate": regionalArn(place, "ec2", "launch-template/*") } },
    },
  ];
}

import type { Statement } from "../../shared/iam.ts";
import { type Place, regionalArn } from "../names.ts";

/** Calls that make something and, in the same breath, check what it is made in. */
const making = [
  "ec2:AllocateAddress",
  "ec2:AuthorizeSecurityGroupEgress",
  "ec2:AuthorizeSecurityGroupIngress",
  "ec2:CreateFlowLogs",
  "ec2:CreateInternetGateway",
  "ec2:CreateLaunchTemplate",
  "ec2:CreateNatGateway",
  "ec2:CreateRouteTable",
  "ec2:CreateSecurityGroup",
  "ec2:CreateSubnet",
  "ec2:CreateVpc",
  "ec2:CreateVpcEndpoint",
];

const changing = [
  "ec2:AssociateRouteTable",
  "ec2:AttachInternetGateway",
  "ec2:CreateLaunchTemplateVersion",
  "ec2:CreateRoute",
  "ec2:DeleteFlowLogs",
  "ec2:DeleteInternetGateway",
  "ec2:DeleteLaunchTemplate",
  "ec2:DeleteLaunchTemplateVersions",
  "ec2:DeleteNatGateway",
  "ec2:DeleteRoute",
  "ec2:DeleteRouteTable",
  "ec2:DeleteSecurityGroup",
  "ec2:DeleteSubnet",
  "ec2:DeleteVpc",
  "ec2:DeleteVpcEndpoints",
  "ec2:DetachInternetGateway",
  "ec2:DisassociateAddress",
  "ec2:DisassociateRouteTable",
  "ec2:ModifyLaunchTemplate",
  "ec2:ModifySecurityGroupRules",
  "ec2:ModifySubnetAttribute",
  "ec2:ModifyVpcAttribute",
  "ec2:ModifyVpcEndpoint",
  "ec2:ReleaseAddress",
  "ec2:ReplaceRoute",
  "ec2:RevokeSecurityGroupEgress",
  "ec2:RevokeSecurityGroupIngress",
  "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
];

/** Looking at networks. */
export function readNetwork(): Statement {
  return {
    sid: "ReadNetwork",
    actions: ["ec2:Describe*"],
    resources: ["*"],
    wildcardReason: "EC2 has no resources in calls that describe",
  };
}

/**
 * Networks of the environment. EC2's ids are made up by EC2, so tags tell whose something is: what is made must get the program's, and
 * what it is made in, or is changed, must have them.
 */
export function changeNetwork(place: Place): Statement[] {
  const everything = [regionalArn(place, "ec2", "*")];
  const tags = (kind: "RequestTag" | "ResourceTag") => ({
    StringEquals: { [`aws:${kind}/project`]: "slipway", [`aws:${kind}/environment`]: place.environment },
  });
  return [
    { sid: "MakeNetwork", actions: making, resources: everything, conditions: tags("RequestTag") },
    { sid: "MakeInNetwork", actions: making, resources: everything, conditions: tags("ResourceTag") },
    { sid: "ChangeNetwork", actions: changing, resources: everything, conditions: tags("ResourceTag") },
    {
      sid: "TagNew",
      actions: ["ec2:CreateTags"],
      resources: everything,
      conditions: { StringEquals: { "ec2:CreateAction": making.map((action) => action.replace("ec2:", "")) } },
    },
    {
      sid: "TagOwn",
      actions: ["ec2:CreateTags", "ec2:DeleteTags"],
      resources: everything,
      conditions: tags("ResourceTag"),
    },
    {
      // The default group of a VPC comes without tags, and the program takes it over to empty it.
      sid: "EmptyDefaultGroup",
      actions: ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateTags"],
      resources: [regionalArn(place, "ec2", "security-group/*")],
    },
  ];
}

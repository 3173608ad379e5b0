import type { NamedPolicy } from "./world.ts";

const allow = (...actions: string[]) => ({ Effect: "Allow", Action: actions, Resource: "*" });

/** What the policies of AWS that the program attaches allow, as far as the table asks about it. Their documents are AWS's and are not here. */
const excerpts: Record<string, object> = {
  AmazonEKSWorkerNodeMinimalPolicy: allow("ec2:DescribeInstances", "eks-auth:AssumeRoleForPodIdentity"),
  AmazonEC2ContainerRegistryPullOnly: allow(
    "ecr:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
  ),
  AmazonEKS_CNI_Policy: allow(
    "ec2:AssignPrivateIpAddresses",
    "ec2:AttachNetworkInterface",
    "ec2:CreateNetworkInterface",
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
  ),
  AmazonEKSClusterPolicy: allow(
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:CreateSecurityGroup",
    "ec2:DescribeInstances",
    "elasticloadbalancing:CreateLoadBalancer",
    "kms:DescribeKey",
  ),
};

/** @throws Error for a policy that nobody has looked at yet. */
export function managedByAws(arn: string): NamedPolicy {
  const name = arn.replace("arn:aws:iam::aws:policy/", "");
  const statement = excerpts[name];
  if (statement === undefined) throw new Error(`${arn}: say in aws-policies.ts what it allows`);
  return { name, policy: { Version: "2012-10-17", Statement: [statement] } };
}

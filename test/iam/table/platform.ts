import { type Place, type Table, arn, bucket, iam, may, not } from "./row.ts";

/** Rows of the roles that the network and the cluster work with. */
export function platformTable(place: Place): Table {
  const { environment, account } = place;
  const own = `slipway-${environment}`;
  const group = arn(place, "logs", `log-group:/slipway/${environment}/flow-logs`);
  const image = "arn:aws:ecr:us-east-1:111111111111:repository/slipway/api";
  const secret = arn(place, "secretsmanager", `secret:slipway/${environment}/data/source-credentials-abcdef`);
  return {
    [`${own}-network-flow-role`]: [
      may("logs:PutLogEvents", `${group}:log-stream:eni-1`),
      not("logs:PutLogEvents", arn(place, "logs", `log-group:/aws/lambda/${own}-data-validate:log-stream:x`)),
      not("logs:DeleteLogGroup", group),
      not("logs:GetLogEvents", `${group}:log-stream:eni-1`),
    ],
    [`${own}-cluster-nodes-role`]: [
      may("ec2:DescribeInstances", "*"),
      may("ecr:BatchGetImage", image),
      may("eks-auth:AssumeRoleForPodIdentity", arn(place, "eks", `cluster/${own}`)),
      not("ecr:PutImage", image),
      not("ec2:CreateNetworkInterface", arn(place, "ec2", "network-interface/eni-1")),
      not("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
      not("secretsmanager:GetSecretValue", secret),
      not("iam:PassRole", iam(account, `role/${own}-data-pipeline-role`), {
        "iam:PassedToService": "lambda.amazonaws.com",
      }),
    ],
    [`${own}-cluster-vpc-cni-identity-role`]: [
      may("ec2:CreateNetworkInterface", arn(place, "ec2", "network-interface/eni-1")),
      not("ec2:DeleteVpc", arn(place, "ec2", "vpc/vpc-1")),
      not("ecr:BatchGetImage", arn(place, "ecr", "repository/x")),
    ],
    [`${own}-cluster-eksRole-role`]: [
      may("elasticloadbalancing:CreateLoadBalancer", arn(place, "elasticloadbalancing", "loadbalancer/net/x/1")),
      not("eks:DeleteCluster", arn(place, "eks", `cluster/${own}`)),
      not("s3:GetObject", bucket(place, "raw", "incoming/orders/a.csv")),
    ],
  };
}

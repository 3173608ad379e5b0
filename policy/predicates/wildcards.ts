/** Whether an action or a resource of an IAM statement means everything, or everything of one service. */
export function isWildcard(value: unknown): value is string {
  return value === "*" || (typeof value === "string" && /^[a-z0-9-]+:\*$/.test(value));
}

/**
 * Actions that IAM takes no resource for: a statement with only these has to say `*`. From the service authorization reference,
 * and only those that are granted somewhere.
 */
export const unscopedActions: ReadonlySet<string> = new Set([
  "chatbot:CreateMicrosoftTeamsChannelConfiguration",
  "chatbot:CreateSlackChannelConfiguration",
  "chatbot:DescribeSlackChannelConfigurations",
  "chatbot:GetMicrosoftTeamsChannelConfiguration",
  "chatbot:ListMicrosoftTeamsChannelConfigurations",
  "chatbot:ListTagsForResource",
  "cloudwatch:GetMetricWidgetImage",
  "codedeploy:GetDeploymentTarget",
  "codedeploy:ListApplications",
  "codedeploy:ListDeploymentTargets",
  "codedeploy:PutLifecycleEventHookExecutionStatus",
  "codedeploy:StopDeployment",
  "ec2:Describe*",
  "ec2:DescribeDhcpOptions",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcs",
  "ecr:GetAuthorizationToken",
  "eks:DescribeAddonConfiguration",
  "eks:DescribeAddonVersions",
  "eks:DescribeClusterVersions",
  "events:PutPermission",
  "events:RemovePermission",
  "glue:CreateSecurityConfiguration",
  "glue:DeleteSecurityConfiguration",
  "glue:GetSecurityConfiguration",
  "glue:GetSecurityConfigurations",
  "kms:ListAliases",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "s3:ListAllMyBuckets",
  "servicequotas:GetAWSDefaultServiceQuota",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
  // IAM knows resources for these, and CloudWatch refuses alarms of alarms to whoever may not reach all.
  "cloudwatch:DescribeAlarms",
  "cloudwatch:PutCompositeAlarm",
  // Lists of the whole account: naming one model package or quota would be another question.
  "sagemaker:ListModelPackages",
  "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota",
]);

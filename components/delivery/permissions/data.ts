import type { Statement } from "../../shared/iam.ts";
import { databaseName, partitionOf } from "../../shared/naming.ts";
import { type Place, environmentPrefix } from "../names.ts";
import { type Kind, named, statementOf, words } from "./kinds.ts";

const logGroups = ({ environment }: Place) => [
  `log-group:/slipway/${environment}/*`,
  `log-group:/aws/eks/slipway-${environment}/*`,
  // Groups of SageMaker's jobs are one of a kind in an account, and those of endpoints stand beside them.
  "log-group:/aws/sagemaker/*",
  ...["/aws/lambda/", "/aws-glue/jobs/", "/aws/vendedlogs/states/", "/aws/vendedlogs/apigateway/"].map(
    (folder) => `log-group:${folder}slipway-${environment}-*`,
  ),
];

/** Databases and tables, and the catalog that each request on them touches as well. */
const catalog = ({ environment }: Place) => {
  const databases = databaseName(environment, "*");
  return ["catalog", `database/${databases}`, `table/${databases}/*`];
};

const kinds: readonly Kind[] = [
  {
    sid: "Functions",
    service: "lambda",
    resources: named("function:", "layer:"),
    read: words(
      "GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration GetFunctionEventInvokeConfig GetLayerVersion GetPolicy ListTags ListVersionsByFunction",
    ),
    change: words(
      "AddPermission CreateFunction DeleteFunction DeleteFunctionEventInvokeConfig DeleteLayerVersion PublishLayerVersion PublishVersion PutFunctionConcurrency PutFunctionEventInvokeConfig RemovePermission TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig",
    ),
  },
  {
    sid: "StateMachines",
    service: "states",
    resources: named("stateMachine:", "execution:"),
    read: words("DescribeExecution DescribeStateMachine ListStateMachineVersions ListTagsForResource"),
    change: words(
      "CreateStateMachine DeleteStateMachine DeleteStateMachineVersion PublishStateMachineVersion StartExecution StopExecution TagResource UntagResource UpdateStateMachine",
    ),
  },
  {
    sid: "Catalog",
    service: "glue",
    resources: catalog,
    read: words("GetDatabase GetDatabases GetPartitionIndexes GetTable GetTables GetTags"),
    change: words(
      "CreateDatabase CreateTable DeleteDatabase DeleteTable UpdateDatabase UpdateTable TagResource UntagResource",
    ),
  },
  {
    sid: "Jobs",
    service: "glue",
    resources: named("job/", "crawler/", "dataQualityRuleset/"),
    read: words("GetCrawler GetDataQualityRuleset GetJob GetTags"),
    change: words(
      "CreateJob DeleteCrawler DeleteDataQualityRuleset DeleteJob TagResource UntagResource UpdateCrawler UpdateDataQualityRuleset UpdateJob",
    ),
  },
  {
    sid: "Workgroups",
    service: "athena",
    resources: named("workgroup/"),
    read: words("GetWorkGroup ListTagsForResource"),
    change: words("CreateWorkGroup DeleteWorkGroup TagResource UntagResource UpdateWorkGroup"),
  },
  {
    sid: "Rules",
    service: "events",
    resources: named("rule/"),
    read: words("DescribeRule ListTagsForResource ListTargetsByRule"),
    change: words("DeleteRule DisableRule EnableRule PutRule PutTargets RemoveTargets TagResource UntagResource"),
  },
  {
    sid: "Schedules",
    service: "scheduler",
    resources: named("schedule/default/"),
    read: words("GetSchedule"),
    change: words("CreateSchedule DeleteSchedule UpdateSchedule"),
  },
  {
    sid: "Topics",
    service: "sns",
    resources: named(""),
    read: words(
      "GetDataProtectionPolicy GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource",
    ),
    change: words("CreateTopic DeleteTopic SetTopicAttributes Subscribe TagResource UntagResource"),
  },
  {
    sid: "Queues",
    service: "sqs",
    resources: named(""),
    read: words("GetQueueAttributes GetQueueUrl ListQueueTags"),
    change: words("CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue"),
  },
  {
    sid: "Alarms",
    service: "cloudwatch",
    resources: named("alarm:"),
    read: words("DescribeAlarms ListTagsForResource"),
    change: words("DeleteAlarms PutMetricAlarm TagResource UntagResource"),
  },
  {
    sid: "Logs",
    service: "logs",
    resources: logGroups,
    read: words("ListTagsForResource"),
    change: words(
      "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DisassociateKmsKey PutRetentionPolicy TagResource UntagResource",
    ),
  },
  {
    sid: "Secrets",
    service: "secretsmanager",
    resources: ({ environment }) => [`secret:slipway/${environment}/*`],
    read: words("DescribeSecret GetResourcePolicy"),
    // The program makes the place of a secret; its value is set by people and read by jobs.
    change: words("CreateSecret DeleteSecret RestoreSecret TagResource UntagResource UpdateSecret"),
  },
];

/** Looking at everything that the data pipeline is made of, but at no data. */
export function readData(place: Place): Statement[] {
  return [
    ...kinds.map((kind) => statementOf(place, kind, "Read")),
    {
      sid: "ReadLists",
      actions: ["logs:DescribeLogGroups", "glue:GetSecurityConfiguration", "glue:GetSecurityConfigurations"],
      resources: ["*"],
      wildcardReason: "these calls have no resource",
    },
    {
      sid: "ReadDashboards",
      actions: ["cloudwatch:GetDashboard"],
      resources: dashboards(place),
    },
  ];
}

function dashboards(place: Place): string[] {
  return [`arn:${partitionOf(place.region)}:cloudwatch::${place.account}:dashboard/${environmentPrefix(place)}*`];
}

/** Everything that the data pipeline is made of. */
export function changeData(place: Place): Statement[] {
  return [
    ...kinds.map((kind) => statementOf(place, kind, "Change")),
    {
      sid: "ChangeDashboards",
      actions: ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"],
      resources: dashboards(place),
    },
    {
      sid: "ChangeJobSecurity",
      actions: ["glue:CreateSecurityConfiguration", "glue:DeleteSecurityConfiguration"],
      resources: ["*"],
      wildcardReason: "security configurations of Glue have no ARN",
    },
    {
      sid: "MakeCrawlersAndRules",
      actions: ["glue:CreateCrawler", "glue:CreateDataQualityRuleset"],
      resources: ["*"],
      wildcardReason: "making either has no resource; it must get the environment's tags",
      conditions: {
        StringEquals: { "aws:RequestTag/project": "slipway", "aws:RequestTag/environment": place.environment },
      },
    },
    {
      sid: "DeliverLogs",
      actions: [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
      ],
      resources: ["*"],
      wildcardReason: "Step Functions sets up its logs by calls that have no resource",
    },
  ];
}

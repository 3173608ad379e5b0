import type { Statement } from "../../shared/iam.ts";
import { partitionOf } from "../../shared/naming.ts";
import { type Place, environmentPrefix } from "../names.ts";
import { type Kind, named, statementOf, words } from "./kinds.ts";

/** Namespaces that the driver writes figures of deliveries and streams into. */
export const toldNamespaces: readonly string[] = ["Slipway/Delivery", "Slipway/Streams"];

const kinds: readonly Kind[] = [
  {
    sid: "Canaries",
    service: "synthetics",
    resources: named("canary:"),
    read: words("GetCanary GetCanaryRuns ListTagsForResource"),
    change: words("DeleteCanary StartCanary StopCanary TagResource UntagResource UpdateCanary"),
  },
  {
    // Synthetics makes the function of a canary with the permissions of whoever makes the canary.
    sid: "CanaryFunctions",
    service: "lambda",
    resources: named("function:cwsyn-", "layer:cwsyn-"),
    read: words("GetFunction GetFunctionConfiguration GetLayerVersion"),
    change: words(
      "AddPermission CreateFunction DeleteFunction DeleteLayerVersion PublishLayerVersion PublishVersion UpdateFunctionCode UpdateFunctionConfiguration",
    ),
  },
  {
    sid: "CanaryLogs",
    service: "logs",
    resources: named("log-group:/aws/lambda/cwsyn-"),
    read: words("ListTagsForResource"),
    change: words("AssociateKmsKey CreateLogGroup DeleteLogGroup PutRetentionPolicy TagResource UntagResource"),
  },
];

/** ARN of something that has no region. */
function global({ account, region }: Place, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}::${account}:${resource}`;
}

function channels(place: Place): string[] {
  const own = `${environmentPrefix(place)}*`;
  return ["slack-channel", "microsoft-teams-channel"].map((kind) =>
    global(place, "chatbot", `chat-configuration/${kind}/${own}`),
  );
}

const budgets = (place: Place) => [global(place, "budgets", `budget/${environmentPrefix(place)}*`)];

/** Cost Explorer makes up the ids of monitors and subscriptions. */
const anomalies = (place: Place) => [
  global(place, "ce", "anomalymonitor/*"),
  global(place, "ce", "anomalysubscription/*"),
];

/** Looking at everything that observes an environment. */
export function readObservability(place: Place): Statement[] {
  return [
    ...kinds.map((kind) => statementOf(place, kind, "Read")),
    {
      sid: "ReadAlarmsAndChannels",
      actions: [
        "chatbot:DescribeSlackChannelConfigurations",
        "chatbot:GetMicrosoftTeamsChannelConfiguration",
        "chatbot:ListMicrosoftTeamsChannelConfigurations",
        "chatbot:ListTagsForResource",
        "cloudwatch:DescribeAlarms",
      ],
      resources: ["*"],
      wildcardReason:
        "lists have no resource, and CloudWatch tells of alarms of alarms to nobody who may ask for some only",
    },
    { sid: "ReadBudgets", actions: ["budgets:ListTagsForResource", "budgets:ViewBudget"], resources: budgets(place) },
    {
      sid: "ReadAnomalies",
      actions: ["ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:ListTagsForResource"],
      resources: anomalies(place),
    },
  ];
}

/** Everything that observes an environment, and telling CloudWatch of deliveries. */
export function changeObservability(place: Place): Statement[] {
  return [
    ...kinds.map((kind) => statementOf(place, kind, "Change")),
    {
      sid: "TellOfDeliveries",
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      wildcardReason: "metrics have no ARN; the namespaces are the limit",
      conditions: { StringEquals: { "cloudwatch:namespace": toldNamespaces } },
    },
    ...makeObservers(place),
    ...changeObservers(place),
  ];
}

/** What cannot be named before it is there. */
function makeObservers(place: Place): Statement[] {
  return [
    {
      sid: "MakeAlarmsAndChannels",
      actions: [
        "chatbot:CreateMicrosoftTeamsChannelConfiguration",
        "chatbot:CreateSlackChannelConfiguration",
        "cloudwatch:PutCompositeAlarm",
      ],
      resources: ["*"],
      wildcardReason:
        "making channels has no resource, and CloudWatch makes alarms of alarms for nobody who may make some only",
    },
    {
      sid: "MakeCanariesAndMonitors",
      actions: ["ce:CreateAnomalyMonitor", "ce:CreateAnomalySubscription", "synthetics:CreateCanary"],
      resources: ["*"],
      wildcardReason: "making any of these has no resource; it must get the environment's tags",
      conditions: {
        StringEquals: { "aws:RequestTag/project": "slipway", "aws:RequestTag/environment": place.environment },
      },
    },
  ];
}

/** Channels, budgets and monitors that are there. */
function changeObservers(place: Place): Statement[] {
  return [
    {
      sid: "ChangeChannels",
      actions: [
        "chatbot:DeleteMicrosoftTeamsChannelConfiguration",
        "chatbot:DeleteSlackChannelConfiguration",
        "chatbot:TagResource",
        "chatbot:UntagResource",
        "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
        "chatbot:UpdateSlackChannelConfiguration",
      ],
      resources: channels(place),
    },
    {
      sid: "ChangeBudgets",
      actions: ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"],
      resources: budgets(place),
    },
    {
      sid: "ChangeAnomalies",
      actions: [
        "ce:DeleteAnomalyMonitor",
        "ce:DeleteAnomalySubscription",
        "ce:TagResource",
        "ce:UntagResource",
        "ce:UpdateAnomalyMonitor",
        "ce:UpdateAnomalySubscription",
      ],
      resources: anomalies(place),
      conditions: {
        StringEquals: { "aws:ResourceTag/project": "slipway", "aws:ResourceTag/environment": place.environment },
      },
    },
  ];
}

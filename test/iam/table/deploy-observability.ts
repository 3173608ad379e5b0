import { deliveryMetrics, streamMetrics } from "../../../config/metrics.ts";
import { type Place, type Row, arn, iam, may, not, ownTags } from "./row.ts";

/** Whoever deploys makes what observes an environment, and tells CloudWatch of deliveries and nothing else. */
export function observabilityRows(place: Place): Row[] {
  const { environment, account } = place;
  const own = `slipway-${environment}-`;
  const global = (service: string, what: string) => `arn:aws:${service}::${account}:${what}`;
  const told = (namespace: string) => ({ "cloudwatch:namespace": namespace });
  const slack = (name: string) => global("chatbot", `chat-configuration/slack-channel/${name}`);
  const passed = (service: string) => ({ "iam:PassedToService": service });
  const role = (name: string) => iam(account, `role/${own}${name}`);
  return [
    may("cloudwatch:PutMetricData", "*", told(deliveryMetrics.namespace)),
    may("cloudwatch:PutMetricData", "*", told(streamMetrics.namespace)),
    not("cloudwatch:PutMetricData", "*", told("Slipway/Data")),
    may("cloudwatch:PutCompositeAlarm", arn(place, "cloudwatch", `alarm:${own}rollback`)),
    not("cloudwatch:DeleteAlarms", arn(place, "cloudwatch", "alarm:somebody")),
    may("cloudwatch:PutDashboard", global("cloudwatch", `dashboard/${own}delivery`)),
    may("synthetics:CreateCanary", "*", ownTags(place, "RequestTag")),
    not("synthetics:CreateCanary", "*"),
    not("synthetics:DeleteCanary", arn(place, "synthetics", "canary:somebody")),
    may("lambda:CreateFunction", arn(place, "lambda", `function:cwsyn-${own}http-1`)),
    not("lambda:CreateFunction", arn(place, "lambda", "function:cwsyn-somebody-1")),
    not("lambda:InvokeFunction", arn(place, "lambda", `function:cwsyn-${own}http-1`)),
    may("chatbot:UpdateSlackChannelConfiguration", slack(`${own}slack-critical`)),
    not("chatbot:UpdateSlackChannelConfiguration", slack("somebody")),
    may("budgets:ModifyBudget", global("budgets", `budget/${own}monthly`)),
    not("budgets:ModifyBudget", global("budgets", "budget/somebody")),
    may("ce:CreateAnomalyMonitor", "*", ownTags(place, "RequestTag")),
    not("ce:CreateAnomalyMonitor", "*"),
    may("ce:DeleteAnomalyMonitor", global("ce", "anomalymonitor/1"), ownTags(place, "ResourceTag")),
    not("ce:DeleteAnomalyMonitor", global("ce", "anomalymonitor/1")),
    not("ce:GetCostAndUsage", "*"),
    may("iam:PassRole", role("observability-chat-role"), passed("chatbot.amazonaws.com")),
    may("iam:PassRole", role("observability-http-role"), passed("synthetics.amazonaws.com")),
    not("iam:PassRole", role("observability-chat-role"), passed("ssm.amazonaws.com")),
  ];
}

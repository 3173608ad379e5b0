import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../data/roles.ts";
import type { DataScope } from "../data/state-machine/names.ts";
import type { Severity } from "../data/state-machine/pipeline-definition.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, managedPolicy } from "../shared/iam.ts";
import { observabilityName } from "./names.ts";
import type { Channels, ChatSettings, Topics } from "./observability-settings.ts";

export interface ChatArgs extends DataScope {
  settings: ChatSettings;
  topics: Topics;
}

/** What whoever is in a channel sees beside the message: the graph of the metric that an alarm is about. */
export const chatStatements: readonly Statement[] = [
  {
    sid: "DrawMetrics",
    actions: ["cloudwatch:GetMetricWidgetImage"],
    resources: ["*"],
    wildcardReason: "pictures of metrics have no resource",
  },
];

/** Severities by channel: AWS takes one configuration for a channel. */
export function byChannel(channels: Channels): Map<string, Severity[]> {
  const found = new Map<string, Severity[]>();
  for (const [severity, channel] of Object.entries(channels) as [Severity, string][])
    found.set(channel, [...(found.get(channel) ?? []), severity]);
  return found;
}

/** Topics of alarms as channels of Slack and Teams, where people can read and do nothing else. */
export class Chat extends SlipwayComponent {
  /** ARNs of the configurations. */
  readonly channels: pulumi.Output<string[]>;

  constructor(name: string, args: ChatArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Chat", name, opts);
    const { settings, account, region } = args;
    const { role, policy } = serviceRole(this, name, {
      service: "chatbot.amazonaws.com",
      account,
      statements: chatStatements,
    });
    const common = {
      iamRoleArn: role.arn,
      // Without guardrails AWS takes AdministratorAccess: what is typed in a channel could do whatever a role is given one day.
      guardrailPolicyArns: [managedPolicy("CloudWatchReadOnlyAccess", region)],
      loggingLevel: "NONE",
    };
    const ready = childOf(this, { dependsOn: [policy] });
    const { slack, teams } = settings;
    const inSlack = this.each(args, slack?.channels, "slack", (channel, key, more) => {
      const place = { slackTeamId: slack?.workspace ?? "", slackChannelId: channel };
      return new aws.chatbot.SlackChannelConfiguration(`${name}-${key}`, { ...common, ...place, ...more }, ready);
    });
    const inTeams = this.each(args, teams?.channels, "teams", (channel, key, more) => {
      const place = { tenantId: teams?.tenant ?? "", teamId: teams?.team ?? "", channelId: channel };
      return new aws.chatbot.TeamsChannelConfiguration(`${name}-${key}`, { ...common, ...place, ...more }, ready);
    });
    this.channels = pulumi.all([...inSlack, ...inTeams].map(({ chatConfigurationArn }) => chatConfigurationArn));
    this.registerOutputs({ channels: this.channels });
  }

  private each<T>(
    { environment, topics }: ChatArgs,
    channels: Channels = {},
    service: "slack" | "teams",
    make: (
      channel: string,
      key: string,
      more: { configurationName: string; snsTopicArns: pulumi.Input<string>[] },
    ) => T,
  ): T[] {
    return [...byChannel(channels)].map(([channel, severities]) => {
      const key = `${service}-${severities.join("-")}`;
      const configurationName = observabilityName(environment, key);
      return make(channel, key, { configurationName, snsTopicArns: severities.map((severity) => topics[severity]) });
    });
  }
}

import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, plainHttpDenied, policyDocument } from "../shared/iam.ts";
import { type DataScope, arnOf, dataName } from "./state-machine/names.ts";
import type { Severity } from "./state-machine/pipeline-definition.ts";

/** Services of AWS that may send warnings of costs. */
export type Publisher = "budgets" | "anomalies";

export interface AlertsArgs extends DataScope {
  keyArn: pulumi.Input<string>;
  /** Mail addresses by severity; AWS asks each whether it agrees. Defaults to nobody. */
  subscribers?: Readonly<Partial<Record<Severity, readonly string[]>>>;
  /** Who beside alarms and the pipeline may send warnings. Defaults to nobody. */
  publishers?: readonly Publisher[];
}

export const severities: readonly Severity[] = ["info", "warning", "critical"];

/** Who besides the roles of this account may publish to a topic. Information comes from the pipeline alone. */
const services: Readonly<Record<Severity, readonly ("alarms" | "events")[]>> = {
  info: [],
  warning: ["alarms", "events"],
  critical: ["alarms"],
};

const publishing: Readonly<Record<Publisher, { sid: string; service: string }>> = {
  budgets: { sid: "PublishByBudgets", service: "budgets.amazonaws.com" },
  anomalies: { sid: "PublishByCostExplorer", service: "costalerts.amazonaws.com" },
};

/** Statements of a topic's policy: no plain HTTP for anyone, and publishing for exactly the services that need it. */
export function topicStatements(
  scope: DataScope,
  severity: Severity,
  arn: pulumi.Input<string>,
  publishers: readonly Publisher[] = [],
): Statement[] {
  const publish = { actions: ["sns:Publish"], resources: [arn] };
  const tlsOnly = plainHttpDenied(publish.actions, publish.resources);
  const byService: Record<"alarms" | "events", Statement> = {
    alarms: {
      ...publish,
      sid: "PublishByAlarms",
      principals: { Service: "cloudwatch.amazonaws.com" },
      conditions: {
        StringEquals: { "aws:SourceAccount": scope.account },
        ArnLike: { "aws:SourceArn": arnOf(scope, "cloudwatch", "alarm:*") },
      },
    },
    // EventBridge fills in no condition keys when it publishes to SNS: any condition would drop every message.
    events: { ...publish, sid: "PublishByEvents", principals: { Service: "events.amazonaws.com" } },
  };
  const ofCosts = (severity === "warning" ? publishers : []).map((publisher): Statement => {
    const { sid, service: Service } = publishing[publisher];
    const conditions = { StringEquals: { "aws:SourceAccount": scope.account } };
    return { ...publish, sid, principals: { Service }, conditions };
  });
  return [tlsOnly, ...services[severity].map((service) => byService[service]), ...ofCosts];
}

/**
 * Statements that the policy of the key needs, so that alarms and events reach encrypted topics and queues. They are tied
 * to the topics and queues themselves, since EventBridge names no source there either.
 */
export function usedByAlerts(scope: DataScope, publishers: readonly Publisher[] = []): Statement[] {
  const use = {
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: ["*"],
    wildcardReason: "in a key policy * is this key",
  };
  const own = dataName(scope.environment, "*");
  return [
    {
      ...use,
      sid: "UsedForAlerts",
      principals: {
        Service: [
          ...["cloudwatch.amazonaws.com", "events.amazonaws.com"],
          ...publishers.map((publisher) => publishing[publisher].service),
        ],
      },
      conditions: { StringLike: { "kms:EncryptionContext:aws:sns:topicArn": arnOf(scope, "sns", own) } },
    },
    {
      ...use,
      sid: "UsedForDeadLetters",
      principals: { Service: "events.amazonaws.com" },
      conditions: { StringLike: { "kms:EncryptionContext:aws:sqs:arn": arnOf(scope, "sqs", own) } },
    },
  ];
}

/** One encrypted topic per severity, and who reads it. */
export class Alerts extends SlipwayComponent {
  /** ARNs by severity. */
  readonly topics: Readonly<Record<Severity, pulumi.Output<string>>>;

  constructor(name: string, args: AlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Alerts", name, opts);
    const topic = (severity: Severity) => this.addTopic(name, severity, args);
    this.topics = { info: topic("info"), warning: topic("warning"), critical: topic("critical") };
    this.registerOutputs({ topics: this.topics });
  }

  private addTopic(name: string, severity: Severity, args: AlertsArgs): pulumi.Output<string> {
    const topic = new aws.sns.Topic(
      `${name}-${severity}`,
      { name: dataName(args.environment, severity), kmsMasterKeyId: args.keyArn },
      childOf(this),
    );
    new aws.sns.TopicPolicy(
      `${name}-${severity}-policy`,
      { arn: topic.arn, policy: policyDocument(topicStatements(args, severity, topic.arn, args.publishers)) },
      childOf(this),
    );
    for (const address of args.subscribers?.[severity] ?? []) {
      new aws.sns.TopicSubscription(
        `${name}-${severity}-${address}`,
        { topic: topic.arn, protocol: "email", endpoint: address },
        childOf(this),
      );
    }
    return topic.arn;
  }
}

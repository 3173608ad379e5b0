import {
  CreateTopicCommand,
  DeleteTopicCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

import type { CloudResource } from "../../types/type-spec.ts";
import { orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const topic: LiveType = {
  ensure: async (clients, resource) => {
    const sns = await clients.sns();
    const Name = string(resource, "name");
    const Attributes = Name.endsWith(".fifo") ? { FifoTopic: "true" } : {};
    await sns.send(new CreateTopicCommand({ Name, Attributes }));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.sns()).send(new DeleteTopicCommand({ TopicArn: string(resource, "arn") }))),
};

const topicPolicy: LiveType = {
  ensure: async (clients, resource) =>
    (await clients.sns()).send(
      new SetTopicAttributesCommand({
        TopicArn: string(resource, "arn"),
        AttributeName: "Policy",
        AttributeValue: string(resource, "policy"),
      }),
    ),
  // The policy goes with its topic; there is no topic without one.
  remove: async () => undefined,
};

/** Mail and web addresses are of the real world: nothing of the sandbox may reach them. */
const localProtocols = ["sqs", "lambda"];

const subscription: LiveType = {
  ensure: async (clients, resource) => {
    const Protocol = string(resource, "protocol");
    if (!localProtocols.includes(Protocol)) return;
    const Attributes = {
      ...(value(resource, "rawMessageDelivery") === true ? { RawMessageDelivery: "true" } : {}),
      ...(text(value(resource, "filterPolicy")) ? { FilterPolicy: string(resource, "filterPolicy") } : {}),
    };
    const TopicArn = string(resource, "topic");
    const sns = await clients.sns();
    await sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint: string(resource, "endpoint"), Attributes }));
  },
  remove: async (clients, resource) => {
    const sns = await clients.sns();
    const listing = sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: string(resource, "topic") }));
    const { Subscriptions = [] } = (await orUndefined(listing)) ?? {};
    const own = Subscriptions.filter(({ Endpoint }) => Endpoint === string(resource, "endpoint"));
    for (const { SubscriptionArn } of own) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  },
};

const queue: LiveType = {
  ensure: async (clients, resource) => {
    const sqs = await clients.sqs();
    const QueueName = string(resource, "name");
    const Attributes = queueAttributes(resource);
    const QueueUrl = await urlOf(sqs, QueueName);
    if (QueueUrl === undefined) await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    else if (Object.keys(Attributes).some((name) => name !== "FifoQueue"))
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  },
  remove: async (clients, resource) => {
    const sqs = await clients.sqs();
    const QueueUrl = await urlOf(sqs, string(resource, "name"));
    if (QueueUrl !== undefined) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  },
};

function queueAttributes(resource: CloudResource): Record<string, string> {
  const names = {
    visibilityTimeoutSeconds: "VisibilityTimeout",
    messageRetentionSeconds: "MessageRetentionPeriod",
    delaySeconds: "DelaySeconds",
    redrivePolicy: "RedrivePolicy",
  };
  const set = Object.entries(names).flatMap(([property, name]) => {
    const found = value(resource, property);
    return typeof found === "number" || (typeof found === "string" && found !== "")
      ? [[name, `${found}`] as const]
      : [];
  });
  return { ...Object.fromEntries(set), ...(string(resource, "name").endsWith(".fifo") ? { FifoQueue: "true" } : {}) };
}

async function urlOf(sqs: SQSClient, QueueName: string): Promise<string | undefined> {
  return (await orUndefined(sqs.send(new GetQueueUrlCommand({ QueueName }))))?.QueueUrl;
}

const queuePolicy: LiveType = {
  ensure: async (clients, resource) => setQueuePolicy(await clients.sqs(), resource, string(resource, "policy")),
  remove: async (clients, resource) => setQueuePolicy(await clients.sqs(), resource, ""),
};

async function setQueuePolicy(sqs: SQSClient, resource: CloudResource, Policy: string): Promise<void> {
  const QueueUrl = await urlOf(sqs, string(resource, "queueUrl").split("/").at(-1) ?? "");
  if (QueueUrl !== undefined) await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
}

export const messagingTypes: Readonly<Record<string, LiveType>> = {
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": subscription,
  "aws:sqs/queue:Queue": queue,
  "aws:sqs/queuePolicy:QueuePolicy": queuePolicy,
};

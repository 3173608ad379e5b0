import { arn, block, failures, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import { checkPolicy, parseDocument, topicPolicy } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn, missingTarget } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { patternProblem } from "./event-pattern.ts";
import { deadLetterProblem, validFifo, validJson } from "./messaging.ts";

const topicType = "aws:sns/topic:Topic";

function ownersPolicy(id: string, context: TypeContext): string {
  const actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"];
  const statement = {
    Sid: "__default_statement_ID",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: [...actions, "Subscribe", "ListSubscriptionsByTopic", "Publish"].map((action) => `SNS:${action}`),
    Resource: id,
    Condition: { StringEquals: { "AWS:SourceOwner": context.account } },
  };
  return JSON.stringify({ Version: "2008-10-17", Id: "__default_policy_ID", Statement: [statement] });
}

const topic = awsType({
  type: topicType,
  taggable: true,
  autoName: { property: "name", maxLength: 256 },
  defaults: { fifoTopic: false, contentBasedDeduplication: false },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[A-Za-z0-9_-]{1,256}(\.fifo)?$/, "1 to 256 letters, digits, hyphens, underscores"),
      validFifo(inputs, "fifoTopic"),
      inputs["contentBasedDeduplication"] === true && inputs["fifoTopic"] !== true
        ? {
            property: "contentBasedDeduplication",
            reason: "content-based deduplication can only be set for FIFO topics",
          }
        : undefined,
      mustMatch(inputs, "displayName", /^[^]{0,100}$/, "at most 100 characters"),
      oneOf(inputs, "tracingConfig", ["PassThrough", "Active"]),
      oneOf(inputs, "signatureVersion", [1, 2]),
      checkPolicy(inputs, "policy", topicPolicy),
      validJson(inputs, "deliveryPolicy"),
    ),
  id: (inputs, context) => arn(context, "sns", String(inputs["name"])),
  outputs: (inputs, id, context) => ({
    arn: id,
    owner: context.account,
    beginningArchiveTime: "",
    policy: inputs["policy"] ?? ownersPolicy(id, context),
    signatureVersion: inputs["signatureVersion"] ?? 0,
    tracingConfig: text(inputs["tracingConfig"]) ?? "",
  }),
  computed: ["arn", "owner", "beginningArchiveTime", "policy", "signatureVersion", "tracingConfig"],
  replaceOn: ["name", "namePrefix", "fifoTopic"],
  unique: {
    properties: ["name"],
    error: () =>
      "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different attributes",
  },
  fidelity: "names, policy and delivery settings checked",
});

const policyOfTopic = awsType({
  type: "aws:sns/topicPolicy:TopicPolicy",
  validate: (inputs) => failures(required(inputs, "arn", "policy"), checkPolicy(inputs, "policy", topicPolicy)),
  id: (inputs) => String(inputs["arn"]),
  outputs: (_inputs, _id, context) => ({ owner: context.account }),
  computed: ["owner"],
  replaceOn: ["arn"],
  references: { arn: topicType },
  fidelity: "document parsed and checked; access is not evaluated",
});

/** What an endpoint looks like, by protocol. */
const endpoints: Readonly<Record<string, RegExp>> = {
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  "email-json": /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  http: /^http:\/\/.+/,
  https: /^https:\/\/.+/,
  sqs: /^arn:[a-z-]+:sqs:/,
  lambda: /^arn:[a-z-]+:lambda:/,
  firehose: /^arn:[a-z-]+:firehose:/,
  application: /^arn:[a-z-]+:sns:.+:endpoint\//,
  sms: /^\+?[0-9]{5,20}$/,
};

const kinds: Readonly<Record<string, string>> = {
  email: "Email address",
  sms: "SMS endpoint",
  sqs: "SQS endpoint ARN",
};

function validEndpoint(inputs: Properties): Failure[] {
  const protocol = text(inputs["protocol"]);
  const endpoint = text(inputs["endpoint"]);
  const topicArn = text(inputs["topic"]);
  const form = protocol === undefined ? undefined : endpoints[protocol];
  const fifo = topicArn?.endsWith(".fifo") === true && protocol !== undefined && protocol !== "sqs";
  return failures(
    form === undefined || endpoint === undefined || form.test(endpoint)
      ? undefined
      : { property: "endpoint", reason: `InvalidParameter: Invalid parameter: ${kinds[protocol ?? ""] ?? protocol}` },
    fifo
      ? { property: "protocol", reason: `InvalidParameter: Invalid parameter: Invalid protocol type: ${protocol}` }
      : undefined,
    inputs["rawMessageDelivery"] === true && !["sqs", "http", "https", "firehose", undefined].includes(protocol)
      ? {
          property: "rawMessageDelivery",
          reason: "InvalidParameter: Invalid parameter: Delivery protocol does not support raw message delivery.",
        }
      : undefined,
  );
}

function validFilter(inputs: Properties): Failure[] {
  const broken = validJson(inputs, "filterPolicy");
  const policy = text(inputs["filterPolicy"]);
  if (broken.length > 0 || policy === undefined || policy === "") return broken;
  const problem = patternProblem(policy);
  return problem === undefined
    ? []
    : [{ property: "filterPolicy", reason: `InvalidParameter: Invalid parameter: FilterPolicy: ${problem}` }];
}

/** Mail and web endpoints are asked first; what belongs to AWS is subscribed at once. */
function pending(inputs: Properties): boolean {
  return ["email", "email-json", "http", "https"].includes(String(inputs["protocol"]));
}

const subscription = awsType({
  type: "aws:sns/topicSubscription:TopicSubscription",
  defaults: { confirmationTimeoutInMinutes: 1, endpointAutoConfirms: false, rawMessageDelivery: false },
  validate: (inputs) =>
    failures(
      required(inputs, "topic", "protocol", "endpoint"),
      mustBeArn(inputs, "topic", "sns"),
      oneOf(inputs, "protocol", Object.keys(endpoints)),
      oneOf(inputs, "filterPolicyScope", ["MessageAttributes", "MessageBody"]),
      inputs["protocol"] === "firehose" ? required(inputs, "subscriptionRoleArn") : [],
      validEndpoint(inputs),
      validFilter(inputs),
      validJson(inputs, "redrivePolicy", "deliveryPolicy"),
    ),
  id: (inputs, context) => `${String(inputs["topic"])}:${uuid(context)}`,
  outputs: (inputs, id, context) => ({
    arn: id,
    ownerId: context.account,
    pendingConfirmation: pending(inputs),
    confirmationWasAuthenticated: !pending(inputs),
    filterPolicyScope:
      text(inputs["filterPolicyScope"]) ?? (inputs["filterPolicy"] === undefined ? "" : "MessageAttributes"),
  }),
  computed: ["arn", "ownerId", "pendingConfirmation", "confirmationWasAuthenticated", "filterPolicyScope"],
  replaceOn: ["topic", "protocol", "endpoint"],
  references: { topic: topicType },
  refuseCreate: (inputs, context) => {
    const lost = missingTarget([inputs["endpoint"]], context);
    if (lost !== undefined) return `InvalidParameter: Invalid parameter: ${lost} does not exist`;
    const redrive = block(parseDocument("redrivePolicy", inputs["redrivePolicy"]));
    return deadLetterProblem(redrive["deadLetterTargetArn"], context);
  },
  unique: {
    properties: ["topic", "protocol", "endpoint"],
    error: () =>
      "InvalidParameter: Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
  },
  fidelity: "endpoints, filters and dead-letter queues checked; nobody confirms a mail address",
});

export const snsTypes: readonly TypeSpec[] = [topic, policyOfTopic, subscription];

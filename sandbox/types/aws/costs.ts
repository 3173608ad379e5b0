import { block, failures, globalArn, list, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { missingTarget, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";

const monitorType = "aws:costexplorer/anomalyMonitor:AnomalyMonitor";
const invalid = (property: string, reason: string): Failure => ({ property, reason });

/** Each notification has somebody who hears of it, at most ten mail addresses and one topic. */
function validNotifications(inputs: Properties): Failure[] {
  const property = "notifications";
  const all = list(inputs[property]).map(block);
  const fail = (reason: string) => invalid(property, reason);
  return failures(
    all.length > 10 ? fail(`CreationLimitExceededException: at most 10 notifications, got ${all.length}`) : undefined,
    all.flatMap((notification) => {
      const addresses = notification["subscriberEmailAddresses"];
      const topics = notification["subscriberSnsTopicArns"];
      const { threshold } = notification;
      const problems = failures(
        required(notification, "comparisonOperator", "notificationType", "threshold", "thresholdType"),
        oneOf(notification, "comparisonOperator", ["GREATER_THAN", "LESS_THAN", "EQUAL_TO"]),
        oneOf(notification, "notificationType", ["ACTUAL", "FORECASTED"]),
        oneOf(notification, "thresholdType", ["PERCENTAGE", "ABSOLUTE_VALUE"]),
        typeof threshold === "number" && threshold < 0 ? fail("threshold must not be negative") : undefined,
        addresses === undefined && topics === undefined ? fail("nobody is subscribed to a notification") : undefined,
        list(topics).length > 1 ? fail("a notification goes to one topic at most") : undefined,
        list(topics).flatMap((topic) => mustBeArn({ topic }, "topic", "sns") ?? []),
      );
      return problems.map(({ reason }) => fail(reason));
    }),
  );
}

const budgetName = (inputs: Properties) => text(inputs["name"]) ?? "";

const budget = awsType({
  type: "aws:budgets/budget:Budget",
  taggable: true,
  global: true,
  autoName: { property: "name", maxLength: 100 },
  defaults: { timePeriodEnd: "2087-06-15_00:00" },
  validate: (inputs) =>
    failures(
      required(inputs, "budgetType", "timeUnit"),
      mustMatch(inputs, "name", /^[^:\\]{1,100}$/, "1 to 100 characters, no colon and no backslash"),
      oneOf(inputs, "budgetType", [
        ...["COST", "USAGE", "SAVINGS_PLANS_COVERAGE", "SAVINGS_PLANS_UTILIZATION"],
        ...["RI_COVERAGE", "RI_UTILIZATION"],
      ]),
      oneOf(inputs, "timeUnit", ["DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"]),
      mustMatch(inputs, "limitAmount", /^\d+(?:\.\d+)?$/, "an amount"),
      inputs["limitAmount"] !== undefined && inputs["limitUnit"] === undefined ? required(inputs, "limitUnit") : [],
      validNotifications(inputs),
    ),
  id: (inputs, context) => `${context.account}:${budgetName(inputs)}`,
  outputs: (inputs, _id, context) => ({
    accountId: context.account,
    arn: globalArn(context, "budgets", `budget/${budgetName(inputs)}`),
    timePeriodStart: inputs["timePeriodStart"] ?? `${context.now().slice(0, 7)}-01_00:00`,
  }),
  computed: ["accountId", "arn", "timePeriodStart"],
  replaceOn: ["name", "namePrefix", "accountId"],
  refuseCreate: (inputs, context) =>
    lostTopic(list(inputs["notifications"]).map(block), "subscriberSnsTopicArns", context),
  unique: {
    properties: ["name"],
    error: (inputs) => `DuplicateRecordException: the budget ${budgetName(inputs)} already exists`,
  },
  fidelity: "limits, notifications and topics checked; nothing costs anything here",
});

function lostTopic(holders: readonly Properties[], property: string, context: TypeContext): string | undefined {
  const topics = holders.flatMap((holder) => [holder[property]].flat());
  const lost = missingTarget(topics, context);
  return lost === undefined ? undefined : `InvalidParameterException: SNS topic ${lost} does not exist`;
}

const ceArn = (context: TypeContext, kind: string) => globalArn(context, "ce", `${kind}/${uuid(context)}`);

const monitor = awsType({
  type: monitorType,
  taggable: true,
  global: true,
  autoName: { property: "name", maxLength: 1024 },
  validate: (inputs) => {
    const wanted = inputs["monitorType"] === "DIMENSIONAL" ? "monitorDimension" : "monitorSpecification";
    return failures(
      required(inputs, "monitorType"),
      oneOf(inputs, "monitorType", ["DIMENSIONAL", "CUSTOM"]),
      oneOf(inputs, "monitorDimension", ["SERVICE", "LINKED_ACCOUNT", "TAG", "COST_CATEGORY"]),
      typeof inputs["monitorType"] === "string" ? required(inputs, wanted) : [],
    );
  },
  id: (_inputs, context) => ceArn(context, "anomalymonitor"),
  outputs: (_inputs, id) => ({ arn: id }),
  computed: ["arn"],
  replaceOn: ["monitorType", "monitorDimension", "monitorSpecification"],
  // One account has one monitor of its services.
  refuseCreate: (inputs, context) =>
    inputs["monitorDimension"] === "SERVICE" &&
    context.find(monitorType).some((other) => other.inputs["monitorDimension"] === "SERVICE")
      ? "LimitExceededException: Limit exceeded on dimensional spend monitor creation"
      : undefined,
  fidelity: "kinds checked; watches over nothing",
});

/** Topics are told at once, and only they are. */
function validSubscribers(inputs: Properties): Failure[] {
  const property = "subscribers";
  const immediate = inputs["frequency"] === "IMMEDIATE";
  return list(inputs[property])
    .map(block)
    .flatMap((subscriber) => [
      ...failures(
        required(subscriber, "address", "type"),
        oneOf(subscriber, "type", ["SNS", "EMAIL"]),
        subscriber["type"] === "SNS" ? mustBeArn(subscriber, "address", "sns") : undefined,
      ).map(({ reason }) => invalid(property, reason)),
      ...((subscriber["type"] === "SNS") === immediate || typeof inputs["frequency"] !== "string"
        ? []
        : [invalid(property, "ValidationException: IMMEDIATE is for SNS subscribers, DAILY and WEEKLY are for EMAIL")]),
    ]);
}

const subscription = awsType({
  type: "aws:costexplorer/anomalySubscription:AnomalySubscription",
  taggable: true,
  global: true,
  autoName: { property: "name", maxLength: 1024 },
  validate: (inputs) =>
    failures(
      required(inputs, "frequency", "monitorArnLists", "subscribers"),
      oneOf(inputs, "frequency", ["DAILY", "IMMEDIATE", "WEEKLY"]),
      list(inputs["monitorArnLists"]).flatMap(
        (monitorArn) => mustBeArn({ monitorArnLists: monitorArn }, "monitorArnLists", "ce") ?? [],
      ),
      validSubscribers(inputs),
    ),
  id: (_inputs, context) => ceArn(context, "anomalysubscription"),
  outputs: (_inputs, id, context) => ({ arn: id, accountId: context.account }),
  computed: ["arn", "accountId"],
  replaceOn: ["accountId"],
  references: { monitorArnLists: monitorType },
  refuseCreate: (inputs, context) => lostTopic(list(inputs["subscribers"]).map(block), "address", context),
  fidelity: "frequency, subscribers and monitors checked; finds nothing out of the ordinary",
});

export const costTypes: readonly TypeSpec[] = [budget, monitor, subscription];

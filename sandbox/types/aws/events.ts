import { arn, between, block, failures, mustMatch, oneOf, required, text } from "../build.ts";
import { parseDocument } from "../policy-document.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, missingTarget, mustBeArn, parseArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { patternProblem } from "./event-pattern.ts";
import { scheduleProblem } from "./expressions.ts";

const busType = "aws:cloudwatch/eventBus:EventBus";
const ruleType = "aws:cloudwatch/eventRule:EventRule";
const targetType = "aws:cloudwatch/eventTarget:EventTarget";

/** Name of the bus, whether given by name or ARN; the default bus when none is given. */
function busOf(inputs: Properties): string {
  return (text(inputs["eventBusName"]) ?? "default").split("event-bus/").pop() ?? "default";
}

/** The default bus goes without saying in ids and ARNs. */
function onBus(inputs: Properties, name: string): string {
  return busOf(inputs) === "default" ? name : `${busOf(inputs)}/${name}`;
}

function missingBus(inputs: Properties, context: TypeContext): string | undefined {
  const name = busOf(inputs);
  const foreign = parseArn(inputs["eventBusName"])?.account ?? context.account;
  const there = name === "default" || name.startsWith("aws.") || foreign !== context.account;
  if (there || context.find(busType).some(({ id }) => id === name)) return undefined;
  return `ResourceNotFoundException: Event bus ${name} does not exist.`;
}

const bus = awsType({
  type: busType,
  taggable: true,
  autoName: { property: "name", maxLength: 256 },
  validate: (inputs) =>
    failures(
      mustMatch(
        inputs,
        "name",
        /^(?!default$)[/.\-_A-Za-z0-9]{1,256}$/,
        "1 to 256 letters, digits and / . - _, not default",
      ),
      mustMatch(inputs, "description", /^[^]{0,512}$/, "at most 512 characters"),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({ arn: arn(context, "events", `event-bus/${id}`) }),
  computed: ["arn"],
  replaceOn: ["name", "eventSourceName"],
  unique: {
    properties: ["name"],
    error: (inputs) => `ResourceAlreadyExistsException: Event bus ${String(inputs["name"])} already exists.`,
  },
  inUse: (resource, context) =>
    context.find(ruleType).some((rule) => busOf(rule.inputs) === resource.id)
      ? `ValidationException: Event bus ${resource.id} cannot be deleted since it has rules.`
      : undefined,
  fidelity: "names checked",
});

function validTriggers(inputs: Properties): Failure[] {
  const expression = text(inputs["scheduleExpression"]);
  const pattern = text(inputs["eventPattern"]);
  const schedule = expression === undefined ? undefined : scheduleProblem(expression, ["rate", "cron"]);
  const broken = pattern === undefined ? undefined : patternProblem(pattern);
  const neither = inputs["scheduleExpression"] === undefined && inputs["eventPattern"] === undefined;
  return failures(
    neither
      ? { property: "eventPattern", reason: "one of eventPattern, scheduleExpression must be specified" }
      : undefined,
    schedule === undefined
      ? undefined
      : {
          property: "scheduleExpression",
          reason: `ValidationException: Parameter ScheduleExpression is not valid. (${schedule})`,
        },
    broken === undefined
      ? undefined
      : {
          property: "eventPattern",
          reason: `InvalidEventPatternException: Event pattern is not valid. Reason: ${broken}`,
        },
    expression !== undefined && busOf(inputs) !== "default"
      ? {
          property: "scheduleExpression",
          reason: "ValidationException: ScheduleExpression is supported only on the default event bus.",
        }
      : undefined,
  );
}

function targetsOf(rule: CloudResource, context: TypeContext): CloudResource[] {
  const name = String(rule.inputs["name"]);
  return context
    .find(targetType)
    .filter((target) => target.inputs["rule"] === name && busOf(target.inputs) === busOf(rule.inputs));
}

const rule = awsType({
  type: ruleType,
  taggable: true,
  autoName: { property: "name", maxLength: 64 },
  defaults: { eventBusName: "default", forceDestroy: false },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[.\-_A-Za-z0-9]{1,64}$/, "1 to 64 letters, digits and . - _"),
      mustMatch(inputs, "description", /^[^]{0,512}$/, "at most 512 characters"),
      oneOf(inputs, "state", ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]),
      inputs["state"] !== undefined && inputs["isEnabled"] !== undefined
        ? { property: "isEnabled", reason: '"isEnabled": conflicts with state' }
        : undefined,
      mustBeArn(inputs, "roleArn", "iam"),
      validTriggers(inputs),
    ),
  id: (inputs) => onBus(inputs, String(inputs["name"])),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "events", `rule/${id}`),
    state: text(inputs["state"]) ?? (inputs["isEnabled"] === false ? "DISABLED" : "ENABLED"),
  }),
  computed: ["arn", "state"],
  replaceOn: ["name", "namePrefix", "eventBusName"],
  refuseCreate: missingBus,
  unique: {
    properties: ["eventBusName", "name"],
    error: (inputs) => `ResourceAlreadyExistsException: Rule ${String(inputs["name"])} already exists.`,
  },
  inUse: (resource, context) =>
    targetsOf(resource, context).length > 0
      ? "ValidationException: Rule can't be deleted since it has targets."
      : undefined,
  fidelity: "schedules and patterns parsed; matches no events",
});

/** Services that EventBridge calls with a role of the rule's owner; the others have a policy of their own. */
const withRole = ["states", "kinesis", "firehose", "ecs", "batch", "codebuild", "codepipeline", "sagemaker", "glue"];

function validInput(inputs: Properties): Failure[] {
  const ways = ["input", "inputPath", "inputTransformer"].filter((property) => inputs[property] !== undefined);
  const input = text(inputs["input"]);
  const broken = input !== undefined && input.trim().startsWith("{") ? parseDocument("input", input) : undefined;
  const retry = block(inputs["retryPolicy"]);
  const nested = failures(
    between(retry, "maximumEventAgeInSeconds", 60, 86_400),
    between(retry, "maximumRetryAttempts", 0, 185),
  );
  return failures(
    ways.length > 1 ? { property: ways[1] ?? "input", reason: `"${ways[1]}": conflicts with ${ways[0]}` } : undefined,
    Array.isArray(broken) ? broken : [],
    mustMatch(inputs, "inputPath", /^\$/, "a JSON path"),
    nested.map(({ reason }) => ({ property: "retryPolicy", reason })),
  );
}

function roleMissing(inputs: Properties, { account, region }: TypeContext): Failure | undefined {
  const target = text(inputs["arn"]);
  const { service = "", ...place } = parseArn(target) ?? { account, region };
  // A bus of another account or region is written to in somebody's name.
  const foreignBus = service === "events" && (place.account !== account || place.region !== region);
  if ((!withRole.includes(service) && !foreignBus) || inputs["roleArn"] !== undefined) return undefined;
  return { property: "roleArn", reason: `ValidationException: RoleArn is required for target ${target}.` };
}

function refuseTarget(inputs: Properties, context: TypeContext): string | undefined {
  const name = text(inputs["rule"]) ?? "";
  const rules = context.find(ruleType).filter((other) => other.inputs["name"] === name);
  const owner = rules.find((other) => busOf(other.inputs) === busOf(inputs));
  if (owner === undefined)
    return `ResourceNotFoundException: Rule ${name} does not exist on EventBus ${busOf(inputs)}.`;
  if (targetsOf(owner, context).length >= 5)
    return "LimitExceededException: The requested resource exceeds the maximum number allowed.";
  const lost = missingTarget([inputs["arn"], block(inputs["deadLetterConfig"])["arn"]], context);
  if (lost !== undefined)
    return `ValidationException: Parameter ${lost} is not valid. Reason: Provided Arn is not found.`;
  if (canAssume(inputs["roleArn"], "events.amazonaws.com", context)) return undefined;
  return `ValidationException: Provided role '${String(inputs["roleArn"])}' cannot be assumed by principal 'events.amazonaws.com'.`;
}

function targetId(inputs: Properties, context: TypeContext): string {
  return text(inputs["targetId"]) ?? `terraform-${context.suffix(26)}`;
}

const target = awsType({
  type: targetType,
  defaults: { eventBusName: "default", forceDestroy: false },
  validate: (inputs, context) =>
    failures(
      required(inputs, "rule", "arn"),
      mustBeArn(inputs, "arn"),
      mustMatch(inputs, "targetId", /^[.\-_A-Za-z0-9]{1,64}$/, "1 to 64 letters, digits and . - _"),
      validInput(inputs),
      roleMissing(inputs, context),
      text(inputs["arn"])?.endsWith(".fifo") === true && inputs["sqsTarget"] === undefined
        ? {
            property: "sqsTarget",
            reason: "ValidationException: Parameter(s) SqsParameters must be specified for target",
          }
        : undefined,
    ),
  id: (inputs, context) => onBus(inputs, `${String(inputs["rule"])}-${targetId(inputs, context)}`).replace("/", "-"),
  outputs: (inputs, _id, context) => ({ targetId: targetId(inputs, context) }),
  computed: ["targetId"],
  replaceOn: ["rule", "targetId", "eventBusName"],
  refuseCreate: refuseTarget,
  fidelity: "rule, target, role and dead-letter queue must exist; receives no events",
});

export const eventTypes: readonly TypeSpec[] = [bus, rule, target];

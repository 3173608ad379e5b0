import { arn, between, block, createdAt, failures, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, missingTarget, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { scheduleProblem } from "./expressions.ts";
import { roleType } from "./iam.ts";

const groupType = "aws:scheduler/scheduleGroup:ScheduleGroup";

const invalid = (property: string, reason: string): Failure => ({ property, reason: `ValidationException: ${reason}` });

function validTime(inputs: Properties): Failure[] {
  const expression = text(inputs["scheduleExpression"]);
  const problem = expression === undefined ? undefined : scheduleProblem(expression, ["at", "rate", "cron"]);
  const zone = text(inputs["scheduleExpressionTimezone"]);
  const dates = ["startDate", "endDate"].filter((property) => {
    const date = text(inputs[property]);
    return date !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date);
  });
  return failures(
    problem === undefined
      ? undefined
      : invalid("scheduleExpression", `Invalid Schedule Expression ${expression}. (${problem})`),
    zone === undefined || knownZone(zone)
      ? undefined
      : invalid("scheduleExpressionTimezone", `Invalid timezone ${zone}`),
    dates.map((property) => invalid(property, "expected yyyy-MM-ddTHH:mm:ssZ")),
  );
}

function knownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function validWindow(inputs: Properties): Failure[] {
  const window = block(inputs["flexibleTimeWindow"]);
  const property = "flexibleTimeWindow";
  const minutes = window["maximumWindowInMinutes"];
  const found = failures(
    oneOf(window, "mode", ["OFF", "FLEXIBLE"]),
    between(window, "maximumWindowInMinutes", 1, 1_440),
    window["mode"] === "FLEXIBLE" && minutes === undefined ? required(window, "maximumWindowInMinutes") : [],
    window["mode"] === "OFF" && minutes !== undefined
      ? { property, reason: "maximumWindowInMinutes does not go with mode OFF" }
      : undefined,
  );
  return found.map(({ reason }) => invalid(property, reason));
}

function validTarget(inputs: Properties): Failure[] {
  const target = block(inputs["target"]);
  if (typeof inputs["target"] !== "object" || inputs["target"] === null) return [];
  const retry = block(target["retryPolicy"]);
  const found = failures(
    required(target, "arn", "roleArn"),
    mustBeArn(target, "arn"),
    mustBeArn(target, "roleArn", "iam"),
    mustBeArn(block(target["deadLetterConfig"]), "arn", "sqs"),
    between(retry, "maximumEventAgeInSeconds", 60, 86_400),
    between(retry, "maximumRetryAttempts", 0, 185),
  );
  return found.map(({ reason }) => ({ property: "target", reason }));
}

function groupOf(inputs: Properties): string {
  return text(inputs["groupName"]) ?? "default";
}

function refuseSchedule(inputs: Properties, context: TypeContext): string | undefined {
  const group = groupOf(inputs);
  if (group !== "default" && !context.find(groupType).some(({ id }) => id === group))
    return `ResourceNotFoundException: Schedule group ${group} does not exist.`;
  const target = block(inputs["target"]);
  const lost = missingTarget([target["arn"], block(target["deadLetterConfig"])["arn"]], context);
  if (lost !== undefined) return `ValidationException: Provided Arn ${lost} is not found.`;
  if (canAssume(target["roleArn"], "scheduler.amazonaws.com", context)) return undefined;
  return "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.";
}

const schedule = awsType({
  type: "aws:scheduler/schedule:Schedule",
  autoName: { property: "name", maxLength: 64 },
  defaults: {
    groupName: "default",
    scheduleExpressionTimezone: "UTC",
    state: "ENABLED",
    actionAfterCompletion: "NONE",
  },
  validate: (inputs) =>
    failures(
      required(inputs, "flexibleTimeWindow", "scheduleExpression", "target"),
      mustMatch(inputs, "name", /^[0-9a-zA-Z_.-]{1,64}$/, "1 to 64 letters, digits and _ . -"),
      mustMatch(inputs, "description", /^[^]{0,512}$/, "at most 512 characters"),
      oneOf(inputs, "state", ["ENABLED", "DISABLED"]),
      oneOf(inputs, "actionAfterCompletion", ["NONE", "DELETE"]),
      mustBeArn(inputs, "kmsKeyArn", "kms"),
      validTime(inputs),
      validWindow(inputs),
      validTarget(inputs),
    ),
  id: (inputs) => `${groupOf(inputs)}/${String(inputs["name"])}`,
  outputs: (_inputs, id, context) => ({ arn: arn(context, "scheduler", `schedule/${id}`) }),
  computed: ["arn"],
  replaceOn: ["name", "namePrefix", "groupName"],
  references: { "target.roleArn": roleType },
  refuseCreate: refuseSchedule,
  unique: {
    properties: ["groupName", "name"],
    error: (inputs) => `ConflictException: Schedule ${String(inputs["name"])} already exists.`,
  },
  fidelity: "expression, time zone, target and role checked; nothing is started",
});

const scheduleGroup = awsType({
  type: groupType,
  taggable: true,
  autoName: { property: "name", maxLength: 64 },
  validate: (inputs) =>
    failures(mustMatch(inputs, "name", /^(?!default$)[0-9a-zA-Z_.-]{1,64}$/, "1 to 64 letters, digits and _ . -")),
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({
    arn: arn(context, "scheduler", `schedule-group/${id}`),
    creationDate: createdAt(context, groupType),
    lastModificationDate: createdAt(context, groupType),
    state: "ACTIVE",
  }),
  computed: ["arn", "creationDate", "lastModificationDate", "state"],
  replaceOn: ["name", "namePrefix"],
  unique: {
    properties: ["name"],
    error: (inputs) => `ConflictException: Schedule group ${String(inputs["name"])} already exists.`,
  },
  fidelity: "names checked",
});

export const schedulerTypes: readonly TypeSpec[] = [schedule, scheduleGroup];

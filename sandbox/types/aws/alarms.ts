import { arn, between, block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { alarmsOf, ruleProblem } from "./alarm-rule.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";

const metricAlarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const compositeAlarmType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

const operators = [
  ...["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"],
  ...["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"],
];
const bands = operators.slice(4);

const invalid = (property: string, reason: string): Failure => ({ property, reason: `ValidationError: ${reason}` });

/** Actions of the three states: at most five each, all of them ARNs. */
function validActions(inputs: Properties): Failure[] {
  return ["alarmActions", "okActions", "insufficientDataActions"].flatMap((property) => {
    const actions = list(inputs[property]);
    return failures(
      actions.length > 5 ? invalid(property, `${property} holds at most 5 actions, got ${actions.length}`) : undefined,
      actions.flatMap((action) => mustBeArn({ [property]: action }, property) ?? []),
    );
  });
}

function validSource(inputs: Properties): Failure[] {
  const ways = ["metricName", "metricQueries", "evaluationCriteria"].filter((name) => inputs[name] !== undefined);
  const statistics = ["statistic", "extendedStatistic"].filter((name) => inputs[name] !== undefined);
  const metric = inputs["metricName"] !== undefined;
  return failures(
    ways.length === 1
      ? undefined
      : invalid(ways[1] ?? "metricName", "exactly one of metricName, metricQueries, evaluationCriteria must be given"),
    statistics.length > 1 ? invalid("statistic", "statistic and extendedStatistic exclude each other") : undefined,
    metric && statistics.length === 0
      ? invalid("statistic", "One of `statistic` or `extendedStatistic` must be set for a cloudwatch metric alarm")
      : undefined,
    metric ? required(inputs, "namespace", "period") : [],
    oneOf(inputs, "statistic", ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]),
    mustMatch(
      inputs,
      "extendedStatistic",
      /^(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?$|^p100$|^IQM$|^(PR|TM|TC|TS|WM)\(.+\)$/,
      "such as p99 or tm90",
    ),
  );
}

/** Alarms look back a day at most, with periods of an hour or more a week. */
function validPeriods(inputs: Properties): Failure[] {
  const { period, evaluationPeriods, datapointsToAlarm } = inputs;
  const high = [10, 20, 30];
  const odd = typeof period === "number" && !high.includes(period) && (period <= 0 || period % 60 !== 0);
  const known = typeof period === "number" && typeof evaluationPeriods === "number";
  const span = known ? period * evaluationPeriods : 0;
  const limit = known && period >= 3_600 ? 604_800 : 86_400;
  return failures(
    odd ? invalid("period", `Period must be 10, 20, 30 or a multiple of 60, got ${period}`) : undefined,
    typeof evaluationPeriods === "number" && evaluationPeriods < 1
      ? invalid("evaluationPeriods", "evaluationPeriods must be at least 1")
      : undefined,
    typeof datapointsToAlarm === "number" &&
      typeof evaluationPeriods === "number" &&
      datapointsToAlarm > evaluationPeriods
      ? invalid("datapointsToAlarm", "DatapointsToAlarm must not be greater than EvaluationPeriods")
      : undefined,
    span > limit
      ? invalid(
          "evaluationPeriods",
          `Metrics cannot be checked across more than ${limit === 86_400 ? "a day" : "a week"} (EvaluationPeriods * Period must be <= ${limit}), got ${span}`,
        )
      : undefined,
  );
}

function validQueries(inputs: Properties): Failure[] {
  const queries = list(inputs["metricQueries"]).map(block);
  if (!Array.isArray(inputs["metricQueries"])) return [];
  const ids = queries.map((query) => text(query["id"]));
  const twice = ids.find((id, index) => id !== undefined && ids.indexOf(id) !== index);
  const returned = queries.filter((query) => query["returnData"] === true).length;
  const fail = (reason: string): Failure => invalid("metricQueries", reason);
  return failures(
    twice === undefined ? undefined : fail(`The ids of metric queries must be unique, ${twice} is used twice`),
    returned === 1 || queries.some((query) => typeof query["returnData"] === "symbol")
      ? undefined
      : fail(`Exactly one metric query must return data, got ${returned}`),
    queries
      .filter((query) => (query["metric"] === undefined) === (query["expression"] === undefined))
      .map((query) => fail(`${String(query["id"])} must hold one of metric and expression`)),
    ids
      .filter((id) => id !== undefined && !/^[a-z]\w{0,254}$/.test(id))
      .map((id) => fail(`id "${id}" must begin with a lower-case letter`)),
  );
}

function validThreshold(inputs: Properties): Failure[] {
  const band = bands.includes(text(inputs["comparisonOperator"]) ?? "");
  const given = ["threshold", "thresholdMetricId"].filter((property) => inputs[property] !== undefined);
  const criteria = inputs["evaluationCriteria"] !== undefined;
  return failures(
    given.length > 1 ? invalid("threshold", "threshold and thresholdMetricId exclude each other") : undefined,
    !criteria && given.length === 0
      ? invalid("threshold", "one of threshold, thresholdMetricId must be given")
      : undefined,
    band && inputs["thresholdMetricId"] === undefined
      ? invalid("thresholdMetricId", "an anomaly band needs thresholdMetricId")
      : undefined,
  );
}

/** A composite alarm holds on to the alarms in its rule. */
function heldByComposite(resource: CloudResource, context: TypeContext): string | undefined {
  const holders = context
    .find(compositeAlarmType)
    .filter((other) => other.id !== resource.id)
    .filter((other) => refersTo(text(other.inputs["alarmRule"]) ?? "", resource));
  return holders.length === 0
    ? undefined
    : `ValidationError: Cannot delete ${resource.id} as there are composite alarm(s) depending on it: ${holders.map(({ id }) => id).join(", ")}`;
}

function refersTo(rule: string, alarm: CloudResource): boolean {
  return alarmsOf(rule).some((name) => name === alarm.id || name === alarm.outputs["arn"]);
}

const metricAlarm = awsType({
  type: metricAlarmType,
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  defaults: { actionsEnabled: true, treatMissingData: "missing" },
  validate: (inputs) =>
    failures(
      inputs["evaluationCriteria"] === undefined ? required(inputs, "comparisonOperator", "evaluationPeriods") : [],
      mustMatch(inputs, "name", /^[^]{1,255}$/, "1 to 255 characters"),
      mustMatch(inputs, "alarmDescription", /^[^]{0,1024}$/, "at most 1024 characters"),
      oneOf(inputs, "comparisonOperator", operators),
      oneOf(inputs, "treatMissingData", ["breaching", "notBreaching", "ignore", "missing"]),
      oneOf(inputs, "evaluateLowSampleCountPercentiles", ["evaluate", "ignore"]),
      mustMatch(inputs, "namespace", /^[^:][^]{0,254}$/, "1 to 255 characters, not beginning with a colon"),
      validSource(inputs),
      validPeriods(inputs),
      validQueries(inputs),
      validThreshold(inputs),
      validActions(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "cloudwatch", `alarm:${id}`),
    evaluateLowSampleCountPercentiles: text(inputs["evaluateLowSampleCountPercentiles"]) ?? "",
  }),
  computed: ["arn", "evaluateLowSampleCountPercentiles"],
  replaceOn: ["name"],
  inUse: heldByComposite,
  unique: {
    properties: ["name"],
    error: (inputs) => `ValidationError: an alarm named ${String(inputs["name"])} already exists`,
  },
  fidelity: "metric, periods, threshold and actions checked; quiet until `slipway sandbox drift` makes it ring",
});

/** Names or ARNs of alarms that are not there. */
export function missingAlarms(names: readonly unknown[], context: TypeContext): string[] {
  const known = [metricAlarmType, compositeAlarmType]
    .flatMap((type) => context.find(type))
    .flatMap((alarm) => [alarm.id, alarm.outputs["arn"]]);
  return names.map(String).filter((name) => !known.includes(name));
}

function missingAlarm(inputs: Properties, context: TypeContext): string | undefined {
  const lost = missingAlarms(alarmsOf(text(inputs["alarmRule"]) ?? ""), context);
  return lost.length === 0
    ? undefined
    : `ValidationError: AlarmRule contains alarms that do not exist: [${lost.join(", ")}]`;
}

const compositeAlarm = awsType({
  type: compositeAlarmType,
  taggable: true,
  autoName: { property: "alarmName", maxLength: 255 },
  defaults: { actionsEnabled: true },
  validate: (inputs) => {
    const rule = text(inputs["alarmRule"]);
    const problem = rule === undefined ? undefined : ruleProblem(rule);
    return failures(
      required(inputs, "alarmRule"),
      mustMatch(inputs, "alarmName", /^[^]{1,255}$/, "1 to 255 characters"),
      mustMatch(inputs, "alarmDescription", /^[^]{0,1024}$/, "at most 1024 characters"),
      problem === undefined ? undefined : invalid("alarmRule", `Invalid AlarmRule: ${problem}`),
      between(block(inputs["actionsSuppressor"]), "waitPeriod", 1, 86_400),
      validActions(inputs),
    );
  },
  id: (inputs) => String(inputs["alarmName"]),
  outputs: (_inputs, id, context) => ({ arn: arn(context, "cloudwatch", `alarm:${id}`) }),
  computed: ["arn"],
  replaceOn: ["alarmName", "actionsEnabled"],
  refuseCreate: missingAlarm,
  inUse: heldByComposite,
  unique: {
    properties: ["alarmName"],
    error: (inputs) => `ValidationError: an alarm named ${String(inputs["alarmName"])} already exists`,
  },
  fidelity: "rule parsed, its alarms must exist; quiet until `slipway sandbox drift` makes it ring",
});

export const alarmTypes: readonly TypeSpec[] = [metricAlarm, compositeAlarm];

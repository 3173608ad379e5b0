import { between, block, failures, list, mustMatch, oneOf, required } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { missingAlarms } from "./alarms.ts";
import { awsType } from "./aws-type.ts";
import { variantsOf } from "./sagemaker-hosting.ts";
import {
  endpointConfigurationType,
  endpointType,
  hostingName,
  hostingNameRule,
  invalid,
  nameTaken,
  sagemakerArn,
  within,
} from "./sagemaker.ts";

const property = "deploymentConfig";
const capacities = ["INSTANCE_COUNT", "CAPACITY_PERCENT"];
/** Shares of the fleet that a step may have, by what the step is for. */
const shares = {
  canarySize: { minimum: 1, maximum: 50 },
  linearStepSize: { minimum: 10, maximum: 50 },
  maximumBatchSize: { minimum: 5, maximum: 50 },
} as const;
type Step = keyof typeof shares;

function stepProblems(holder: Properties, step: Step, wanted: boolean): (Failure | undefined)[] {
  const size = block(holder[step]);
  if (!wanted) {
    if (holder[step] === undefined || typeof holder["type"] === "symbol") return [];
    return [{ property: step, reason: `${step} does not go with traffic routing ${String(holder["type"])}` }];
  }
  if (holder[step] === undefined) return required(holder, step);
  const { minimum, maximum } = shares[step];
  const percent = size["type"] === "CAPACITY_PERCENT";
  const found = failures(
    required(size, "type", "value"),
    oneOf(size, "type", capacities),
    percent ? between(size, "value", minimum, maximum) : between(size, "value", 1, 10_000),
  );
  return found.map(({ reason }) => ({
    property: step,
    reason: `${step}: ${reason}${percent ? " (percent of the fleet)" : ""}`,
  }));
}

function validTraffic(policy: Properties): (Failure | undefined)[] {
  const traffic = block(policy["trafficRoutingConfiguration"]);
  if (policy["trafficRoutingConfiguration"] === undefined) return required(policy, "trafficRoutingConfiguration");
  const kind = traffic["type"];
  return [
    ...required(traffic, "type", "waitIntervalInSeconds"),
    oneOf(traffic, "type", ["ALL_AT_ONCE", "CANARY", "LINEAR"]),
    between(traffic, "waitIntervalInSeconds", 0, 3_600),
    ...stepProblems(traffic, "canarySize", kind === "CANARY"),
    ...stepProblems(traffic, "linearStepSize", kind === "LINEAR"),
    tooShort(policy, traffic["waitIntervalInSeconds"]),
  ];
}

/** The whole has to leave room for its waits. */
function tooShort(
  { terminationWaitInSeconds: end = 0, maximumExecutionTimeoutInSeconds: whole }: Properties,
  wait: unknown,
) {
  const key = "maximumExecutionTimeoutInSeconds";
  if (typeof whole !== "number" || typeof wait !== "number" || typeof end !== "number" || whole >= wait + end)
    return undefined;
  return { property: key, reason: `${key} (${whole}) must not be less than the waits together (${wait + end})` };
}

function validBlueGreen(policy: Properties): (Failure | undefined)[] {
  return [
    between(policy, "terminationWaitInSeconds", 0, 3_600),
    between(policy, "maximumExecutionTimeoutInSeconds", 600, 14_400),
    ...validTraffic(policy),
  ];
}

function validRolling(policy: Properties): (Failure | undefined)[] {
  return [
    ...required(policy, "waitIntervalInSeconds"),
    between(policy, "waitIntervalInSeconds", 0, 3_600),
    between(policy, "maximumExecutionTimeoutInSeconds", 600, 14_400),
    ...stepProblems(policy, "maximumBatchSize", true),
  ];
}

function validDeployment(inputs: Properties): Failure[] {
  const config = block(inputs[property]);
  const { blueGreenUpdatePolicy, rollingUpdatePolicy } = config;
  const alarms = block(config["autoRollbackConfiguration"])["alarms"];
  const both = blueGreenUpdatePolicy !== undefined && rollingUpdatePolicy !== undefined;
  return failures(
    both ? invalid(property, "blueGreenUpdatePolicy and rollingUpdatePolicy exclude each other") : undefined,
    Array.isArray(alarms) && (alarms.length < 1 || alarms.length > 10)
      ? invalid(property, `1 to 10 alarms can stop a deployment, got ${alarms.length}`)
      : undefined,
    within(property, blueGreenUpdatePolicy === undefined ? [] : validBlueGreen(block(blueGreenUpdatePolicy))),
    within(property, rollingUpdatePolicy === undefined ? [] : validRolling(block(rollingUpdatePolicy))),
  );
}

/** Alarms have to be there, and a canary may have half of the instances at most. */
function refuseEndpoint(inputs: Properties, context: TypeContext): string | undefined {
  const config = block(inputs[property]);
  const alarms = list(block(config["autoRollbackConfiguration"])["alarms"]).map((alarm) => block(alarm)["alarmName"]);
  const [lost] = missingAlarms(alarms, context);
  if (lost !== undefined)
    return `ValidationException: Alarm "${lost}" of the auto rollback configuration does not exist.`;
  const traffic = block(block(config["blueGreenUpdatePolicy"])["trafficRoutingConfiguration"]);
  const { type, value } = block(traffic["canarySize"]);
  const used = context.find(endpointConfigurationType).find(({ id }) => id === inputs["endpointConfigName"]);
  const fleet = variantsOf(used?.inputs ?? {}).map((variant) => Number(variant["initialInstanceCount"] ?? 0));
  const smallest = Math.min(...fleet);
  if (type !== "INSTANCE_COUNT" || fleet.length === 0 || Number(value) * 2 <= smallest) return undefined;
  return `ValidationException: Canary size must be at most 50% of the variant's instance count (${smallest}), got ${Number(value)} instances.`;
}

const endpoint = awsType({
  type: endpointType,
  taggable: true,
  autoName: { property: "name", maxLength: 63 },
  validate: (inputs) =>
    failures(
      required(inputs, "endpointConfigName"),
      mustMatch(inputs, "name", hostingName, hostingNameRule),
      mustMatch(inputs, "endpointConfigName", hostingName, hostingNameRule),
      validDeployment(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  // The provider tells no state; the service does, and the sandbox's log with it.
  outputs: (_inputs, id, context) => ({ arn: sagemakerArn(context, "endpoint", id), endpointStatus: "InService" }),
  computed: ["arn"],
  // Another configuration is an update, which the service carries out as the deployment says. New alarms make a new endpoint.
  replaceOn: ["name", "deploymentConfig.autoRollbackConfiguration"],
  references: { endpointConfigName: endpointConfigurationType },
  refuseCreate: refuseEndpoint,
  unique: { properties: ["name"], error: nameTaken("endpoint", "name") },
  lifecycle: { property: "endpointStatus", states: ["Creating", "InService"] },
  fidelity:
    "configuration and alarms must exist, guardrails checked; the sandbox's SageMaker runs it as local processes when it is asked",
});

export const sagemakerEndpointTypes: readonly TypeSpec[] = [endpoint];

import { block, list, text } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";

/** One step of a traffic shift: the share of the new side, and how long it is watched with it. */
export interface Step {
  /** Above 0, at most 100. */
  percent: number;
  /** Of production. */
  seconds: number;
}

const capacityPercent = "CAPACITY_PERCENT";

/**
 * The steps of an update's DeploymentConfig. Instances are not run here: a size given in instances is a share of the variant's first count.
 *
 * @param instances InitialInstanceCount of the new variant.
 */
export function stepsOf(deployment: Properties, instances: number): Step[] {
  const rolling = block(deployment["RollingUpdatePolicy"]);
  if (Object.keys(rolling).length > 0)
    return growing(shareOf(rolling["MaximumBatchSize"], instances), numberOf(rolling["WaitIntervalInSeconds"]));
  const policy = block(deployment["BlueGreenUpdatePolicy"]);
  const routing = block(policy["TrafficRoutingConfiguration"]);
  const wait = numberOf(routing["WaitIntervalInSeconds"]);
  const last = { percent: 100, seconds: numberOf(policy["TerminationWaitInSeconds"]) };
  if (routing["Type"] === "CANARY")
    return [{ percent: shareOf(routing["CanarySize"], instances), seconds: wait }, last];
  if (routing["Type"] !== "LINEAR") return [last];
  return [...growing(shareOf(routing["LinearStepSize"], instances), wait).slice(0, -1), last];
}

/** Equal steps up to everything. */
export function growing(percent: number, seconds: number): Step[] {
  const count = Math.ceil(100 / percent);
  return Array.from({ length: count }, (_, at) => ({ percent: Math.min(100, percent * (at + 1)), seconds }));
}

/** Alarms that send an update back. */
export function rollbackAlarms(deployment: Properties): string[] {
  const alarms = list(block(deployment["AutoRollbackConfiguration"])["Alarms"]);
  return alarms.flatMap((alarm) => text(block(alarm)["AlarmName"]) ?? []);
}

function shareOf(size: unknown, instances: number): number {
  const { Type, Value } = block(size);
  const value = numberOf(Value);
  const share = Type === capacityPercent ? value : (value / Math.max(1, instances)) * 100;
  return share > 0 ? Math.min(100, share) : 100;
}

function numberOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

/** What is wrong with a DeploymentConfig, as member, value and rule; undefined where it can be followed. */
export function deploymentProblem(deployment: Properties): [member: string, value: unknown, rule: string] | undefined {
  const policy = block(deployment["BlueGreenUpdatePolicy"]);
  const routing = block(policy["TrafficRoutingConfiguration"]);
  const at = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration";
  const type = routing["Type"];
  if (Object.keys(policy).length > 0 && !["ALL_AT_ONCE", "CANARY", "LINEAR"].includes(String(type)))
    return [`${at}.Type`, type, "Member must satisfy enum value set: [ALL_AT_ONCE, CANARY, LINEAR]"];
  const wait = routing["WaitIntervalInSeconds"];
  if (wait !== undefined && !(Number(wait) >= 0 && Number(wait) <= 3_600))
    return [`${at}.WaitIntervalInSeconds`, wait, "Member must be from 0 to 3600"];
  const sizes = { CANARY: "CanarySize", LINEAR: "LinearStepSize" } as const;
  const member = type === "CANARY" || type === "LINEAR" ? sizes[type] : undefined;
  if (member === undefined) return undefined;
  const size = block(routing[member]);
  if (!(Number(size["Value"]) >= 1)) return [`${at}.${member}.Value`, size["Value"], "Member must be at least 1"];
  if (size["Type"] === capacityPercent && Number(size["Value"]) > 50)
    return [`${at}.${member}.Value`, size["Value"], "Member must be at most 50 percent of the capacity"];
  return undefined;
}

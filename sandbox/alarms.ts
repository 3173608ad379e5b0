import { Cloud } from "./cloud/cloud.ts";

const alarmTypes = ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"];

/** An alarm with its state, as CloudWatch has it. */
export interface AlarmState {
  name: string;
  state: string;
  reason: string;
}

/**
 * States of alarms that stand in the sandbox. Nothing is measured there, so an alarm is quiet until
 * `slipway sandbox drift set <alarm> --set stateValue=ALARM` makes it ring.
 */
export function alarmStates(
  directory: string,
  account: string,
  region: string,
  names: readonly string[],
): AlarmState[] {
  const cloud = new Cloud(directory);
  try {
    return alarmsIn(cloud, account, region, names);
  } finally {
    cloud.close();
  }
}

/** The same, in a cloud that is open already. */
export function alarmsIn(cloud: Cloud, account: string, region: string, names: readonly string[]): AlarmState[] {
  return alarmTypes
    .flatMap((type) => cloud.list({ type, account, region }))
    .map(({ outputs }) => ({
      name: text(outputs["name"]) ?? text(outputs["alarmName"]) ?? "",
      state: text(outputs["stateValue"]) ?? "OK",
      reason: text(outputs["stateReason"]) ?? "",
    }))
    .filter(({ name }) => names.includes(name));
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

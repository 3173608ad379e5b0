import type { AlarmState } from "./check-kind.ts";

/** CloudWatch describes at most this many alarms in one answer. */
const batchSize = 100;

/** States of metric and composite alarms by name; an alarm that does not exist is left out. */
export async function describeAlarms(
  region: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<AlarmState[]> {
  const { CloudWatchClient, DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({ region });
  const states: AlarmState[] = [];
  try {
    for (let start = 0; start < names.length; start += batchSize) {
      const AlarmNames = names.slice(start, start + batchSize);
      const command = new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] });
      const answer = await client.send(command, { abortSignal: signal });
      for (const found of [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])])
        states.push({
          name: found.AlarmName ?? "",
          state: found.StateValue ?? "INSUFFICIENT_DATA",
          reason: found.StateReason ?? "",
        });
    }
  } finally {
    client.destroy();
  }
  return states;
}

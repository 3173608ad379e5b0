import type { AlarmState, CheckKind, Probe } from "../check-kind.ts";

/** Pure: what the states of the watched alarms mean. An alarm without data yet is no alarm: nothing has gone wrong. */
export function judgeAlarms(wanted: readonly string[], found: readonly AlarmState[]): Probe {
  const missing = wanted.filter((wantedName) => !found.some(({ name }) => name === wantedName));
  if (missing.length > 0) return { state: "failed", detail: `no such alarm: ${missing.join(", ")}` };
  const ringing = found.filter(({ name, state }) => wanted.includes(name) && state === "ALARM");
  if (ringing.length > 0) {
    const reasons = ringing.map(({ name, reason }) => (reason === "" ? name : `${name} (${reason})`));
    return { state: "failed", detail: `in alarm: ${reasons.join(", ")}` };
  }
  return { state: "passed", detail: `${wanted.length} quiet` };
}

/** CloudWatch alarms that must not ring, while a release settles and, with `bake` in the policy, for a while after. */
export const alarm: CheckKind<"alarm"> = {
  kind: "alarm",
  async probe(check, { targets, signal }) {
    try {
      return judgeAlarms(check.alarms, await targets.alarms(check.region, check.alarms, signal));
    } catch (error) {
      return { state: "pending", detail: `CloudWatch in ${check.region}: ${(error as Error).message}` };
    }
  },
};

import type * as aws from "@pulumi/aws";
import { problem } from "../../shared/validation.ts";

/** How traffic goes from the version that answers to the next one. */
export type ShiftSettings =
  /** A share at first, everything after the minutes. */
  | { kind: "canary"; percentage: number; minutes: number }
  /** The share again every so many minutes, until it is everything. */
  | { kind: "linear"; percentage: number; minutes: number }
  | { kind: "all-at-once" };

/** A tenth for half an hour, then everything. */
export const defaultShift: ShiftSettings = { kind: "canary", percentage: 10, minutes: 30 };

/** CodeDeploy lets two days pass between the first and the last step of a shift. */
const longestMinutes = 2880;
/** What the hooks and CodeDeploy itself take beside the steps. */
const overheadMinutes = 15;

/** Minutes from the first request to the new version until it gets all of them. */
export function shiftMinutes(shift: ShiftSettings): number {
  if (shift.kind === "all-at-once") return 0;
  return shift.kind === "canary" ? shift.minutes : (Math.ceil(100 / shift.percentage) - 1) * shift.minutes;
}

/** How long a shift may take before something is wrong with it. */
export function shiftTimeoutSeconds(shift: ShiftSettings): number {
  return (shiftMinutes(shift) + overheadMinutes) * 60;
}

/** Problems of the setting, one line each. */
export function validateShift(shift: ShiftSettings): string[] {
  if (shift.kind === "all-at-once") return [];
  const problems: string[] = [];
  const { kind, percentage, minutes } = shift;
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 99)
    problems.push(problem("shift.percentage", percentage, "a whole number from 1 to 99", "Correct it."));
  if (!Number.isInteger(minutes) || minutes < 1)
    problems.push(problem("shift.minutes", minutes, "a whole number of minutes, at least 1", "Correct it."));
  if (problems.length > 0 || shiftMinutes(shift) <= longestMinutes) return problems;
  const rule = `at most ${longestMinutes} minutes from the first step to the last`;
  return [problem("shift", `${kind} ${percentage} % / ${minutes} min`, rule, "Take larger or quicker steps.")];
}

/** The steps as CodeDeploy has them, and the name that goes with exactly these. */
export interface ShiftConfig {
  /** Steps cannot be changed once they are made, so their name says what they are. */
  name: string;
  routing: aws.types.input.codedeploy.DeploymentConfigTrafficRoutingConfig;
}

/** Absent where CodeDeploy has the configuration already. */
export function shiftConfig(application: string, shift: ShiftSettings): ShiftConfig | undefined {
  if (shift.kind === "all-at-once") return undefined;
  const { kind, percentage, minutes } = shift;
  const step = { percentage, interval: minutes };
  return {
    name: `${application}-${kind}-${percentage}-percent-${minutes}-minutes`,
    routing:
      kind === "canary"
        ? { type: "TimeBasedCanary", timeBasedCanary: step }
        : { type: "TimeBasedLinear", timeBasedLinear: step },
  };
}

/** The configuration that moves everything in one step. CodeDeploy has it in every account. */
export const allAtOnce = "CodeDeployDefault.LambdaAllAtOnce";

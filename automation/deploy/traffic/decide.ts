import type { TrafficShift } from "../../../config/outputs.ts";

/** Where an alias leads. */
export interface AliasState {
  /** The version that gets what `weights` leave. */
  version: string;
  /** Shares, 0 to 1, of other versions. */
  weights: Readonly<Record<string, number>>;
}

/** A deployment as CodeDeploy tells of it. */
export interface DeploymentState {
  id: string;
  status: string;
  /** `user`, or `codeDeployRollback` for one that takes another back. */
  creator: string;
  /** Name of the steps that it takes. */
  config: string;
  /** The version that it leads to; undefined where what it was told cannot be read. */
  to: string | undefined;
  createdAt: Date | undefined;
  error: { code: string; message: string } | undefined;
  /** The deployment that takes this one back. */
  rollback: string | undefined;
}

/** Event of a deployment's life that failed. */
export interface FailedEvent {
  name: string;
  message: string;
}

/** How traffic is to go: in the steps of the group, or back at once. */
export type Manner = "gradually" | "at-once";

/** The steps that every account has: all in one. */
export const allAtOnce = "CodeDeployDefault.LambdaAllAtOnce";

/** What there is to do next so that the alias leads to the wanted version alone. */
export type Step =
  | { do: "nothing" }
  /** One that goes where this is to go: a driver before this one began it. */
  | { do: "follow"; deployment: DeploymentState }
  /** One by which CodeDeploy takes another back, which must not be disturbed. */
  | { do: "await"; deployment: DeploymentState }
  | { do: "stop"; deployment: DeploymentState }
  /** Shares that nobody moves any more. */
  | { do: "clear" }
  | { do: "start"; from: string };

const goesAsWanted = ({ to, config }: DeploymentState, version: string, manner: Manner): boolean =>
  to === version && (manner === "gradually" || config === allAtOnce);

/** Pure: one step. What is under way comes before where the alias leads, as that is about to change. */
export function nextStep(
  wanted: { version: string; manner: Manner },
  alias: AliasState,
  running: readonly DeploymentState[],
): Step {
  const rollback = running.find(({ creator }) => creator === "codeDeployRollback");
  if (rollback !== undefined) return { do: "await", deployment: rollback };
  const [first] = running;
  if (first !== undefined)
    return goesAsWanted(first, wanted.version, wanted.manner)
      ? { do: "follow", deployment: first }
      : { do: "stop", deployment: first };
  if (Object.keys(alias.weights).length > 0) return { do: "clear" };
  return alias.version === wanted.version ? { do: "nothing" } : { do: "start", from: alias.version };
}

/** Pure: share of the requests, in percent, that a version gets. */
export function percentOf({ version, weights }: AliasState, of: string): number {
  const others = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Math.round((version === of ? 1 - others : (weights[of] ?? 0)) * 100);
}

export type Meaning = "going" | "succeeded" | "failed";

/** Pure: what a status means to whoever waits. */
export function meaningOf(status: string): Meaning {
  if (status === "Succeeded") return "succeeded";
  return status === "Failed" || status === "Stopped" ? "failed" : "going";
}

/** Statuses of deployments that are not at their end. */
export const unfinished = ["Created", "Queued", "InProgress", "Baking", "Ready"] as const;

const phases: Readonly<Record<string, "before" | "after">> = {
  BeforeAllowTraffic: "before",
  AfterAllowTraffic: "after",
};

/** What is known of a deployment that did not end well. */
export interface FailureFacts {
  deployment: DeploymentState;
  events: readonly FailedEvent[];
  /** Alarms that were seen ringing meanwhile, with what CloudWatch said. */
  ringing: readonly string[];
}

/** Pure: why a deployment ended badly, from the most telling to the least. */
export function failureReason({ hooks }: Pick<TrafficShift, "hooks">, facts: FailureFacts): string {
  const { deployment, events, ringing } = facts;
  const { code = "", message = "" } = deployment.error ?? {};
  const [event] = events;
  if (event !== undefined) {
    const phase = phases[event.name];
    const asked = phase === undefined ? undefined : hooks[phase];
    const who = phase === undefined ? event.name : `hook ${event.name}${asked === undefined ? "" : ` (${asked})`}`;
    return `${who} failed${event.message === "" ? "" : `: ${event.message}`}`;
  }
  if (code === "ALARM_ACTIVE")
    return `${ringing.length > 0 ? `alarm ${ringing.join(", ")}` : "an alarm of its group"} rang`;
  if (code === "MANUAL_STOP") return "somebody stopped it";
  return [code, message].filter((part) => part !== "").join(": ") || `it ended as ${deployment.status}`;
}

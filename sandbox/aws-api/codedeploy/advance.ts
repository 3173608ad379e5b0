import { compressed } from "../../cluster/time.ts";
import { rollbackOf, type AliasTarget, type Deployment, type Hook } from "./deployment.ts";

/** What an advance depends on besides the deployment. */
export interface DeploymentSeen {
  now: number;
  /** When whoever looks began to look: what was not running before that cannot be late. */
  from: number;
  /** Where the alias leads; undefined where there is none. Asked for in the first phase alone. */
  alias?: AliasTarget;
  /** Whether the target version is there. Asked for in the first phase alone. */
  targetExists?: boolean;
  ringing: readonly string[];
  /** Alarms of the group that cannot be read. */
  unreadable: readonly string[];
  /** How the call of the hook ended, and when; absent while it runs. */
  hookEnded?: { at: number; error?: string };
  /** Id for a deployment that takes this one back. */
  rollbackId: string;
}

export interface Advance {
  deployment: Deployment;
  /** Takes it back. */
  rollback?: Deployment;
}

/** CodeDeploy waits an hour for a hook's answer. */
const hookWaitSeconds = 3_600;
/** A function starts at its own speed, which is no shorter here than in production. */
const hookAllowanceMs = 40_000;

const failures = {
  alarm: "DEPLOYMENT_STOP_ON_ALARM",
  stop: "DEPLOYMENT_STOP_ON_REQUEST",
  failure: "DEPLOYMENT_FAILURE",
} as const;

/**
 * What becomes of a deployment by now. Pure: who is killed in the middle and starts again comes to the same. The same object comes back
 * where there is nothing to do but wait.
 */
export function advancedDeployment(before: Deployment, seen: DeploymentSeen): Advance {
  if (before.phase === "end") return { deployment: before };
  if (before.phase === "restore") return { deployment: before.applied ? succeeded(before, seen.now) : before };
  if (before.stop !== undefined) {
    const error = { code: "MANUAL_STOP", message: "The deployment was stopped by a request." };
    return ended(before, "Stopped", error, { seen, takeBack: before.stop.rollback });
  }
  if (seen.ringing.length > 0)
    return ended(before, "Stopped", alarmError(seen.ringing), { seen, event: failures.alarm });
  const [unreadable] = before.ignoreAlarmFailure ? [] : seen.unreadable;
  if (unreadable !== undefined) {
    const message = `The state of the alarm ${unreadable} cannot be read: there is none of that name.`;
    return ended(
      before,
      "Stopped",
      { code: "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND", message },
      { seen, event: failures.alarm },
    );
  }
  return phased(before, seen);
}

function phased(before: Deployment, seen: DeploymentSeen): Advance {
  switch (before.phase) {
    case "check": {
      const error = configurationError(before, seen);
      if (error !== undefined) return ended(before, "Failed", error, { seen, takeBack: false });
      return { deployment: { ...before, status: "InProgress", phase: "before", since: seen.now } };
    }
    case "before":
      return hooked(before, "before", seen, { ...before, phase: "shift", step: 0, applied: false, since: seen.now });
    case "shift":
      return { deployment: shifted(before, seen.now) };
    case "after":
      return hooked(before, "after", seen, succeeded(before, seen.now));
    case "restore":
    case "end":
      return { deployment: before };
  }
}

/** A step counts from when the alias shows it. */
function shifted(before: Deployment, now: number): Deployment {
  if (!before.applied) return before;
  const current = before.steps[before.step];
  if (current !== undefined && now - before.since < compressed(current.seconds)) return before;
  if (before.step + 1 < before.steps.length) return { ...before, step: before.step + 1, applied: false, since: now };
  return { ...before, phase: "after", shiftEnded: now, since: now };
}

function hooked(before: Deployment, which: "before" | "after", seen: DeploymentSeen, next: Deployment): Advance {
  const hook = before[which];
  if (hook === undefined || hook.status === "Succeeded") return { deployment: next };
  if (hook.status === "Pending")
    return { deployment: { ...before, [which]: { ...hook, status: "InProgress", started: seen.now } } };
  const why = hook.status === "Failed" ? (hook.message ?? "it reported Failed") : lateness(hook, seen);
  if (why === undefined) return { deployment: before };
  const failed: Hook = { ...hook, status: "Failed", message: why, ended: hook.ended ?? seen.now };
  const name = which === "before" ? "BeforeAllowTraffic" : "AfterAllowTraffic";
  const error = {
    code: "HOOK_EXECUTION_FAILURE",
    message: `The lifecycle event hook ${name} (${hook.function}) failed: ${why}`,
  };
  return ended({ ...before, [which]: failed }, "Failed", error, { seen, event: failures.failure });
}

/** Why a hook that has not answered is not going to. */
function lateness(hook: Hook, { now, from, hookEnded }: DeploymentSeen): string | undefined {
  if (hookEnded?.error !== undefined) return hookEnded.error;
  if (hookEnded !== undefined && now - hookEnded.at > compressed(hookWaitSeconds))
    return "it ended without reporting a status in time";
  const late = now - Math.max(hook.started ?? now, from) > hookAllowanceMs;
  return hookEnded === undefined && late ? "it did not report a status in time" : undefined;
}

/** What CodeDeploy finds wrong before it begins. */
function configurationError({ spec, steps }: Deployment, { alias, targetExists }: DeploymentSeen): Deployment["error"] {
  const wrong = (why: string) => ({
    code: "INVALID_LAMBDA_CONFIGURATION",
    message: `The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration: ${why}.`,
  });
  const missing = (why: string) => ({
    code: "INVALID_LAMBDA_FUNCTION",
    message: `The deployment failed because ${why}.`,
  });
  if (alias === undefined) return missing(`the function ${spec.function} or its alias ${spec.alias} does not exist`);
  if (targetExists !== true) return missing(`${spec.function} has no version ${spec.target}`);
  if (alias.version !== spec.current)
    return wrong(`CurrentVersion is ${spec.current}, and the alias ${spec.alias} is at ${alias.version}`);
  if (Object.keys(alias.weights).length > 0)
    return wrong(`the alias ${spec.alias} already shifts traffic between two versions`);
  if (spec.current === spec.target && steps.length > 1)
    return wrong(`CurrentVersion and TargetVersion are both ${spec.target}`);
  return undefined;
}

/** What becomes of a deployment whose alias is gone. */
export function withoutAlias(before: Deployment, now: number): Deployment {
  const { function: name, alias } = before.spec;
  const message = `The deployment failed because the function ${name} or its alias ${alias} does not exist.`;
  return brokenOff(before, { code: "INVALID_LAMBDA_FUNCTION", message }, now);
}

/** Ends a deployment that nothing can be done about any more, not even taking it back. */
export function brokenOff(before: Deployment, error: { code: string; message: string }, now: number): Deployment {
  return { ...before, status: "Failed", phase: "end", error, completed: now };
}

function alarmError(names: readonly string[]): { code: string; message: string } {
  const message =
    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. " +
    `Activated alarms: <${names.join(", ")}>`;
  return { code: "ALARM_ACTIVE", message };
}

function succeeded(before: Deployment, now: number): Deployment {
  return { ...before, status: "Succeeded", phase: "end", completed: now };
}

/** Ends badly, and is taken back where it is told to, or where its group says so for this event. */
function ended(
  before: Deployment,
  status: "Failed" | "Stopped",
  error: { code: string; message: string },
  {
    seen,
    event,
    takeBack = before.rollbackOn.includes(event ?? ""),
  }: { seen: DeploymentSeen; event?: string; takeBack?: boolean },
): Advance {
  const { stop: _stop, ...rest } = before;
  const deployment: Deployment = { ...rest, status, phase: "end", error, completed: seen.now };
  // Before the first phase is over nobody knows whether the alias was where the AppSpec says.
  if (!takeBack || before.phase === "check") return { deployment };
  const rollback = rollbackOf(before, seen.rollbackId, seen.now);
  const message = rollback.rollback?.message ?? "";
  return { deployment: { ...deployment, rollback: { deployment: seen.rollbackId, message } }, rollback };
}

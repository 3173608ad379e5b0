import type { Properties } from "../../types/type-spec.ts";
import { arnOf, present, seconds, type Scope } from "../protocol.ts";
import { targetPercent, type Deployment, type EventStatus, type Hook } from "./deployment.ts";

/** `deploymentInfo` of GetDeployment. */
export function deploymentInfo(deployment: Deployment): Properties {
  const { rollbackOn, error, rollback, shiftStarted, before, completed } = deployment;
  const started = before?.started ?? shiftStarted;
  return present({
    applicationName: deployment.application,
    deploymentGroupName: deployment.group,
    deploymentConfigName: deployment.config,
    deploymentId: deployment.id,
    revision: deployment.revision,
    status: deployment.status,
    errorInformation: error,
    createTime: seconds(deployment.created),
    startTime: started === undefined ? undefined : seconds(started),
    completeTime: completed === undefined ? undefined : seconds(completed),
    deploymentOverview: overviewOf(deployment),
    description: deployment.description,
    creator: deployment.creator,
    ignoreApplicationStopFailures: false,
    autoRollbackConfiguration: { enabled: rollbackOn.length > 0, events: rollbackOn },
    rollbackInfo:
      rollback &&
      present({
        rollbackDeploymentId: rollback.deployment,
        rollbackTriggeringDeploymentId: rollback.triggeredBy,
        rollbackMessage: rollback.message,
      }),
    deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
    computePlatform: "Lambda",
  });
}

function overviewOf(deployment: Deployment): Properties {
  const counts = { Pending: 0, InProgress: 0, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 };
  return { ...counts, [targetStatus(deployment)]: 1 };
}

function targetStatus({ status }: Deployment): EventStatus {
  if (status === "Created") return "Pending";
  return status === "Stopped" ? "Failed" : status;
}

/** The one target of a Lambda deployment. */
export function targetId({ spec }: Deployment): string {
  return `${spec.function}:${spec.alias}`;
}

/** `deploymentTarget` of GetDeploymentTarget. */
export function deploymentTarget(scope: Scope, deployment: Deployment): Properties {
  const { id, spec, since, completed } = deployment;
  return {
    deploymentTargetType: "LambdaTarget",
    lambdaTarget: {
      deploymentId: id,
      targetId: targetId(deployment),
      targetArn: arnOf(scope, "lambda", `function:${targetId(deployment)}`),
      status: targetStatus(deployment),
      lastUpdatedAt: seconds(completed ?? since),
      lifecycleEvents: lifecycleEvents(deployment),
      lambdaFunctionInfo: {
        functionName: spec.function,
        functionAlias: spec.alias,
        currentVersion: spec.current,
        targetVersion: spec.target,
        targetVersionWeight: targetPercent(deployment) / 100,
      },
    },
  };
}

function lifecycleEvents(deployment: Deployment): Properties[] {
  const { before, after, shiftStarted, shiftEnded, completed } = deployment;
  const allow = {
    status: allowStatus(deployment),
    ...(shiftStarted === undefined ? {} : { started: shiftStarted }),
    ...(shiftStarted === undefined ? {} : { ended: shiftEnded ?? completed }),
  };
  return [
    lifecycleEvent("BeforeAllowTraffic", hookEvent(before, deployment)),
    lifecycleEvent("AllowTraffic", allow),
    lifecycleEvent("AfterAllowTraffic", hookEvent(after, deployment)),
  ];
}

type Event = Pick<Hook, "status" | "message"> & { started?: number; ended?: number | undefined };

/** A hook that was not asked before the end is not going to be. */
function hookEvent(hook: Hook | undefined, { phase }: Deployment): Event {
  if (hook === undefined) return { status: "Skipped" };
  const over = phase === "end" && (hook.status === "Pending" || hook.status === "InProgress");
  return over ? { ...hook, status: hook.status === "Pending" ? "Skipped" : "Failed" } : hook;
}

function allowStatus({ phase, shiftStarted, shiftEnded, status }: Deployment): EventStatus {
  if (shiftEnded !== undefined || (status === "Succeeded" && shiftStarted !== undefined)) return "Succeeded";
  if (phase === "end") return shiftStarted === undefined ? "Skipped" : "Failed";
  return shiftStarted === undefined ? "Pending" : "InProgress";
}

function lifecycleEvent(name: string, { status, message, started, ended }: Event): Properties {
  return present({
    lifecycleEventName: name,
    status,
    diagnostics:
      message === undefined ? undefined : { errorCode: "UnknownError", scriptName: "", message, logTail: "" },
    startTime: started === undefined ? undefined : seconds(started),
    endTime: ended === undefined ? undefined : seconds(ended),
  });
}

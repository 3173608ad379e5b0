import { randomUUID } from "node:crypto";

import { block, list, text } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { pageOf } from "../input.ts";
import { AwsError, present, type Operations, type Scope } from "../protocol.ts";
import type { CloudRecord } from "../record.ts";
import type { State } from "../state.ts";
import { appSpecOf } from "./appspec.ts";
import { configSteps } from "./configs.ts";
import { deploymentId, isFinal, type Deployment, type Hook } from "./deployment.ts";
import { deploymentInfo, deploymentTarget, targetId } from "./describe.ts";
import { alarmsOf, groupInfo, groupOf, requireApplication, rollbackEvents, type Group } from "./groups.ts";

export interface CodeDeployServices {
  state: State;
  record: CloudRecord;
  /** Called after each change: there is something to do. */
  changed(): void;
}

/** CodeDeploy for Lambda: applications, groups and configurations are the record's, deployments are its own. */
export function codeDeployOperations(services: CodeDeployServices): Operations {
  const named = (input: Properties, scope: Scope) =>
    found(services, scope, required(input, "deploymentId", "Deployment"));
  return {
    CreateDeployment: (input, scope) => create(services, input, scope),
    GetDeployment: (input, scope) => ({ deploymentInfo: deploymentInfo(named(input, scope)) }),
    BatchGetDeployments: (input, scope) => ({
      deploymentsInfo: list(input["deploymentIds"]).map((id) => deploymentInfo(found(services, scope, String(id)))),
    }),
    ListDeployments: (input, scope) => listed(services, input, scope),
    StopDeployment: (input, scope) => stop(services, named(input, scope), input, scope),
    PutLifecycleEventHookExecutionStatus: (input, scope) => answered(services, named(input, scope), input, scope),
    ListDeploymentTargets: (input, scope) => ({ targetIds: [targetId(named(input, scope))] }),
    GetDeploymentTarget: (input, scope) => {
      const deployment = named(input, scope);
      requireTarget(deployment, input["targetId"]);
      return { deploymentTarget: deploymentTarget(scope, deployment) };
    },
    BatchGetDeploymentTargets: (input, scope) => {
      const deployment = named(input, scope);
      for (const id of list(input["targetIds"])) requireTarget(deployment, id);
      return { deploymentTargets: [deploymentTarget(scope, deployment)] };
    },
    GetDeploymentGroup: (input, scope) => ({ deploymentGroupInfo: groupInfo(groupIn(services, input, scope)) }),
  };
}

function groupIn({ record }: CodeDeployServices, input: Properties, scope: Scope) {
  const application = required(input, "applicationName", "Application");
  return groupOf(record, scope, application, required(input, "deploymentGroupName", "DeploymentGroup"));
}

function create(services: CodeDeployServices, input: Properties, scope: Scope): Properties {
  const { state, record, changed } = services;
  const group = groupIn(services, input, scope);
  const deployment = newDeployment(record, scope, group, input);
  state.transaction(() => {
    const active = state.list("deployment", scope).find(({ body }) => isSame(body, group) && !isFinal(body));
    if (active !== undefined) {
      const message = `The Deployment Group '${group.name}' already has an active Deployment '${active.body.id}'`;
      throw new AwsError("DeploymentLimitExceededException", message);
    }
    state.put("deployment", scope, deployment.id, deployment);
  });
  changed();
  return { deploymentId: deployment.id };
}

/** A request may override the group's steps, alarms and events of rollback. */
function newDeployment(record: CloudRecord, scope: Scope, group: Group, input: Properties): Deployment {
  const revision = block(input["revision"]);
  if (Object.keys(revision).length === 0)
    throw new AwsError("RevisionRequiredException", "The revision ID was not specified.");
  const spec = appSpecOf(revision);
  const config = text(input["deploymentConfigName"]) ?? group.config;
  const { overrideAlarmConfiguration: override, autoRollbackConfiguration: rollback } = input;
  const alarms = override === undefined ? group.alarms : alarmsOf(override);
  const now = Date.now();
  const description = text(input["description"]);
  return {
    ...{ id: deploymentId(), application: group.application, group: group.name, config, creator: "user" },
    ...{ revision, spec, steps: configSteps(record, scope, config) },
    ...(description === undefined ? {} : { description }),
    alarms: alarms.enabled ? alarms.names : [],
    ignoreAlarmFailure: alarms.ignoreFailure,
    rollbackOn: rollback === undefined ? group.rollbackOn : rollbackEvents(rollback),
    ...{ status: "Created", phase: "check", step: 0, since: now, applied: false, created: now },
    ...(spec.before === undefined ? {} : { before: hookOf(spec.before) }),
    ...(spec.after === undefined ? {} : { after: hookOf(spec.after) }),
  };
}

const isSame = (deployment: Deployment, group: { application: string; name: string }) =>
  deployment.application === group.application && deployment.group === group.name;

function hookOf(name: string): Hook {
  return { function: name, executionId: randomUUID(), status: "Pending" };
}

const statuses = ["Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready"];

function listed({ state, record }: CodeDeployServices, input: Properties, scope: Scope): Properties {
  const application = text(input["applicationName"]);
  const group = text(input["deploymentGroupName"]);
  if (application !== undefined) requireApplication(record, scope, application);
  if (application !== undefined && group !== undefined) groupOf(record, scope, application, group);
  const only = list(input["includeOnlyStatuses"]).map(String);
  const unknown = only.find((status) => !statuses.includes(status));
  if (unknown !== undefined)
    throw new AwsError(
      "InvalidDeploymentStatusException",
      `"${unknown}" is no status of a deployment: ${statuses.join(", ")}`,
    );
  const { start, end } = block(input["createTimeRange"]);
  const all = state
    .list("deployment", scope)
    .map(({ body }) => body)
    .filter((each) => application === undefined || each.application === application)
    .filter((each) => group === undefined || each.group === group)
    .filter((each) => only.length === 0 || only.includes(each.status))
    .filter(({ created }) => created / 1_000 >= Number(start ?? 0) && created / 1_000 <= Number(end ?? Infinity))
    .sort((a, b) => b.created - a.created);
  const { page, next } = pageOf(all, input, { token: "nextToken", size: "none", usual: 100 });
  return present({ deployments: page.map(({ id }) => id), nextToken: next });
}

function stop(
  { state, changed }: CodeDeployServices,
  deployment: Deployment,
  input: Properties,
  scope: Scope,
): Properties {
  if (isFinal(deployment))
    throw new AwsError("DeploymentAlreadyCompletedException", `The deployment ${deployment.id} is already complete.`);
  const given = input["autoRollbackEnabled"];
  const rollback = typeof given === "boolean" ? given : deployment.rollbackOn.includes("DEPLOYMENT_STOP_ON_REQUEST");
  state.put("deployment", scope, deployment.id, { ...deployment, stop: { rollback } });
  changed();
  return { status: "Pending", statusMessage: "The deployment is being stopped." };
}

/** What a hook says of itself. The first answer counts. */
function answered(
  { state, changed }: CodeDeployServices,
  deployment: Deployment,
  input: Properties,
  scope: Scope,
): Properties {
  const executionId = text(input["lifecycleEventHookExecutionId"]);
  const which = (["before", "after"] as const).find((each) => deployment[each]?.executionId === executionId);
  const hook = which && deployment[which];
  if (which === undefined || hook === undefined) {
    const message = `The deployment ${deployment.id} has no lifecycle event hook execution ${String(executionId)}.`;
    throw new AwsError("InvalidLifecycleEventHookExecutionIdException", message);
  }
  const status = input["status"];
  if (status !== "Succeeded" && status !== "Failed") {
    const message = `A hook reports Succeeded or Failed, not ${JSON.stringify(status)}.`;
    throw new AwsError("InvalidLifecycleEventHookExecutionStatusException", message);
  }
  if (hook.status !== "InProgress" || isFinal(deployment)) {
    const message = `The lifecycle event hook execution ${String(executionId)} is already complete.`;
    throw new AwsError("LifecycleEventAlreadyCompletedException", message);
  }
  state.put("deployment", scope, deployment.id, { ...deployment, [which]: { ...hook, status, ended: Date.now() } });
  changed();
  return { lifecycleEventHookExecutionId: executionId };
}

function found({ state }: CodeDeployServices, scope: Scope, id: string): Deployment {
  const deployment = state.get("deployment", scope, id);
  if (deployment !== undefined) return deployment;
  throw new AwsError("DeploymentDoesNotExistException", `The deployment ${id} could not be found`);
}

function requireTarget(deployment: Deployment, id: unknown): void {
  if (id === targetId(deployment)) return;
  throw new AwsError(
    "DeploymentTargetDoesNotExistException",
    `The deployment ${deployment.id} has no target ${String(id)}.`,
  );
}

/** CodeDeploy has an error of its own for each name that is missing. */
function required(input: Properties, member: string, what: "Application" | "DeploymentGroup" | "Deployment"): string {
  const value = input[member];
  if (typeof value === "string" && value !== "") return value;
  const codes = { Application: "ApplicationName", DeploymentGroup: "DeploymentGroupName", Deployment: "DeploymentId" };
  throw new AwsError(`${codes[what]}RequiredException`, `The member ${member} was not specified.`);
}

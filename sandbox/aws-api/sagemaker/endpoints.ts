import { block } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { invalid, optionalText, optionalWord, pageOf, requiredText, resourceName } from "../input.ts";
import { arnOf, AwsError, present, seconds, type Operations, type Scope } from "../protocol.ts";
import { apiForm, type CloudRecord, type Recorded } from "../record.ts";
import type { State } from "../state.ts";
import { putEndpoint } from "./controller.ts";
import { describedEndpoint } from "./describe.ts";
import { createdEndpoint, updatedEndpoint, type EndpointState } from "./endpoint-state.ts";
import { fleetOf } from "./models.ts";
import { deploymentProblem, rollbackAlarms, stepsOf } from "./steps.ts";

export interface EndpointServices {
  state: State;
  record: CloudRecord;
  /** Called after each change: there may be something to do. */
  changed(): void;
}

/** Endpoints: those of the API, and those that Pulumi made. */
export function endpointOperations(services: EndpointServices): Operations {
  return {
    CreateEndpoint: (input, scope) => create(services, input, scope),
    UpdateEndpoint: (input, scope) => update(services, input, scope),
    DescribeEndpoint: (input, scope) =>
      describedEndpoint(scope, endpointOf(services, scope, requiredText(input, "EndpointName"))),
    DeleteEndpoint: (input, scope) => remove(services, input, scope),
    ListEndpoints: (input, scope) => listed(services, input, scope),
  };
}

/**
 * An endpoint as it is now. One that Pulumi made begins as its record says; a configuration that Pulumi changed since is an update.
 *
 * @throws AwsError where there is none.
 */
export function endpointOf(services: EndpointServices, scope: Scope, name: string): EndpointState {
  const { state, record } = services;
  const found = followed(
    services,
    scope,
    state.get("endpoint", scope, name),
    record.find("endpoint", scope, name),
    name,
  );
  if (found !== undefined) return found;
  throw new AwsError("ValidationException", `Could not find endpoint "${endpointArn(scope, name)}".`);
}

function followed(
  services: EndpointServices,
  scope: Scope,
  known: EndpointState | undefined,
  recorded: Recorded | undefined,
  name: string,
): EndpointState | undefined {
  const { state } = services;
  if (recorded === undefined) {
    if (known?.recorded === undefined) return known;
    state.remove("endpoint", scope, name);
    services.changed();
    return undefined;
  }
  if (known !== undefined && known.recorded === undefined) return known;
  const config = String(recorded.properties["endpointConfigName"]);
  const seen = { config, createdAt: recorded.createdAt };
  if (known?.recorded === undefined || known.recorded.createdAt !== recorded.createdAt) {
    const created = Date.parse(recorded.createdAt);
    const from = { status: "InService", created, modified: created, unproven: true, recorded: seen } as const;
    const made: EndpointState = { name, serves: fleetOf(services, scope, config), ...from };
    state.put("endpoint", scope, name, made);
    return made;
  }
  if (known.deleted !== undefined) return undefined;
  if (known.recorded.config === config || known.update !== undefined) return known;
  const deployment = block(apiForm({ value: recorded.properties["deploymentConfig"] })["Value"]);
  const next = { ...begun(services, scope, known, config, deployment), recorded: seen };
  putEndpoint(state, scope, next, known);
  services.changed();
  return next;
}

function begun(
  services: EndpointServices,
  scope: Scope,
  from: EndpointState,
  config: string,
  deployment: Properties,
): EndpointState {
  const to = fleetOf(services, scope, config);
  const steps = stepsOf(deployment, to.variants[0]?.instances ?? 1);
  return updatedEndpoint(from, { to, deployment, steps }, Date.now());
}

function create(services: EndpointServices, input: Properties, scope: Scope): Properties {
  const { state, record } = services;
  const name = requiredText(input, "EndpointName", resourceName);
  const config = requiredText(input, "EndpointConfigName");
  const known = state.get("endpoint", scope, name);
  const there = followed(services, scope, known, record.find("endpoint", scope, name), name);
  if (there !== undefined)
    throw new AwsError("ValidationException", `Cannot create already existing endpoint "${endpointArn(scope, name)}".`);
  const made = createdEndpoint(name, fleetOf(services, scope, config), Date.now());
  putEndpoint(state, scope, known?.recorded === undefined ? made : { ...made, recorded: known.recorded });
  services.changed();
  return { EndpointArn: endpointArn(scope, name) };
}

function update(services: EndpointServices, input: Properties, scope: Scope): Properties {
  const endpoint = endpointOf(services, scope, requiredText(input, "EndpointName"));
  const config = requiredText(input, "EndpointConfigName");
  const own = endpointArn(scope, endpoint.name);
  if (endpoint.update !== undefined)
    throw new AwsError("ValidationException", `Cannot update in-progress endpoint "${own}".`);
  if (endpoint.status === "Failed")
    throw new AwsError("ValidationException", `Cannot update the failed endpoint "${own}": it can only be deleted.`);
  const retained = input["RetainDeploymentConfig"] === true ? endpoint.lastDeployment : undefined;
  const deployment = retained ?? block(input["DeploymentConfig"]);
  const problem = deploymentProblem(deployment);
  if (problem !== undefined) throw invalid(...problem);
  const alarms = rollbackAlarms(deployment);
  const known = services.record.alarms(scope, alarms).map((each) => each.name);
  const missing = alarms.find((alarm) => !known.includes(alarm));
  if (missing !== undefined)
    throw invalid("DeploymentConfig.AutoRollbackConfiguration.Alarms", missing, "Member must be an alarm that exists");
  putEndpoint(services.state, scope, begun(services, scope, endpoint, config, deployment), endpoint);
  services.changed();
  return { EndpointArn: own };
}

/** Where the record names it, it is remembered that it is gone. */
function remove(services: EndpointServices, input: Properties, scope: Scope): Properties {
  const endpoint = endpointOf(services, scope, requiredText(input, "EndpointName"));
  const { update: _update, ...rest } = endpoint;
  if (endpoint.recorded === undefined) services.state.remove("endpoint", scope, endpoint.name);
  else services.state.put("endpoint", scope, endpoint.name, { ...rest, deleted: true });
  services.changed();
  return {};
}

function listed(services: EndpointServices, input: Properties, scope: Scope): Properties {
  const own = services.state.list("endpoint", scope).map(({ name }) => name);
  const recorded = services.record.list("endpoint", scope).map(({ name }) => name);
  const status = optionalWord(input, "StatusEquals", ["Creating", "Updating", "InService", "Failed"]);
  const part = optionalText(input, "NameContains") ?? "";
  const all = [...new Set([...own, ...recorded])]
    .sort()
    .flatMap((name) => endpointIfAny(services, scope, name))
    .filter((each) => each.name.includes(part) && (status === undefined || each.status === status));
  const { page, next } = pageOf(all, input);
  const summaries = page.map((each) => ({
    EndpointName: each.name,
    EndpointArn: endpointArn(scope, each.name),
    EndpointStatus: each.status,
    CreationTime: seconds(each.created),
    LastModifiedTime: seconds(each.modified),
  }));
  return present({ Endpoints: summaries, NextToken: next });
}

function endpointIfAny(services: EndpointServices, scope: Scope, name: string): EndpointState[] {
  const { state, record } = services;
  const found = followed(
    services,
    scope,
    state.get("endpoint", scope, name),
    record.find("endpoint", scope, name),
    name,
  );
  return found === undefined ? [] : [found];
}

export function endpointArn(scope: Scope, name: string): string {
  return arnOf(scope, "sagemaker", `endpoint/${name.toLowerCase()}`);
}

import { block, list, text } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { AwsError, present, type Scope } from "../protocol.ts";
import type { CloudRecord } from "../record.ts";

/** A deployment group as the record has it. */
export interface Group {
  application: string;
  name: string;
  config: string;
  alarms: { enabled: boolean; names: string[]; ignoreFailure: boolean };
  /** Events after which a deployment is taken back. */
  rollbackOn: string[];
  properties: Properties;
}

/** @throws AwsError where the application or its group is not there. */
export function groupOf(record: CloudRecord, scope: Scope, application: string, name: string): Group {
  requireApplication(record, scope, application);
  const found = record
    .list("deploymentGroup", scope)
    .find((each) => each.name === name && each.properties["appName"] === application);
  if (found === undefined)
    throw new AwsError("DeploymentGroupDoesNotExistException", `No Deployment Group found for name: ${name}`);
  const { properties } = found;
  return {
    application,
    name,
    config: text(properties["deploymentConfigName"]) ?? "CodeDeployDefault.OneAtATime",
    alarms: alarmsOf(properties["alarmConfiguration"]),
    rollbackOn: rollbackEvents(properties["autoRollbackConfiguration"]),
    properties,
  };
}

export function requireApplication(record: CloudRecord, scope: Scope, name: string): void {
  const found = record.find("application", scope, name);
  if (found === undefined)
    throw new AwsError("ApplicationDoesNotExistException", `No application found for name: ${name}`);
  const platform = found.properties["computePlatform"];
  if (platform !== "Lambda")
    throw new AwsError(
      "InvalidComputePlatformException",
      `The sandbox runs deployments of Lambda; ${name} is for ${String(platform)}.`,
    );
}

/** Of the record or of a request: there alarms are names, here they are blocks with a name. */
export function alarmsOf(configuration: unknown): Group["alarms"] {
  const { enabled, alarms, ignorePollAlarmFailure } = block(configuration);
  const names = list(alarms).flatMap((alarm) => text(alarm) ?? text(block(alarm)["name"]) ?? []);
  return { enabled: enabled === true, names, ignoreFailure: ignorePollAlarmFailure === true };
}

export function rollbackEvents(configuration: unknown): string[] {
  const { enabled, events } = block(configuration);
  return enabled === true ? list(events).flatMap((event) => text(event) ?? []) : [];
}

/** `deploymentGroupInfo` of GetDeploymentGroup. */
export function groupInfo({ application, name, config, alarms, rollbackOn, properties }: Group): Properties {
  return present({
    applicationName: application,
    deploymentGroupName: name,
    deploymentGroupId: properties["deploymentGroupId"],
    deploymentConfigName: config,
    serviceRoleArn: properties["serviceRoleArn"],
    alarmConfiguration: {
      enabled: alarms.enabled,
      ignorePollAlarmFailure: alarms.ignoreFailure,
      alarms: alarms.names.map((alarm) => ({ name: alarm })),
    },
    autoRollbackConfiguration: { enabled: rollbackOn.length > 0, events: rollbackOn },
    deploymentStyle: properties["deploymentStyle"],
    computePlatform: "Lambda",
  });
}

import { block, failures, mustMatch, oneOf, required } from "../build.ts";
import type { Failure, Properties, TypeSpec } from "../type-spec.ts";
import { instanceType, projectType, workspaceType } from "./names.ts";

const project: TypeSpec = {
  type: projectType,
  global: true,
  autoName: { property: "name", maxLength: 64 },
  validate: (inputs) =>
    failures(
      required(inputs, "orgId"),
      mustMatch(
        inputs,
        "name",
        /^[A-Za-z0-9 _.()&@,'+:-]{1,64}$/,
        "1 to 64 letters, digits, spaces and _ . ( ) & @ , ' + : -",
      ),
      mustMatch(inputs, "orgId", /^[0-9a-f]{24}$/, "24 hexadecimal digits"),
    ),
  id: (_inputs, context) => context.suffix(24),
  outputs: (_inputs, _id, context) => ({
    clusterCount: 0,
    created: context.now(),
    ipAddresses: { services: { clusters: [] } },
  }),
  computed: ["clusterCount", "created", "ipAddresses"],
  replaceOn: ["orgId", "projectOwnerId", "withDefaultAlertsSettings"],
  unique: {
    properties: ["orgId", "name"],
    error: () => "409 GROUP_ALREADY_EXISTS: A project with the specified name already exists",
  },
  inUse: (resource, context) => {
    const held = [workspaceType, instanceType].flatMap((type) => context.find(type));
    const used = held.some((other) => other.inputs["projectId"] === resource.id);
    return used
      ? "409 CANNOT_CLOSE_GROUP_ACTIVE_STREAMS_RESOURCE: the project has stream processing workspaces"
      : undefined;
  },
  fidelity: "names and ids; bills nobody",
};

/** A project that Pulumi does not keep is there all the same; what cannot be the id of one is none. */
export function noProject(inputs: Properties): string | undefined {
  const id = inputs["projectId"];
  if (typeof id !== "string" || /^[0-9a-f]{24}$/.test(id)) return undefined;
  return `404 GROUP_NOT_FOUND: No group with ID ${id} exists.`;
}

const alertType = "mongodbatlas:index/alertConfiguration:AlertConfiguration";
const metricEvents = /^OUTSIDE_(?:\w+_)?METRIC_THRESHOLD$/;

function validThreshold(inputs: Properties): Failure[] {
  const property = "metricThresholdConfig";
  const asked = metricEvents.test(String(inputs["eventType"]));
  if (inputs[property] === undefined)
    return asked ? [{ property, reason: `${property} is required for eventType ${String(inputs["eventType"])}` }] : [];
  const config = block(inputs[property]);
  const found = failures(
    required(config, "metricName"),
    oneOf(config, "operator", ["GREATER_THAN", "LESS_THAN"]),
    oneOf(config, "mode", ["AVERAGE"]),
  );
  return found.map(({ reason }) => ({ property, reason }));
}

/** What a notification of each type cannot do without. */
const addressees: Readonly<Record<string, string>> = {
  EMAIL: "emailAddress",
  SLACK: "apiToken",
  PAGER_DUTY: "serviceKey",
  TEAM: "teamId",
  USER: "username",
  WEBHOOK: "webhookUrl",
};

function validNotifications(inputs: Properties): Failure[] {
  const property = "notifications";
  const given = inputs[property];
  if (!Array.isArray(given)) return [];
  if (given.length === 0) return [{ property, reason: "at least one notification is required" }];
  return given.map(block).flatMap((notification) => {
    const needed = addressees[String(notification["typeName"])];
    return required(notification, "typeName", ...(needed === undefined ? [] : [needed])).map(({ reason }) => ({
      property,
      reason: `${property}: ${reason}`,
    }));
  });
}

const alertConfiguration: TypeSpec = {
  type: alertType,
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "projectId", "eventType", "notifications"),
      validThreshold(inputs),
      validNotifications(inputs),
    ),
  id: (_inputs, context) => context.suffix(24),
  outputs: (_inputs, id, context) => ({ alertConfigurationId: id, created: context.now(), updated: context.now() }),
  computed: ["alertConfigurationId", "created", "updated"],
  replaceOn: ["projectId"],
  refuseCreate: noProject,
  fidelity: "thresholds and notifications checked; watches nothing and tells nobody",
};

export const projectTypes: readonly TypeSpec[] = [project, alertConfiguration];

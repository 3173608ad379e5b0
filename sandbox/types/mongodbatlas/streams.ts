import { block, failures, mustMatch, oneOf, required, text } from "../build.ts";
import { connectionType, instanceType, processorType, tiers, workspaceType } from "./names.ts";
import { checkPipeline } from "./pipeline.ts";
import { noProject, projectTypes } from "./projects.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";

/** Name of the workspace a connection or processor belongs to, whichever argument carries it. */
function workspaceOf(inputs: Properties): unknown {
  return inputs["workspaceName"] ?? inputs["instanceName"];
}

function sameWorkspace(a: Properties, b: Properties): boolean {
  return a["projectId"] === b["projectId"] && workspaceOf(a) === workspaceOf(b);
}

function missingWorkspace(inputs: Properties, context: TypeContext): string | undefined {
  const found = [workspaceType, instanceType]
    .flatMap((type) => context.find(type))
    .some((other) => sameWorkspace(other.inputs, inputs));
  if (found) return undefined;
  return `404 STREAM_TENANT_NOT_FOUND_FOR_NAME: no workspace ${String(workspaceOf(inputs))} in project ${String(inputs["projectId"])}`;
}

function oneWorkspace(inputs: Properties): Failure | undefined {
  const both = inputs["workspaceName"] !== undefined && inputs["instanceName"] !== undefined;
  if (!both && workspaceOf(inputs) !== undefined) return undefined;
  return { property: "workspaceName", reason: "exactly one of workspaceName and instanceName must be given" };
}

function validTiers(config: Properties): Failure[] {
  const { tier, maxTierSize } = config;
  const above = typeof tier === "string" && typeof maxTierSize === "string" && isAbove(tier, maxTierSize);
  const reason = `tier ${String(tier)} is above maxTierSize ${String(maxTierSize)}`;
  return failures(
    oneOf(config, "tier", tiers),
    oneOf(config, "maxTierSize", tiers),
    above ? { property: "streamConfig", reason } : undefined,
  );
}

const isAbove = (tier: string, most: string) => tiers.indexOf(tier) > tiers.indexOf(most);

/** Workspaces were called instances before; both are the same thing to Atlas. */
function workspaceSpec(type: string, nameProperty: string): TypeSpec {
  return {
    type,
    global: true,
    validate: (inputs) =>
      failures(
        required(inputs, "projectId", nameProperty, "dataProcessRegion"),
        mustMatch(inputs, nameProperty, /^[A-Za-z0-9-]{1,64}$/, "1 to 64 letters, digits and hyphens"),
        oneOf(block(inputs["dataProcessRegion"]), "cloudProvider", ["AWS", "AZURE", "GCP"]),
        validTiers(block(inputs["streamConfig"])),
      ),
    id: (_inputs, context) => context.suffix(24),
    outputs: (inputs, _id, context) => {
      const region =
        text(block(inputs["dataProcessRegion"])["region"])?.toLowerCase().replaceAll("_", "-") ?? "virginia-usa";
      return { hostnames: [`atlas-stream-${context.suffix(24)}-${context.suffix(6)}.${region}.a.query.mongodb.net`] };
    },
    computed: ["hostnames"],
    // The region moves in place; where a workspace fails over to is written once.
    replaceOn: ["projectId", nameProperty, "failoverRegions"],
    refuseCreate: noProject,
    unique: {
      properties: ["projectId", nameProperty],
      error: () => "409 STREAM_TENANT_NAME_ALREADY_EXISTS: a workspace with this name exists in the project",
    },
    inUse: (resource, context) => {
      const processors = context.find(processorType).filter((other) => sameWorkspace(other.inputs, resource.inputs));
      const names = processors.map((other) => String(other.inputs["processorName"])).join(", ");
      return processors.length === 0 ? undefined : `409 STREAM_TENANT_HAS_STREAM_PROCESSORS: ${names}`;
    },
    fidelity: "names, region and tier checked; its processors run on this machine",
  };
}

/** What a connection of each type cannot do without. */
const essentials: Readonly<Record<string, readonly string[]>> = {
  Kafka: ["bootstrapServers", "authentication", "security"],
  Cluster: ["clusterName", "dbRoleToExecute"],
  Https: ["url"],
  AWSLambda: ["aws"],
  Sample: [],
  S3: ["aws"],
  AWSKinesisDataStreams: ["aws"],
  SchemaRegistry: ["schemaRegistryProvider", "schemaRegistryUrls", "schemaRegistryAuthentication"],
};

const mechanisms = ["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER", "AWS_MSK_IAM"];

const connection: TypeSpec = {
  type: connectionType,
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "projectId", "connectionName", "type"),
      oneWorkspace(inputs),
      required(inputs, ...(essentials[text(inputs["type"]) ?? ""] ?? [])),
      oneOf(block(inputs["authentication"]), "mechanism", mechanisms),
    ),
  id: (inputs) => [workspaceOf(inputs), inputs["projectId"], inputs["connectionName"]].map(String).join("-"),
  replaceOn: ["projectId", "workspaceName", "instanceName", "connectionName", "type", "networking"],
  refuseCreate: missingWorkspace,
  unique: {
    properties: ["projectId", "workspaceName", "instanceName", "connectionName"],
    error: (inputs) => `409 STREAM_CONNECTION_NAME_ALREADY_EXISTS: ${String(inputs["connectionName"])}`,
  },
  inUse: (resource, context) => {
    const name = JSON.stringify(resource.inputs["connectionName"]);
    const users = context
      .find(processorType)
      .filter(
        (other) => sameWorkspace(other.inputs, resource.inputs) && String(other.inputs["pipeline"]).includes(name),
      );
    return users.length === 0
      ? undefined
      : `409 STREAM_CONNECTION_HAS_STREAM_PROCESSORS: ${users.map((user) => user.inputs["processorName"]).join(", ")}`;
  },
  fidelity: "arguments of each type checked; connects to nothing",
};

/** What Atlas says to a processor that it cannot make, or cannot start. */
function refusedStart(inputs: Properties, context: TypeContext): string | undefined {
  const { state, failoverEnabled } = inputs;
  const tier = text(inputs["tier"]);
  if (state === "STOPPED") return "when creating a stream processor, the only valid states are CREATED and STARTED";
  const workspace = context.find(workspaceType).find((other) => sameWorkspace(other.inputs, inputs));
  const most = text(block(workspace?.inputs["streamConfig"])["maxTierSize"]);
  if (state === "STARTED" && tier !== undefined && most !== undefined && isAbove(tier, most))
    return `400 STREAM_PROCESSOR_TIER_ABOVE_MAXIMUM: tier ${tier} exceeds the workspace's maximum tier ${most}`;
  if (failoverEnabled === true && workspace?.inputs["failoverRegions"] === undefined)
    return "400 STREAM_PROCESSOR_FAILOVER_NOT_CONFIGURED: the workspace has no failover regions";
  return undefined;
}

/** Connections that a pipeline names must be there before the processor is. */
function missingConnections(inputs: Properties, context: TypeContext): string | undefined {
  const known = context
    .find(connectionType)
    .filter((other) => sameWorkspace(other.inputs, inputs))
    .map((other) => other.inputs["connectionName"]);
  const named = [...String(inputs["pipeline"]).matchAll(/"connectionName"\s*:\s*"([^"]+)"/g)].map((match) => match[1]);
  const missing = named.find((name) => !known.includes(name) && name !== "__testLog");
  return missing === undefined
    ? undefined
    : `400 STREAM_PROCESSOR_GENERIC_ERROR: connection '${missing}' does not exist`;
}

function emptyOptions(inputs: Properties): Failure | undefined {
  const property = "options";
  const given = inputs[property];
  const empty = typeof given === "object" && given !== null && Object.keys(given).length === 0;
  return empty ? { property, reason: "empty options are not supported: leave them out" } : undefined;
}

const processor: TypeSpec = {
  type: processorType,
  global: true,
  defaults: { state: "CREATED" },
  validate: (inputs) =>
    failures(
      required(inputs, "projectId", "processorName", "pipeline"),
      oneWorkspace(inputs),
      oneOf(inputs, "state", ["CREATED", "STARTED", "STOPPED"]),
      oneOf(inputs, "tier", tiers),
      emptyOptions(inputs),
      checkPipeline(inputs),
    ),
  id: (inputs) => [workspaceOf(inputs), inputs["projectId"], inputs["processorName"]].map(String).join("-"),
  outputs: (inputs) => ({ stats: "{}", effectiveTier: text(inputs["tier"]) ?? "SP30" }),
  computed: ["stats", "effectiveTier"],
  replaceOn: ["projectId", "workspaceName", "instanceName", "processorName"],
  refuseCreate: (inputs, context) =>
    missingWorkspace(inputs, context) ?? missingConnections(inputs, context) ?? refusedStart(inputs, context),
  unique: {
    properties: ["projectId", "workspaceName", "instanceName", "processorName"],
    error: (inputs) => `409 STREAM_PROCESSOR_NAME_ALREADY_EXISTS: ${String(inputs["processorName"])}`,
  },
  fidelity: "pipeline, connections and checkpoint checked; it runs in a simulator, on samples",
};

export const streamTypes: readonly TypeSpec[] = [
  ...projectTypes,
  workspaceSpec(workspaceType, "workspaceName"),
  workspaceSpec(instanceType, "instanceName"),
  connection,
  processor,
];

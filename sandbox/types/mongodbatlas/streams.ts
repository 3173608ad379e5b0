import { block, failures, mustMatch, oneOf, required, text } from "../build.ts";
import { checkPipeline } from "./pipeline.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";

const projectType = "mongodbatlas:index/project:Project";
const workspaceType = "mongodbatlas:index/streamWorkspace:StreamWorkspace";
const instanceType = "mongodbatlas:index/streamInstance:StreamInstance";
const connectionType = "mongodbatlas:index/streamConnection:StreamConnection";
const processorType = "mongodbatlas:index/streamProcessor:StreamProcessor";

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
        oneOf(block(inputs["streamConfig"]), "tier", ["SP2", "SP5", "SP10", "SP30", "SP50"]),
      ),
    id: (_inputs, context) => context.suffix(24),
    outputs: (inputs, _id, context) => {
      const region =
        text(block(inputs["dataProcessRegion"])["region"])?.toLowerCase().replaceAll("_", "-") ?? "virginia-usa";
      return { hostnames: [`atlas-stream-${context.suffix(24)}-${context.suffix(6)}.${region}.a.query.mongodb.net`] };
    },
    computed: ["hostnames"],
    replaceOn: ["projectId", nameProperty, "dataProcessRegion"],
    references: { projectId: projectType },
    unique: {
      properties: ["projectId", nameProperty],
      error: () => "409 STREAM_TENANT_NAME_ALREADY_EXISTS: a workspace with this name exists in the project",
    },
    inUse: (resource, context) => {
      const processors = context.find(processorType).filter((other) => sameWorkspace(other.inputs, resource.inputs));
      const names = processors.map((other) => String(other.inputs["processorName"])).join(", ");
      return processors.length === 0 ? undefined : `409 STREAM_TENANT_HAS_STREAM_PROCESSORS: ${names}`;
    },
    fidelity: "names, region and tier checked; processes nothing",
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

const connection: TypeSpec = {
  type: connectionType,
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "projectId", "connectionName", "type"),
      oneWorkspace(inputs),
      required(inputs, ...(essentials[text(inputs["type"]) ?? ""] ?? [])),
    ),
  id: (inputs) => [workspaceOf(inputs), inputs["projectId"], inputs["connectionName"]].map(String).join("-"),
  replaceOn: ["projectId", "workspaceName", "instanceName", "connectionName", "type"],
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

const processor: TypeSpec = {
  type: processorType,
  global: true,
  defaults: { state: "CREATED" },
  validate: (inputs) =>
    failures(
      required(inputs, "projectId", "processorName", "pipeline"),
      oneWorkspace(inputs),
      oneOf(inputs, "state", ["CREATED", "STARTED", "STOPPED"]),
      oneOf(inputs, "tier", ["SP2", "SP5", "SP10", "SP30", "SP50"]),
      checkPipeline(inputs),
    ),
  id: (inputs) => [workspaceOf(inputs), inputs["projectId"], inputs["processorName"]].map(String).join("-"),
  outputs: (inputs) => ({ stats: "{}", effectiveTier: text(inputs["tier"]) ?? "SP30" }),
  computed: ["stats", "effectiveTier"],
  replaceOn: ["projectId", "workspaceName", "instanceName", "processorName"],
  refuseCreate: (inputs, context) => missingWorkspace(inputs, context) ?? missingConnections(inputs, context),
  unique: {
    properties: ["projectId", "workspaceName", "instanceName", "processorName"],
    error: (inputs) => `409 STREAM_PROCESSOR_NAME_ALREADY_EXISTS: ${String(inputs["processorName"])}`,
  },
  fidelity: "pipeline shape and connections checked; no events flow",
};

export const streamTypes: readonly TypeSpec[] = [
  project,
  workspaceSpec(workspaceType, "workspaceName"),
  workspaceSpec(instanceType, "instanceName"),
  connection,
  processor,
];

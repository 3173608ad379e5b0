import { arn, block, createdAt, failures, list, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { CloudResource, Failure, Properties, TypeContext } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";
import { securityGroupType } from "./security-group.ts";
import { subnetType } from "./vpc.ts";

export const clusterType = "aws:eks/cluster:Cluster";

/** Kubernetes versions EKS offers, newest last; older ones can no longer be created. */
export const kubernetesVersions = ["1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"];
const defaultVersion = "1.35";
const logTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

function validNetwork(inputs: Properties): Failure[] {
  const network = block(inputs["vpcConfig"]);
  const closed = network["endpointPublicAccess"] === false;
  const subnets = network["subnetIds"];
  const fail = (reason: string): Failure => ({ property: "vpcConfig", reason: `InvalidParameterException: ${reason}` });
  return failures(
    closed && network["endpointPrivateAccess"] !== true && typeof network["endpointPrivateAccess"] !== "symbol"
      ? fail("Private and public endpoint access cannot be false")
      : undefined,
    closed && list(network["publicAccessCidrs"]).length > 0
      ? fail("publicAccessCidrs can only be set when endpointPublicAccess is true")
      : undefined,
    Array.isArray(subnets) && subnets.length < 2
      ? fail("Subnets specified must be in at least two different AZs")
      : undefined,
  );
}

/** Auto Mode is compute, storage and load balancing together or none of them. */
function validAutoMode(inputs: Properties): Failure[] {
  const enabled = [
    block(inputs["computeConfig"])["enabled"],
    block(block(inputs["storageConfig"])["blockStorage"])["enabled"],
    block(block(inputs["kubernetesNetworkConfig"])["elasticLoadBalancing"])["enabled"],
  ];
  if (enabled.some((value) => typeof value === "symbol")) return [];
  const auto = enabled.filter((value) => value === true).length;
  const reason =
    "InvalidParameterException: For EKS Auto Mode, please ensure that all required configs, including computeConfig, " +
    "kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled.";
  const selfManaged = auto === 3 && inputs["bootstrapSelfManagedAddons"] !== false;
  return failures(
    auto === 0 || auto === 3 ? undefined : { property: "computeConfig", reason },
    selfManaged
      ? {
          property: "bootstrapSelfManagedAddons",
          reason: "bootstrapSelfManagedAddons must be false with EKS Auto Mode",
        }
      : undefined,
  );
}

function validEncryption(inputs: Properties): Failure | undefined {
  const resources = block(inputs["encryptionConfig"])["resources"];
  if (!Array.isArray(resources) || (resources.length === 1 && resources[0] === "secrets")) return undefined;
  return {
    property: "encryptionConfig",
    reason: 'InvalidParameterException: encryptionConfig.resources must be ["secrets"]',
  };
}

function validLogTypes(inputs: Properties): Failure[] {
  return list(inputs["enabledClusterLogTypes"])
    .filter((name) => typeof name === "string" && !logTypes.includes(name))
    .map((name) => ({
      property: "enabledClusterLogTypes",
      reason: `"${String(name)}" is not one of ${logTypes.join(", ")}`,
    }));
}

/** EKS wants its network interfaces spread over two zones. */
function singleZone(inputs: Properties, context: TypeContext): string | undefined {
  const wanted = list(block(inputs["vpcConfig"])["subnetIds"]);
  const subnets = context.find(subnetType).filter((subnet) => wanted.includes(subnet.id));
  const zones = new Set(subnets.map((subnet) => subnet.outputs["availabilityZone"]));
  if (zones.size >= 2) return undefined;
  return "UnsupportedAvailabilityZoneException: Subnets specified must be in at least two different AZs";
}

/** Identifier EKS puts into the endpoint and the issuer of a cluster. */
function clusterHash(context: TypeContext): string {
  return context.suffix(32).toUpperCase();
}

function networkOutputs(inputs: Properties, context: TypeContext): Properties {
  const network = block(inputs["vpcConfig"]);
  const subnet = context.find(subnetType).find((other) => list(network["subnetIds"]).includes(other.id));
  const open = network["endpointPublicAccess"] !== false;
  return {
    ...network,
    endpointPublicAccess: open,
    endpointPrivateAccess: network["endpointPrivateAccess"] === true,
    publicAccessCidrs: network["publicAccessCidrs"] ?? (open ? ["0.0.0.0/0"] : []),
    clusterSecurityGroupId: `sg-0${context.suffix(16)}`,
    vpcId: text(subnet?.inputs["vpcId"]) ?? "",
  };
}

function clusterOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const hash = clusterHash(context);
  const certificate = `-----BEGIN CERTIFICATE-----\nsandbox certificate authority of ${id}\n-----END CERTIFICATE-----\n`;
  return {
    arn: arn(context, "eks", `cluster/${id}`),
    endpoint: `https://${hash}.gr7.${context.region}.eks.amazonaws.com`,
    certificateAuthority: { data: Buffer.from(certificate).toString("base64") },
    identities: [{ oidcs: [{ issuer: `https://oidc.eks.${context.region}.amazonaws.com/id/${hash}` }] }],
    platformVersion: "eks.1",
    status: "ACTIVE",
    createdAt: createdAt(context, clusterType),
    version: text(inputs["version"]) ?? defaultVersion,
    vpcConfig: networkOutputs(inputs, context),
    accessConfig: {
      authenticationMode: "CONFIG_MAP",
      bootstrapClusterCreatorAdminPermissions: true,
      ...block(inputs["accessConfig"]),
    },
    kubernetesNetworkConfig: {
      ipFamily: "ipv4",
      serviceIpv4Cidr: "172.20.0.0/16",
      ...block(inputs["kubernetesNetworkConfig"]),
    },
    upgradePolicy: { supportType: "EXTENDED", ...block(inputs["upgradePolicy"]) },
  };
}

function clusterInUse(resource: CloudResource, context: TypeContext): string | undefined {
  if (resource.inputs["deletionProtection"] === true) {
    return `InvalidRequestException: Deletion protection is enabled for cluster ${resource.id}; turn it off first`;
  }
  const groups = context
    .find("aws:eks/nodeGroup:NodeGroup")
    .filter((group) => group.inputs["clusterName"] === resource.id);
  return groups.length > 0 ? "ResourceInUseException: Cluster has nodegroups attached" : undefined;
}

export const cluster = awsType({
  type: clusterType,
  taggable: true,
  autoName: { property: "name", maxLength: 100 },
  defaults: { bootstrapSelfManagedAddons: true },
  validate: (inputs) =>
    failures(
      required(inputs, "roleArn", "vpcConfig"),
      mustMatch(
        inputs,
        "name",
        /^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/,
        "1 to 100 letters, digits, hyphens and underscores",
      ),
      oneOf(inputs, "version", kubernetesVersions),
      oneOf(block(inputs["accessConfig"]), "authenticationMode", ["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"]),
      oneOf(block(inputs["upgradePolicy"]), "supportType", ["STANDARD", "EXTENDED"]),
      validNetwork(inputs),
      validAutoMode(inputs),
      validEncryption(inputs),
      validLogTypes(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: clusterOutputs,
  computed: [
    "arn",
    "endpoint",
    "certificateAuthority",
    "identities",
    "platformVersion",
    "status",
    "createdAt",
    "version",
    "vpcConfig.clusterSecurityGroupId",
    "vpcConfig.vpcId",
    "vpcConfig.publicAccessCidrs",
    "accessConfig.authenticationMode",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "upgradePolicy.supportType",
  ],
  replaceOn: [
    "name",
    "roleArn",
    "bootstrapSelfManagedAddons",
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "encryptionConfig",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "kubernetesNetworkConfig.ipFamily",
    "outpostConfig",
  ],
  references: { roleArn: roleType, "vpcConfig.subnetIds": subnetType, "vpcConfig.securityGroupIds": securityGroupType },
  unique: {
    properties: ["name"],
    error: (inputs) => `ResourceInUseException: Cluster already exists with name: ${String(inputs["name"])}`,
  },
  refuseCreate: singleZone,
  inUse: clusterInUse,
  lifecycle: { property: "status", states: ["CREATING", "ACTIVE"] },
  fidelity:
    "arguments, zones and Auto Mode checked; the API server at the endpoint does not exist, objects are kept by the sandbox",
});

/** `<kind>/<cluster>/<name>/<uuid>`, the form of the ARNs of what belongs to a cluster. */
export function memberArn(context: TypeContext, kind: string, clusterName: unknown, name: unknown): string {
  return arn(context, "eks", `${kind}/${String(clusterName)}/${String(name)}/${uuid(context)}`);
}

import { block, createdAt, failures, list, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import { parseDocument } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { addonVersion } from "./addon-version.ts";
import { awsType } from "./aws-type.ts";
import { eksAccessTypes } from "./eks-access.ts";
import { cluster, clusterType, kubernetesVersions, memberArn } from "./eks-cluster.ts";
import { roleType } from "./iam.ts";
import { subnetType } from "./vpc.ts";

const addonType = "aws:eks/addon:Addon";

function validConfiguration(inputs: Properties): Failure[] {
  const found = parseDocument("configurationValues", inputs["configurationValues"]);
  return Array.isArray(found) ? found : [];
}

/** Version of the cluster that inputs with a `clusterName` belong to. */
function clusterVersion(inputs: Properties, context: TypeContext): string {
  const owner = context.find(clusterType).find((other) => other.id === inputs["clusterName"]);
  return text(owner?.outputs["version"]) ?? kubernetesVersions.at(-1) ?? "";
}

/** EKS offers its own add-ons for the versions of Kubernetes it runs; others come from the marketplace. */
function foreignVersion(inputs: Properties, context: TypeContext): string | undefined {
  const version = text(inputs["addonVersion"]);
  if (version === undefined || /^v\d+\.\d+\.\d+/.test(version)) return undefined;
  return `InvalidParameterException: Addon version ${version} specified is not supported by ${clusterVersion(inputs, context)}`;
}

const addon = awsType({
  type: addonType,
  taggable: true,
  validate: (inputs) =>
    failures(
      required(inputs, "clusterName", "addonName"),
      oneOf(inputs, "resolveConflictsOnCreate", ["NONE", "OVERWRITE"]),
      oneOf(inputs, "resolveConflictsOnUpdate", ["NONE", "OVERWRITE", "PRESERVE"]),
      mustMatch(inputs, "addonName", /^[a-z0-9][a-z0-9_-]*$/, "the name of an EKS add-on, such as vpc-cni"),
      validConfiguration(inputs),
    ),
  id: (inputs) => `${String(inputs["clusterName"])}:${String(inputs["addonName"])}`,
  outputs: (inputs, _id, context) => ({
    arn: memberArn(context, "addon", inputs["clusterName"], inputs["addonName"]),
    createdAt: createdAt(context, addonType),
    modifiedAt: context.now(),
    addonVersion:
      text(inputs["addonVersion"]) ?? addonVersion(String(inputs["addonName"]), clusterVersion(inputs, context)),
    configurationValues: text(inputs["configurationValues"]) ?? "",
  }),
  computed: ["arn", "createdAt", "modifiedAt", "addonVersion", "configurationValues"],
  replaceOn: ["clusterName", "addonName"],
  references: { clusterName: clusterType, serviceAccountRoleArn: roleType },
  refuseCreate: foreignVersion,
  unique: {
    properties: ["clusterName", "addonName"],
    error: () => "ResourceInUseException: Addon already exists.",
  },
  fidelity: "configuration must be JSON; versions are plausible, nothing runs",
});

function validScaling(inputs: Properties): Failure | undefined {
  const { minSize, maxSize, desiredSize } = block(inputs["scalingConfig"]);
  if (typeof minSize !== "number" || typeof maxSize !== "number" || typeof desiredSize !== "number") return undefined;
  const ordered = minSize >= 0 && maxSize >= 1 && minSize <= desiredSize && desiredSize <= maxSize;
  if (ordered) return undefined;
  const reason = `InvalidParameterException: scaling needs 0 <= minSize (${minSize}) <= desiredSize (${desiredSize}) <= maxSize (${maxSize})`;
  return { property: "scalingConfig", reason };
}

function validTaints(inputs: Properties): Failure[] {
  return list(inputs["taints"]).flatMap((taint) => {
    const found = oneOf(block(taint), "effect", ["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]);
    return found === undefined ? [] : [{ property: "taints", reason: found.reason }];
  });
}

/** What a launch template and the node group must not both say. */
function templateConflict(inputs: Properties): Failure | undefined {
  if (inputs["launchTemplate"] === undefined) return undefined;
  const twice = ["diskSize", "remoteAccess"].find((property) => inputs[property] !== undefined);
  if (twice === undefined) return undefined;
  return {
    property: twice,
    reason: `InvalidParameterException: ${twice} cannot be given together with a launch template`,
  };
}

function nodeGroupOutputs(inputs: Properties, _id: string, context: TypeContext): Properties {
  const name = String(inputs["nodeGroupName"]);
  const version = text(inputs["version"]) ?? clusterVersion(inputs, context);
  return {
    arn: memberArn(context, "nodegroup", inputs["clusterName"], name),
    status: "ACTIVE",
    resources: [{ autoscalingGroups: [{ name: `eks-${name}-${uuid(context)}` }], remoteAccessSecurityGroupId: "" }],
    version,
    releaseVersion: text(inputs["releaseVersion"]) ?? `${version}.0-20260101`,
    amiType: text(inputs["amiType"]) ?? "AL2023_x86_64_STANDARD",
    capacityType: text(inputs["capacityType"]) ?? "ON_DEMAND",
    instanceTypes: inputs["instanceTypes"] ?? (inputs["launchTemplate"] === undefined ? ["t3.medium"] : []),
    updateConfig: inputs["updateConfig"] ?? { maxUnavailable: 1 },
  };
}

const nodeGroup = awsType({
  type: "aws:eks/nodeGroup:NodeGroup",
  taggable: true,
  autoName: { property: "nodeGroupName", maxLength: 63 },
  validate: (inputs) =>
    failures(
      required(inputs, "clusterName", "nodeRoleArn", "subnetIds", "scalingConfig"),
      mustMatch(
        inputs,
        "nodeGroupName",
        /^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$/,
        "1 to 63 letters, digits, hyphens and underscores",
      ),
      oneOf(inputs, "capacityType", ["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"]),
      validScaling(inputs),
      validTaints(inputs),
      templateConflict(inputs),
    ),
  id: (inputs) => `${String(inputs["clusterName"])}:${String(inputs["nodeGroupName"])}`,
  outputs: nodeGroupOutputs,
  computed: [
    "arn",
    "status",
    "resources",
    "version",
    "releaseVersion",
    "amiType",
    "capacityType",
    "instanceTypes",
    "updateConfig",
  ],
  replaceOn: [
    "clusterName",
    "nodeGroupName",
    "nodeGroupNamePrefix",
    "nodeRoleArn",
    "subnetIds",
    "amiType",
    "capacityType",
    "diskSize",
    "instanceTypes",
    "remoteAccess",
    "launchTemplate.id",
    "launchTemplate.name",
  ],
  references: {
    clusterName: clusterType,
    nodeRoleArn: roleType,
    subnetIds: subnetType,
    "launchTemplate.id": "aws:ec2/launchTemplate:LaunchTemplate",
  },
  unique: {
    properties: ["clusterName", "nodeGroupName"],
    error: (inputs) => `ResourceInUseException: NodeGroup already exists with name ${String(inputs["nodeGroupName"])}`,
  },
  lifecycle: { property: "status", states: ["CREATING", "ACTIVE"] },
  fidelity: "sizes, taints and references checked; no instances run",
});

export const eksTypes: readonly TypeSpec[] = [cluster, addon, nodeGroup, ...eksAccessTypes];

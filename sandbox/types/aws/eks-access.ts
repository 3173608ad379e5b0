import { arn, block, createdAt, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { clusterType, memberArn } from "./eks-cluster.ts";
import { roleType } from "./iam.ts";

const entryType = "aws:eks/accessEntry:AccessEntry";
const associationType = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const podIdentityType = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
const principal = /^arn:[a-z-]+:(iam::\d{12}:(user|role)\/.+|sts::\d{12}:assumed-role\/.+)$/;

/** Access entries need an authentication mode that reads them. */
function clusterWithoutEntries(inputs: Properties, context: TypeContext): string | undefined {
  const cluster = context.find(clusterType).find((other) => other.id === inputs["clusterName"]);
  if (block(cluster?.outputs["accessConfig"])["authenticationMode"] !== "CONFIG_MAP") return undefined;
  return "InvalidRequestException: The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
}

const machineTypes = ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2"];

function groupsOfMachines(inputs: Properties): Failure | undefined {
  const machine = machineTypes.includes(text(inputs["type"]) ?? "");
  if (!machine || list(inputs["kubernetesGroups"]).length === 0) return undefined;
  return {
    property: "kubernetesGroups",
    reason: "InvalidParameterException: kubernetesGroups applies to type STANDARD only",
  };
}

const accessEntry = awsType({
  type: entryType,
  taggable: true,
  defaults: { type: "STANDARD" },
  validate: (inputs) =>
    failures(
      required(inputs, "clusterName", "principalArn"),
      mustMatch(inputs, "principalArn", principal, "the ARN of an IAM user or role"),
      oneOf(inputs, "type", ["STANDARD", ...machineTypes, "HYPERPOD_LINUX"]),
      groupsOfMachines(inputs),
      list(inputs["kubernetesGroups"])
        .filter((group) => /^(system|eks|aws|amazon|iam):/.test(String(group)))
        .map((group) => ({
          property: "kubernetesGroups",
          reason: `InvalidParameterException: the group ${String(group)} is reserved`,
        })),
    ),
  id: (inputs) => `${String(inputs["clusterName"])}:${String(inputs["principalArn"])}`,
  outputs: (inputs, _id, context) => {
    const name = String(inputs["principalArn"]).split(":").slice(4).join("/");
    return {
      accessEntryArn: memberArn(context, "access-entry", inputs["clusterName"], name),
      createdAt: createdAt(context, entryType),
      modifiedAt: context.now(),
      userName: text(inputs["userName"]) ?? String(inputs["principalArn"]),
      kubernetesGroups: inputs["kubernetesGroups"] ?? [],
    };
  },
  computed: ["accessEntryArn", "createdAt", "modifiedAt", "userName", "kubernetesGroups"],
  replaceOn: ["clusterName", "principalArn", "type"],
  references: { clusterName: clusterType },
  refuseCreate: clusterWithoutEntries,
  unique: {
    properties: ["clusterName", "principalArn"],
    error: () => "ResourceInUseException: The specified access entry resource is already in use on this cluster.",
  },
  fidelity: "principals, groups and authentication mode checked; nobody signs in",
});

function missingEntry(inputs: Properties, context: TypeContext): string | undefined {
  const { clusterName, principalArn } = inputs;
  const found = context
    .find(entryType)
    .some((entry) => entry.inputs["clusterName"] === clusterName && entry.inputs["principalArn"] === principalArn);
  if (found) return undefined;
  return `ResourceNotFoundException: The specified principalArn could not be found. You must create an access entry for ${String(principalArn)} first`;
}

function validScope(inputs: Properties): Failure[] {
  const scope = block(inputs["accessScope"]);
  const namespaces = list(scope["namespaces"]).length;
  const fail = (reason: string): Failure => ({
    property: "accessScope",
    reason: `InvalidParameterException: ${reason}`,
  });
  return failures(
    oneOf(scope, "type", ["cluster", "namespace"]),
    scope["type"] === "namespace" && namespaces === 0 ? fail("a namespace scope needs namespaces") : undefined,
    scope["type"] === "cluster" && namespaces > 0 ? fail("a cluster scope has no namespaces") : undefined,
  );
}

const accessPolicyAssociation = awsType({
  type: associationType,
  validate: (inputs) =>
    failures(
      required(inputs, "clusterName", "principalArn", "policyArn", "accessScope"),
      mustMatch(inputs, "policyArn", /^arn:[a-z-]+:eks::aws:cluster-access-policy\/\w+$/, "an EKS access policy"),
      validScope(inputs),
    ),
  id: (inputs) => ["clusterName", "principalArn", "policyArn"].map((key) => String(inputs[key])).join("#"),
  outputs: (_inputs, _id, context) => ({
    associatedAt: createdAt(context, associationType),
    modifiedAt: context.now(),
  }),
  computed: ["associatedAt", "modifiedAt"],
  replaceOn: ["clusterName", "principalArn", "policyArn", "accessScope"],
  references: { clusterName: clusterType },
  refuseCreate: missingEntry,
  fidelity: "access entry must exist, scope checked; access is not evaluated",
});

const podIdentityAssociation = awsType({
  type: podIdentityType,
  taggable: true,
  validate: (inputs) =>
    failures(
      required(inputs, "clusterName", "namespace", "serviceAccount", "roleArn"),
      mustMatch(inputs, "roleArn", /^arn:[a-z-]+:iam::\d{12}:role\/.+$/, "the ARN of an IAM role"),
      mustMatch(inputs, "targetRoleArn", /^arn:[a-z-]+:iam::\d{12}:role\/.+$/, "the ARN of an IAM role"),
    ),
  id: (_inputs, context) => `a-${context.suffix(17)}`,
  outputs: (inputs, id, context) => ({
    associationId: id,
    associationArn: arn(context, "eks", `podidentityassociation/${String(inputs["clusterName"])}/${id}`),
    externalId: inputs["targetRoleArn"] === undefined ? "" : context.suffix(32),
  }),
  computed: ["associationId", "associationArn", "externalId"],
  replaceOn: ["clusterName", "namespace", "serviceAccount"],
  references: { clusterName: clusterType, roleArn: roleType },
  unique: {
    properties: ["clusterName", "namespace", "serviceAccount"],
    error: (inputs) =>
      `ResourceInUseException: Association already exists: ${String(inputs["namespace"])}/${String(inputs["serviceAccount"])}`,
  },
  fidelity: "one role per service account; hands out no credentials",
});

export const eksAccessTypes: readonly TypeSpec[] = [accessEntry, accessPolicyAssociation, podIdentityAssociation];

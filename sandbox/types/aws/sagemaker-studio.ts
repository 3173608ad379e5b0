import { block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";
import { hostingName, hostingNameRule, invalid, nameTaken, refuseRole, sagemakerArn, within } from "./sagemaker.ts";

const domainType = "aws:sagemaker/domain:Domain";
const profileType = "aws:sagemaker/userProfile:UserProfile";

/** Members of an IAM domain are identities of the account; those of the other kind come from IAM Identity Center. */
function validSignOn(inputs: Properties): Failure[] {
  const [first, ...rest] = ["singleSignOnUserIdentifier", "singleSignOnUserValue"].filter(
    (key) => inputs[key] !== undefined,
  );
  return failures(
    oneOf(inputs, "singleSignOnUserIdentifier", ["UserName"]),
    first !== undefined && rest.length === 0
      ? invalid(first, "singleSignOnUserIdentifier and singleSignOnUserValue go together")
      : undefined,
  );
}

const domain = awsType({
  type: domainType,
  taggable: true,
  defaults: { appNetworkAccessType: "PublicInternetOnly", tagPropagation: "DISABLED" },
  validate: (inputs) =>
    failures(
      required(inputs, "authMode", "defaultUserSettings", "domainName", "subnetIds", "vpcId"),
      mustMatch(inputs, "domainName", hostingName, hostingNameRule),
      oneOf(inputs, "authMode", ["IAM", "SSO"]),
      oneOf(inputs, "appNetworkAccessType", ["PublicInternetOnly", "VpcOnly"]),
      oneOf(inputs, "appSecurityGroupManagement", ["Service", "Customer"]),
      oneOf(inputs, "tagPropagation", ["ENABLED", "DISABLED"]),
      within("retentionPolicy", [oneOf(block(inputs["retentionPolicy"]), "homeEfsFileSystem", ["Retain", "Delete"])]),
      typeof inputs["defaultUserSettings"] === "object"
        ? within("defaultUserSettings", [
            ...required(block(inputs["defaultUserSettings"]), "executionRole"),
            mustBeArn(block(inputs["defaultUserSettings"]), "executionRole", "iam"),
          ])
        : [],
      Array.isArray(inputs["subnetIds"]) &&
        (list(inputs["subnetIds"]).length < 1 || list(inputs["subnetIds"]).length > 16)
        ? invalid("subnetIds", "a domain has 1 to 16 subnets")
        : undefined,
    ),
  id: (_inputs, context) => `d-${context.suffix(12)}`,
  outputs: (_inputs, id, context) => ({
    arn: sagemakerArn(context, "domain", id),
    url: `https://${id}.studio.${context.region}.sagemaker.aws`,
    homeEfsFileSystemId: `fs-0${context.suffix(16)}`,
    securityGroupIdForDomainBoundary: "",
    singleSignOnApplicationArn: "",
    singleSignOnManagedApplicationInstanceId: "",
    status: "InService",
  }),
  computed: [
    ...["arn", "url", "homeEfsFileSystemId", "securityGroupIdForDomainBoundary", "singleSignOnApplicationArn"],
    "singleSignOnManagedApplicationInstanceId",
  ],
  replaceOn: ["authMode", "domainName", "kmsKeyId", "vpcId"],
  references: {
    vpcId: "aws:ec2/vpc:Vpc",
    subnetIds: "aws:ec2/subnet:Subnet",
    "defaultUserSettings.securityGroups": "aws:ec2/securityGroup:SecurityGroup",
    "defaultUserSettings.executionRole": roleType,
  },
  refuseCreate: (inputs, context) => refuseRole(block(inputs["defaultUserSettings"])["executionRole"], context),
  unique: { properties: ["domainName"], error: nameTaken("domain", "domainName") },
  inUse: (resource, context) => {
    const profiles = context.find(profileType).filter(({ inputs }) => inputs["domainId"] === resource.id);
    return profiles.length === 0
      ? undefined
      : `ResourceInUse: Unable to delete Domain [${resource.id}] because UserProfile(s) are associated with it.`;
  },
  lifecycle: { property: "status", states: ["Pending", "InService"] },
  fidelity: "network, role and members checked; there is no Studio behind its URL",
});

function refuseProfile(inputs: Properties, context: TypeContext): string | undefined {
  const owner = context.find(domainType).find(({ id }) => id === inputs["domainId"]);
  const single = text(inputs["singleSignOnUserValue"]) !== undefined;
  if (owner?.inputs["authMode"] === "IAM" && single)
    return "ValidationException: SingleSignOnUserValue cannot be specified for a Domain with AuthMode IAM.";
  if (owner?.inputs["authMode"] === "SSO" && !single)
    return "ValidationException: SingleSignOnUserValue is required for a Domain with AuthMode SSO.";
  return refuseRole(block(inputs["userSettings"])["executionRole"], context);
}

const profile = awsType({
  type: profileType,
  taggable: true,
  validate: (inputs) =>
    failures(
      required(inputs, "domainId", "userProfileName"),
      mustMatch(inputs, "userProfileName", hostingName, hostingNameRule),
      validSignOn(inputs),
    ),
  id: (inputs, context) =>
    sagemakerArn(context, "user-profile", `${String(inputs["domainId"])}/${String(inputs["userProfileName"])}`),
  outputs: (_inputs, id) => ({ arn: id, homeEfsFileSystemUid: "200005" }),
  computed: ["arn", "homeEfsFileSystemUid"],
  replaceOn: ["domainId", "userProfileName", "singleSignOnUserIdentifier", "singleSignOnUserValue"],
  references: { domainId: domainType, "userSettings.executionRole": roleType },
  refuseCreate: refuseProfile,
  unique: { properties: ["domainId", "userProfileName"], error: nameTaken("user profile", "userProfileName") },
  fidelity: "domain, role and way to sign on checked",
});

/** The version that is taken when none is asked for. */
const mlflowVersion = "3.0";

const trackingServer = awsType({
  type: "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
  taggable: true,
  defaults: { automaticModelRegistration: false, trackingServerSize: "Small" },
  validate: (inputs) =>
    failures(
      required(inputs, "artifactStoreUri", "roleArn", "trackingServerName"),
      mustMatch(
        inputs,
        "trackingServerName",
        /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/,
        "1 to 256 letters, digits, hyphens",
      ),
      mustMatch(inputs, "artifactStoreUri", /^s3:\/\/[^/]+(\/.*)?$/, "a location in S3"),
      mustMatch(inputs, "mlflowVersion", /^\d+\.\d+(\.\d+)?$/, "a version such as 3.0"),
      oneOf(inputs, "trackingServerSize", ["Small", "Medium", "Large"]),
      mustMatch(
        inputs,
        "weeklyMaintenanceWindowStart",
        /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d$/i,
        "a day and time such as TUE:03:30",
      ),
      mustBeArn(inputs, "roleArn", "iam"),
    ),
  id: (inputs) => String(inputs["trackingServerName"]),
  outputs: (inputs, id, context) => ({
    arn: sagemakerArn(context, "mlflow-tracking-server", id),
    mlflowVersion: text(inputs["mlflowVersion"]) ?? mlflowVersion,
    trackingServerUrl: `https://t-${context.suffix(12)}.${context.region}.experiments.sagemaker.aws`,
    weeklyMaintenanceWindowStart: text(inputs["weeklyMaintenanceWindowStart"]) ?? "SUN:03:00",
    trackingServerStatus: "Created",
  }),
  computed: ["arn", "mlflowVersion", "trackingServerUrl", "weeklyMaintenanceWindowStart"],
  replaceOn: ["trackingServerName", "roleArn", "mlflowVersion"],
  references: { roleArn: roleType },
  refuseCreate: (inputs, context) => refuseRole(inputs["roleArn"], context),
  unique: { properties: ["trackingServerName"], error: nameTaken("tracking server", "trackingServerName") },
  lifecycle: { property: "trackingServerStatus", states: ["Creating", "Created"] },
  fidelity: "name, artifact store, role and window checked; no MLflow answers at its URL",
});

export const sagemakerStudioTypes: readonly TypeSpec[] = [domain, profile, trackingServer];

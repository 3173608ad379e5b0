import { arn, block, failures, mustMatch, oneOf, required } from "../build.ts";
import type { Failure, Properties, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

const smallestLimit = 10_485_760;

function validConfiguration(inputs: Properties): Failure[] {
  const configuration = block(inputs["configuration"]);
  const result = block(configuration["resultConfiguration"]);
  const encryption = block(result["encryptionConfiguration"]);
  const limit = configuration["bytesScannedCutoffPerQuery"];
  const found = failures(
    typeof limit === "number" && limit < smallestLimit
      ? { property: "", reason: `bytesScannedCutoffPerQuery must be at least ${smallestLimit}, got ${limit}` }
      : undefined,
    mustMatch(result, "outputLocation", /^s3:\/\/[a-z0-9.-]+(\/.*)?$/, "an S3 path"),
    oneOf(encryption, "encryptionOption", ["SSE_S3", "SSE_KMS", "CSE_KMS"]),
    String(encryption["encryptionOption"]).endsWith("KMS") ? required(encryption, "kmsKeyArn") : [],
    oneOf(block(configuration["engineVersion"]), "selectedEngineVersion", [
      ...["AUTO", "Athena engine version 3", "PySpark engine version 3"],
    ]),
  );
  return found.map(({ reason }) => ({ property: "configuration", reason: `InvalidRequestException: ${reason}` }));
}

function completed(inputs: Properties): Properties {
  const configuration = block(inputs["configuration"]);
  const selected = block(configuration["engineVersion"])["selectedEngineVersion"] ?? "AUTO";
  return {
    enforceWorkgroupConfiguration: true,
    publishCloudwatchMetricsEnabled: true,
    requesterPaysEnabled: false,
    ...configuration,
    engineVersion: {
      selectedEngineVersion: selected,
      effectiveEngineVersion: selected === "AUTO" ? "Athena engine version 3" : selected,
    },
  };
}

const workgroup = awsType({
  type: "aws:athena/workgroup:Workgroup",
  taggable: true,
  autoName: { property: "name", maxLength: 128 },
  defaults: { state: "ENABLED", forceDestroy: false },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[0-9A-Za-z_.-]{1,128}$/, "1 to 128 letters, digits and _ . -"),
      oneOf(inputs, "state", ["ENABLED", "DISABLED"]),
      mustMatch(inputs, "description", /^[^]{0,1024}$/, "at most 1024 characters"),
      validConfiguration(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "athena", `workgroup/${id}`),
    configuration: completed(inputs),
  }),
  computed: ["arn", "configuration"],
  replaceOn: ["name"],
  unique: {
    properties: ["name"],
    error: (inputs) => `InvalidRequestException: WorkGroup ${String(inputs["name"])} is already created`,
  },
  fidelity: "limits, result location and encryption checked; runs no queries",
});

export const athenaTypes: readonly TypeSpec[] = [workgroup];

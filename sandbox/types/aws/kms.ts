import { arn, between, failures, list, block, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import { checkPolicy, keyPolicy, parseDocument } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

const keyType = "aws:kms/key:Key";

/** KMS refuses a policy that nobody could ever change again. */
function lockoutSafety(inputs: Properties): Failure | undefined {
  const document = parseDocument("policy", inputs["policy"]);
  if (document === undefined || Array.isArray(document) || inputs["bypassPolicyLockoutSafetyCheck"] === true)
    return undefined;
  const statement = document["Statement"];
  const statements = Array.isArray(statement) ? list(statement) : [statement];
  const keepsAccess = statements.map(block).some((entry) => {
    const actions = [entry["Action"]].flat().map(String);
    const administers = actions.some((action) => ["*", "kms:*", "kms:Put*", "kms:PutKeyPolicy"].includes(action));
    const principal = entry["Principal"];
    return entry["Effect"] === "Allow" && administers && (principal === "*" || block(principal)["AWS"] !== undefined);
  });
  if (keepsAccess) return undefined;
  const reason =
    "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.";
  return { property: "policy", reason };
}

function defaultKeyPolicy(context: TypeContext): string {
  const root = `arn:${context.partition}:iam::${context.account}:root`;
  const statement = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: root },
    Action: "kms:*",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: [statement] });
}

const key = awsType({
  type: keyType,
  taggable: true,
  defaults: {
    isEnabled: true,
    enableKeyRotation: false,
    keyUsage: "ENCRYPT_DECRYPT",
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
    bypassPolicyLockoutSafetyCheck: false,
  },
  validate: (inputs) =>
    failures(
      checkPolicy(inputs, "policy", keyPolicy),
      lockoutSafety(inputs),
      between(inputs, "deletionWindowInDays", 7, 30),
      between(inputs, "rotationPeriodInDays", 90, 2_560),
      oneOf(inputs, "keyUsage", ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"]),
      mustMatch(inputs, "description", /^[^]{0,8192}$/, "at most 8192 characters"),
    ),
  id: (_inputs, context) => uuid(context),
  outputs: (inputs, id, context) => ({
    keyId: id,
    arn: arn(context, "kms", `key/${id}`),
    policy: inputs["policy"] ?? defaultKeyPolicy(context),
    description: text(inputs["description"]) ?? "",
    multiRegion: inputs["multiRegion"] === true,
  }),
  computed: ["arn", "keyId", "policy", "description", "multiRegion"],
  replaceOn: ["customerMasterKeySpec", "keyUsage", "multiRegion", "customKeyStoreId", "xksKeyId"],
  fidelity: "key policy parsed, lockout safety check as in KMS; encrypts nothing, deletion is immediate",
});

const aliasName = /^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/;

/** Key id, whether the target was given as id or as ARN. */
function targetKey(inputs: Properties): string {
  return String(inputs["targetKeyId"]).split("key/").pop() ?? "";
}

const alias = awsType({
  type: "aws:kms/alias:Alias",
  validate: (inputs) =>
    failures(
      required(inputs, "targetKeyId"),
      mustMatch(inputs, "name", aliasName, "alias/ and letters, digits, slashes, underscores, hyphens; not alias/aws/"),
    ),
  id: (inputs, context) => text(inputs["name"]) ?? `alias/${context.suffix(26)}`,
  outputs: (inputs, id, context) => ({
    name: id,
    arn: arn(context, "kms", id),
    targetKeyId: targetKey(inputs),
    targetKeyArn: arn(context, "kms", `key/${targetKey(inputs)}`),
  }),
  computed: ["arn", "targetKeyArn"],
  replaceOn: ["name", "namePrefix"],
  unique: {
    properties: ["name"],
    error: (inputs) => `AlreadyExistsException: An alias with the name ${String(inputs["name"])} already exists`,
  },
  references: { targetKeyId: keyType },
  fidelity: "names, uniqueness and target checked",
});

export const kmsTypes: readonly TypeSpec[] = [key, alias];

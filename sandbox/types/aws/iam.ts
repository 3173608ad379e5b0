import {
  between,
  block,
  createdAt,
  failures,
  globalArn,
  iamUniqueId,
  list,
  mustMatch,
  required,
  text,
} from "../build.ts";
import { checkPolicy, identityPolicy, trustPolicy } from "../policy-document.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

export const roleType = "aws:iam/role:Role";
const policyType = "aws:iam/policy:Policy";
const attachmentType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const rolePolicyType = "aws:iam/rolePolicy:RolePolicy";
const profileType = "aws:iam/instanceProfile:InstanceProfile";

function pathOf(inputs: Properties): string {
  return text(inputs["path"]) ?? "/";
}

function validName(inputs: Properties, maxLength: number): Failure | undefined {
  const pattern = new RegExp(`^[\\w+=,.@-]{1,${maxLength}}$`);
  return mustMatch(inputs, "name", pattern, `1 to ${maxLength} letters, digits and + = , . @ _ -`);
}

function validPath(inputs: Properties): Failure | undefined {
  return mustMatch(inputs, "path", /^\/([!-~]{1,510}\/)?$/, "must begin and end with a slash");
}

function alreadyExists(kind: string): { properties: readonly string[]; error(inputs: Properties): string } {
  return {
    properties: ["name"],
    error: (inputs) => `EntityAlreadyExists: ${kind} with name ${String(inputs["name"])} already exists.`,
  };
}

/** IAM keeps a role as long as policies or instance profiles hang on to it. */
function roleInUse(resource: CloudResource, context: TypeContext): string | undefined {
  const name = resource.id;
  const holds = (type: string): boolean => context.find(type).some((other) => other.inputs["role"] === name);
  if (holds(profileType)) return "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.";
  const forced = resource.inputs["forceDetachPolicies"] === true;
  if (!forced && holds(attachmentType)) return "DeleteConflict: Cannot delete entity, must detach all policies first.";
  if (!forced && holds(rolePolicyType)) return "DeleteConflict: Cannot delete entity, must delete policies first.";
  return undefined;
}

function validInlinePolicies(inputs: Properties): Failure[] {
  return list(inputs["inlinePolicies"]).flatMap((entry) =>
    checkPolicy(block(entry), "policy", { ...identityPolicy, maxLength: 10_240 }).map(({ reason }) => ({
      property: "inlinePolicies",
      reason,
    })),
  );
}

const role = awsType({
  type: roleType,
  global: true,
  taggable: true,
  autoName: { property: "name", maxLength: 64 },
  defaults: { path: "/", maxSessionDuration: 3_600, forceDetachPolicies: false },
  validate: (inputs) =>
    failures(
      required(inputs, "assumeRolePolicy"),
      validName(inputs, 64),
      validPath(inputs),
      between(inputs, "maxSessionDuration", 3_600, 43_200),
      checkPolicy(inputs, "assumeRolePolicy", trustPolicy),
      validInlinePolicies(inputs),
      mustMatch(inputs, "description", /^[^]{0,1000}$/, "at most 1000 characters"),
      mustMatch(
        inputs,
        "permissionsBoundary",
        /^arn:[a-z-]+:iam::(\d{12}|aws):policy\/.+$/,
        "the ARN of a managed policy",
      ),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: globalArn(context, "iam", `role${pathOf(inputs)}${id}`),
    uniqueId: iamUniqueId("AROA", context),
    createDate: createdAt(context, roleType),
    inlinePolicies: inputs["inlinePolicies"] ?? [],
    managedPolicyArns: inputs["managedPolicyArns"] ?? [],
  }),
  computed: ["arn", "uniqueId", "createDate", "inlinePolicies", "managedPolicyArns"],
  replaceOn: ["name", "namePrefix", "path"],
  unique: alreadyExists("Role"),
  refuseCreate: (inputs, context) => missingPolicy(text(inputs["permissionsBoundary"]), context),
  inUse: roleInUse,
  fidelity: "trust policy parsed and checked, names unique in the account, boundary must exist; nobody assumes it",
});

const policy = awsType({
  type: policyType,
  global: true,
  taggable: true,
  autoName: { property: "name", maxLength: 128 },
  defaults: { path: "/" },
  validate: (inputs) =>
    failures(
      required(inputs, "policy"),
      validName(inputs, 128),
      validPath(inputs),
      checkPolicy(inputs, "policy", identityPolicy),
    ),
  id: (inputs, context) => globalArn(context, "iam", `policy${pathOf(inputs)}${String(inputs["name"])}`),
  outputs: (_inputs, id, context) => ({ arn: id, policyId: iamUniqueId("ANPA", context), attachmentCount: 0 }),
  computed: ["arn", "policyId", "attachmentCount"],
  replaceOn: ["name", "namePrefix", "path", "description"],
  unique: alreadyExists("Policy"),
  inUse: (resource, context) => {
    const attached = context.find(attachmentType).some((other) => other.inputs["policyArn"] === resource.id);
    const bounds = context.find(roleType).some((other) => other.inputs["permissionsBoundary"] === resource.id);
    return attached || bounds ? "DeleteConflict: Cannot delete a policy attached to entities." : undefined;
  },
  fidelity: "document parsed and checked; access is not evaluated",
});

const rolePolicy = awsType({
  type: rolePolicyType,
  global: true,
  autoName: { property: "name", maxLength: 128 },
  validate: (inputs) =>
    failures(
      required(inputs, "role", "policy"),
      validName(inputs, 128),
      checkPolicy(inputs, "policy", { ...identityPolicy, maxLength: 10_240 }),
    ),
  id: (inputs) => `${String(inputs["role"])}:${String(inputs["name"])}`,
  replaceOn: ["name", "namePrefix", "role"],
  references: { role: roleType },
  fidelity: "document parsed and checked; access is not evaluated",
});

/** AWS-managed policies always exist; the account's own must have been made before. */
function missingPolicy(wanted: string | undefined, context: TypeContext): string | undefined {
  if (wanted === undefined || /^arn:[a-z-]+:iam::aws:policy\//.test(wanted)) return undefined;
  if (context.find(policyType).some((other) => other.id === wanted)) return undefined;
  return `NoSuchEntity: Policy ${wanted} does not exist or is not attachable.`;
}

const rolePolicyAttachment = awsType({
  type: attachmentType,
  global: true,
  validate: (inputs) =>
    failures(
      required(inputs, "role", "policyArn"),
      mustMatch(inputs, "policyArn", /^arn:[a-z-]+:iam::(\d{12}|aws):policy\/.+$/, "the ARN of a managed policy"),
    ),
  id: (inputs) => `${String(inputs["role"])}/${String(inputs["policyArn"])}`,
  replaceOn: ["role", "policyArn"],
  references: { role: roleType },
  refuseCreate: (inputs, context) => missingPolicy(text(inputs["policyArn"]), context),
  fidelity: "role and customer-managed policies must exist; names of AWS-managed policies are taken as given",
});

const instanceProfile = awsType({
  type: profileType,
  global: true,
  taggable: true,
  autoName: { property: "name", maxLength: 128 },
  defaults: { path: "/" },
  validate: (inputs) => failures(validName(inputs, 128), validPath(inputs)),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: globalArn(context, "iam", `instance-profile${pathOf(inputs)}${id}`),
    uniqueId: iamUniqueId("AIPA", context),
    createDate: createdAt(context, profileType),
  }),
  computed: ["arn", "uniqueId", "createDate"],
  replaceOn: ["name", "namePrefix", "path"],
  references: { role: roleType },
  unique: alreadyExists("Instance Profile"),
  fidelity: "names and role checked",
});

/** Host and path of an issuer, which is how IAM names the provider. */
function issuer(inputs: Properties): string {
  return String(inputs["url"])
    .replace(/^https:\/\//, "")
    .replace(/\/$/, "");
}

const openIdConnectProvider = awsType({
  type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
  global: true,
  taggable: true,
  validate: (inputs) =>
    failures(
      required(inputs, "url", "clientIdLists"),
      mustMatch(inputs, "url", /^https:\/\/[^?#]{1,247}$/, "an https URL without query, at most 255 characters"),
      list(inputs["thumbprintLists"])
        .filter((thumbprint) => typeof thumbprint === "string" && !/^[0-9A-Fa-f]{40}$/.test(thumbprint))
        .map(() => ({ property: "thumbprintLists", reason: "a thumbprint has 40 hexadecimal digits" })),
    ),
  id: (inputs, context) => globalArn(context, "iam", `oidc-provider/${issuer(inputs)}`),
  outputs: (inputs, id) => ({ arn: id, url: issuer(inputs), thumbprintLists: inputs["thumbprintLists"] ?? [] }),
  computed: ["arn"],
  replaceOn: ["url"],
  unique: {
    properties: ["url"],
    error: (inputs) => `EntityAlreadyExists: Provider with url ${String(inputs["url"])} already exists.`,
  },
  fidelity: "one provider per issuer; tokens are not exchanged",
});

export const iamTypes: readonly TypeSpec[] = [
  role,
  policy,
  rolePolicy,
  rolePolicyAttachment,
  instanceProfile,
  openIdConnectProvider,
];

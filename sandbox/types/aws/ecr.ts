import { arn, block, dnsSuffix, failures, list, mustMatch, oneOf, required } from "../build.ts";
import { checkPolicy, parseDocument, repositoryPolicy } from "../policy-document.ts";
import type { Failure, Properties, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

const repositoryType = "aws:ecr/repository:Repository";
const repositoryName = /^(?=.{2,256}$)[a-z0-9]+([._/-][a-z0-9]+|__[a-z0-9]+|-+[a-z0-9]+)*$/;

function validEncryption(inputs: Properties): Failure[] {
  return list(inputs["encryptionConfigurations"]).flatMap((entry) => {
    const settings = block(entry);
    const stray = settings["kmsKey"] !== undefined && settings["encryptionType"] === "AES256";
    return failures(
      oneOf(settings, "encryptionType", ["AES256", "KMS", "KMS_DSSE"]),
      stray
        ? { property: "encryptionConfigurations", reason: "InvalidParameterException: kmsKey applies only to KMS" }
        : undefined,
    );
  });
}

const repository = awsType({
  type: repositoryType,
  taggable: true,
  autoName: { property: "name", maxLength: 256 },
  defaults: { imageTagMutability: "MUTABLE" },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", repositoryName, "lower-case letters and digits, separated by . _ / -"),
      oneOf(inputs, "imageTagMutability", [
        "MUTABLE",
        "IMMUTABLE",
        "MUTABLE_WITH_EXCLUSION",
        "IMMUTABLE_WITH_EXCLUSION",
      ]),
      validEncryption(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({
    arn: arn(context, "ecr", `repository/${id}`),
    registryId: context.account,
    repositoryUrl: `${context.account}.dkr.ecr.${context.region}.${dnsSuffix(context.partition)}/${id}`,
  }),
  computed: ["arn", "registryId", "repositoryUrl"],
  replaceOn: ["name", "encryptionConfigurations"],
  unique: {
    properties: ["name"],
    error: (inputs) =>
      `RepositoryAlreadyExistsException: The repository with name '${String(inputs["name"])}' already exists in the registry`,
  },
  fidelity: "names, URLs and encryption checked; holds no images, scans nothing",
});

/** What ECR checks of a lifecycle policy before it takes it. */
export function checkLifecycle(inputs: Properties): Failure[] {
  const document = parseDocument("policy", inputs["policy"]);
  if (document === undefined) return [];
  if (Array.isArray(document)) return document;
  const fail = (reason: string): Failure => ({
    property: "policy",
    reason: `InvalidParameterException: Invalid parameter at 'LifecyclePolicyText': ${reason}`,
  });
  const rules = list(document["rules"]).map(block);
  if (rules.length === 0) return [fail("rules must hold at least one rule")];
  const priorities = rules.map((rule) => rule["rulePriority"]);
  const highest = Math.max(...priorities.filter((priority) => typeof priority === "number"));
  const problems = rules.flatMap((rule, index) =>
    checkRule(rule, highest).map((problem) => `rules[${index}]: ${problem}`),
  );
  if (new Set(priorities).size < priorities.length) problems.push("rulePriority must be unique");
  return problems.map(fail);
}

function checkRule(rule: Properties, highest: number): string[] {
  const selection = block(rule["selection"]);
  const problems: string[] = [];
  const priority = rule["rulePriority"];
  if (!Number.isInteger(priority) || Number(priority) < 1)
    problems.push("rulePriority must be a positive whole number");
  if (block(rule["action"])["type"] !== "expire") problems.push('action.type must be "expire"');
  if (!["imageCountMoreThan", "sinceImagePushed"].includes(String(selection["countType"]))) {
    problems.push("selection.countType must be imageCountMoreThan or sinceImagePushed");
  }
  if (selection["countType"] === "sinceImagePushed" && selection["countUnit"] !== "days") {
    problems.push('selection.countUnit must be "days" with sinceImagePushed');
  }
  const count = selection["countNumber"];
  if (!Number.isInteger(count) || Number(count) < 1)
    problems.push("selection.countNumber must be a positive whole number");
  return [...problems, ...checkTags(selection), ...checkAny(selection, Number(priority), highest)];
}

function checkTags(selection: Properties): string[] {
  const status = String(selection["tagStatus"]);
  if (!["tagged", "untagged", "any"].includes(status)) return ["selection.tagStatus must be tagged, untagged or any"];
  const named = list(selection["tagPrefixList"]).length + list(selection["tagPatternList"]).length > 0;
  if (status === "tagged" && !named) return ["tagStatus tagged needs tagPrefixList or tagPatternList"];
  return status !== "tagged" && named ? [`tagPrefixList and tagPatternList do not go with tagStatus ${status}`] : [];
}

/** A rule for any image would hide those after it. */
function checkAny(selection: Properties, priority: number, highest: number): string[] {
  return selection["tagStatus"] === "any" && priority < highest ? ["a rule with tagStatus any must come last"] : [];
}

/** A policy hangs on a repository: one each, written over whatever was there. */
function policyOf(token: string, validate: (inputs: Properties) => Failure[], fidelity: string): TypeSpec {
  return awsType({
    type: token,
    validate: (inputs) => failures(required(inputs, "repository", "policy"), validate(inputs)),
    id: (inputs) => String(inputs["repository"]),
    outputs: (_inputs, _id, context) => ({ registryId: context.account }),
    computed: ["registryId"],
    replaceOn: ["repository"],
    references: { repository: repositoryType },
    fidelity,
  });
}

export const ecrTypes: readonly TypeSpec[] = [
  repository,
  policyOf(
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    (inputs) => checkPolicy(inputs, "policy", repositoryPolicy),
    "document parsed and checked; access is not evaluated",
  ),
  policyOf("aws:ecr/lifecyclePolicy:LifecyclePolicy", checkLifecycle, "rules checked; nothing expires"),
];

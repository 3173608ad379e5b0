import { arn, between, block, failures, mustMatch, required, text, uuid } from "../build.ts";
import { checkPolicy, secretPolicy } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { scheduleProblem } from "./expressions.ts";
import { functionName, functionNamed } from "./lambda-code.ts";
import { permissionType } from "./lambda-invocation.ts";

const secretType = "aws:secretsmanager/secret:Secret";

/** Secrets Manager adds six characters to the name, so that a new secret of an old name has another ARN. */
function secretArn(inputs: Properties, context: TypeContext): string {
  return arn(context, "secretsmanager", `secret:${String(inputs["name"])}-${context.suffix(6)}`);
}

function validWindow(inputs: Properties): Failure | undefined {
  const days = inputs["recoveryWindowInDays"];
  if (days === 0) return undefined;
  return between(inputs, "recoveryWindowInDays", 7, 30);
}

const secret = awsType({
  type: secretType,
  taggable: true,
  autoName: { property: "name", maxLength: 512 },
  defaults: { recoveryWindowInDays: 30, forceOverwriteReplicaSecret: false },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[0-9A-Za-z/_+=.@-]{1,512}$/, "1 to 512 letters, digits and / _ + = . @ -"),
      mustMatch(inputs, "description", /^[^]{0,2048}$/, "at most 2048 characters"),
      validWindow(inputs),
      checkPolicy(inputs, "policy", secretPolicy),
    ),
  id: secretArn,
  outputs: (inputs, id) => ({
    arn: id,
    description: text(inputs["description"]) ?? "",
    policy: text(inputs["policy"]) ?? "",
    replicas: inputs["replicas"] ?? [],
  }),
  computed: ["arn", "description", "policy", "replicas"],
  replaceOn: ["name", "namePrefix"],
  unique: {
    properties: ["name"],
    error: (inputs) =>
      `ResourceExistsException: The operation failed because the secret ${String(inputs["name"])} already exists.`,
  },
  held: {
    days: ({ recoveryWindowInDays }) => (typeof recoveryWindowInDays === "number" ? recoveryWindowInDays : 0),
    error: () =>
      "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.",
  },
  fidelity: "names and policy checked, a deleted one keeps its name for the recovery window; it cannot be restored",
});

function validValue(inputs: Properties): Failure[] {
  const ways = ["secretString", "secretBinary", "secretStringWo"].filter((property) => inputs[property] !== undefined);
  const size = text(inputs["secretString"])?.length ?? 0;
  return failures(
    ways.length > 1
      ? { property: ways[1] ?? "secretString", reason: `"${ways[1]}": conflicts with ${ways[0]}` }
      : undefined,
    size > 65_536 ? { property: "secretString", reason: "at most 65536 characters" } : undefined,
  );
}

const secretVersion = awsType({
  type: "aws:secretsmanager/secretVersion:SecretVersion",
  validate: (inputs) => failures(required(inputs, "secretId"), validValue(inputs)),
  id: (inputs, context) => `${String(inputs["secretId"])}|${uuid(context)}`,
  outputs: (inputs, id) => ({
    arn: text(inputs["secretId"]) ?? "",
    secretArn: text(inputs["secretId"]) ?? "",
    versionId: id.split("|").pop() ?? "",
    versionStages: inputs["versionStages"] ?? ["AWSCURRENT"],
    hasSecretStringWo: inputs["secretStringWo"] !== undefined,
  }),
  computed: ["arn", "secretArn", "versionId", "versionStages", "hasSecretStringWo"],
  secretOutputs: ["secretString", "secretBinary", "secretStringWo"],
  replaceOn: ["secretId", "secretString", "secretBinary", "secretStringWoVersion"],
  references: { secretId: secretType },
  fidelity: "secret must exist; the value is kept in the sandbox's file in clear text",
});

function validRules(inputs: Properties): Failure[] {
  const rules = block(inputs["rotationRules"]);
  const property = "rotationRules";
  const schedule = text(rules["scheduleExpression"]);
  const problem = schedule === undefined ? undefined : scheduleProblem(schedule, ["rate", "cron"]);
  const given = ["automaticallyAfterDays", "scheduleExpression"].filter((name) => rules[name] !== undefined);
  const found = failures(
    between(rules, "automaticallyAfterDays", 1, 1_000),
    mustMatch(rules, "duration", /^\d{1,2}h$/, "hours, such as 3h"),
    problem === undefined ? undefined : { property, reason: `InvalidParameterException: ${problem}` },
    inputs["rotationRules"] !== undefined && typeof inputs["rotationRules"] === "object" && given.length !== 1
      ? { property, reason: "exactly one of automaticallyAfterDays, scheduleExpression must be given" }
      : undefined,
  );
  return found.map(({ reason }) => ({ property, reason }));
}

function refuseRotation(inputs: Properties, context: TypeContext): string | undefined {
  const lambda = text(inputs["rotationLambdaArn"]);
  if (lambda === undefined) return undefined;
  if (functionNamed(lambda, context) === undefined)
    return `ResourceNotFoundException: Secrets Manager can't find the resource that you asked for: ${lambda}`;
  const service = "secretsmanager.amazonaws.com";
  const permitted = context
    .find(permissionType)
    .some(({ inputs: own }) => functionName(own["function"]) === functionName(lambda) && own["principal"] === service);
  return permitted
    ? undefined
    : `AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal ${service}.`;
}

const secretRotation = awsType({
  type: "aws:secretsmanager/secretRotation:SecretRotation",
  defaults: { rotateImmediately: true },
  validate: (inputs) =>
    failures(required(inputs, "secretId"), mustBeArn(inputs, "rotationLambdaArn", "lambda"), validRules(inputs)),
  id: (inputs) => String(inputs["secretId"]),
  outputs: () => ({ rotationEnabled: true }),
  computed: ["rotationEnabled"],
  replaceOn: ["secretId"],
  references: { secretId: secretType },
  refuseCreate: refuseRotation,
  fidelity: "rules, function and its permission checked; rotates nothing",
});

export const secretTypes: readonly TypeSpec[] = [secret, secretVersion, secretRotation];

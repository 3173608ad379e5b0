import { arn, between, block, failures, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { scheduleProblem } from "./expressions.ts";
import { roleType } from "./iam.ts";

const bucketType = "aws:s3/bucket:Bucket";
const objectTypes = ["aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject"];

const within = (property: string, found: readonly Failure[]): Failure[] =>
  found.map(({ reason }) => ({ property, reason }));

function validCode(inputs: Properties): Failure[] {
  const ways = ["zipFile", "s3Bucket"].filter((name) => inputs[name] !== undefined);
  return failures(
    ways.length === 1
      ? undefined
      : { property: ways[1] ?? "zipFile", reason: "exactly one of zipFile and s3Bucket must be given" },
    inputs["s3Bucket"] === undefined ? [] : required(inputs, "s3Key"),
  );
}

/** Environment variables come to four kilobytes at most, and a run ends before the next begins. */
function validRun(inputs: Properties): Failure[] {
  const run = block(inputs["runConfig"]);
  const memory = run["memoryInMb"];
  const variables = JSON.stringify(block(run["environmentVariables"]));
  return within(
    "runConfig",
    failures(
      between(run, "timeoutInSeconds", 3, 900),
      between(run, "memoryInMb", 960, 3008),
      typeof memory === "number" && memory % 64 !== 0
        ? { property: "memoryInMb", reason: `memoryInMb must be a multiple of 64, got ${memory}` }
        : undefined,
      variables.length > 4096
        ? { property: "environmentVariables", reason: "ValidationException: environment variables exceed 4 KB" }
        : undefined,
    ),
  );
}

function validSchedule(inputs: Properties): Failure[] {
  const schedule = block(inputs["schedule"]);
  const expression = text(schedule["expression"]);
  // `rate(0 …)` means: once, when it is started.
  const problem =
    expression === undefined || /^rate\(0 /.test(expression)
      ? undefined
      : scheduleProblem(expression, ["rate", "cron"]);
  return within(
    "schedule",
    failures(
      typeof inputs["schedule"] === "object" ? required(schedule, "expression") : [],
      problem === undefined ? undefined : { property: "expression", reason: `ValidationException: ${problem}` },
      between(block(schedule["retryConfig"]), "maxRetries", 0, 2),
    ),
  );
}

/** Synthetics makes the function at once, so that role, bucket and code have to be there. */
function refuse(inputs: Properties, context: TypeContext): string | undefined {
  const bucket = text(inputs["s3Bucket"]);
  const key = text(inputs["s3Key"]);
  const results = /^s3:\/\/([^/]+)/.exec(text(inputs["artifactS3Location"]) ?? "")?.[1];
  const known = context.find(bucketType).map(({ id }) => id);
  const lost = [bucket, results].find((name) => name !== undefined && !known.includes(name));
  if (lost !== undefined) return `ValidationException: The bucket ${lost} does not exist.`;
  const objects = objectTypes.flatMap((type) => context.find(type));
  if (
    bucket !== undefined &&
    !objects.some(({ inputs: object }) => object["bucket"] === bucket && object["key"] === key)
  )
    return `ValidationException: There is no object ${key} in ${bucket}.`;
  if (canAssume(inputs["executionRoleArn"], "lambda.amazonaws.com", context)) return undefined;
  return "ValidationException: The role defined for the function cannot be assumed by Lambda.";
}

const canary = awsType({
  type: "aws:synthetics/canary:Canary",
  taggable: true,
  autoName: { property: "name", maxLength: 21 },
  defaults: { failureRetentionPeriod: 31, successRetentionPeriod: 31, startCanary: false, deleteLambda: false },
  validate: (inputs) =>
    failures(
      required(inputs, "artifactS3Location", "executionRoleArn", "handler", "runtimeVersion", "schedule"),
      mustMatch(inputs, "name", /^[0-9a-z_-]{1,21}$/, "1 to 21 lower-case letters, digits, - and _"),
      mustMatch(inputs, "artifactS3Location", /^s3:\/\/[^/]+/, "an address that begins with s3://"),
      mustMatch(
        inputs,
        "handler",
        /^([0-9a-zA-Z_-]+\/)*[0-9A-Za-z_-]+\.(?:handler|[0-9A-Za-z_]+)$/,
        "<file>.<function>",
      ),
      mustMatch(inputs, "runtimeVersion", /^syn-(?:nodejs|python)-[a-z]+-\d+\.\d+$|^syn-nodejs-\d+\.\d+$/, "a runtime"),
      mustBeArn(inputs, "executionRoleArn", "iam"),
      mustBeArn(inputs, "kmsKeyArn", "kms"),
      between(inputs, "failureRetentionPeriod", 1, 455),
      between(inputs, "successRetentionPeriod", 1, 455),
      within(
        "artifactConfig",
        [oneOf(block(block(inputs["artifactConfig"])["s3Encryption"]), "encryptionMode", ["SSE_S3", "SSE_KMS"])].filter(
          (failure) => failure !== undefined,
        ),
      ),
      validCode(inputs),
      validRun(inputs),
      validSchedule(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "synthetics", `canary:${id}`),
    engineArn: arn(context, "lambda", `function:cwsyn-${id}-${uuid(context)}:1`),
    sourceLocationArn: arn(context, "lambda", `layer:cwsyn-${id}-${uuid(context)}:1`),
    status: inputs["startCanary"] === true ? "RUNNING" : "READY",
    timelines: [{ created: context.now(), lastModified: context.now(), lastStarted: "", lastStopped: "" }],
  }),
  computed: ["arn", "engineArn", "sourceLocationArn", "status", "timelines"],
  replaceOn: ["name"],
  references: { executionRoleArn: roleType },
  refuseCreate: refuse,
  unique: {
    properties: ["name"],
    error: (inputs) => `ConflictException: A canary already exists with the name ${String(inputs["name"])}.`,
  },
  lifecycle: { property: "status", states: ["CREATING", "STARTING", "RUNNING"] },
  fidelity: "schedule, code, role and results checked; asks no address",
});

export const syntheticsTypes: readonly TypeSpec[] = [canary];

import { arn, between, block, createdAt, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, missingTarget, mustBeArn, parseArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";
import { codeHash, functionType, packageMissing, runtimeProblem, validRuntimes, validSource } from "./lambda-code.ts";

export const layerType = "aws:lambda/layerVersion:LayerVersion";
const architectures = ["x86_64", "arm64"];

function validHandler(inputs: Properties): Failure[] {
  const runtime = text(inputs["runtime"]);
  const problem = runtime === undefined ? undefined : runtimeProblem(runtime);
  const image = inputs["packageType"] === "Image";
  const stray = ["runtime", "handler", "layers"].find((property) => inputs[property] !== undefined);
  const lacks = ["runtime", "handler"].filter((property) => inputs[property] === undefined);
  return failures(
    problem === undefined ? undefined : { property: "runtime", reason: problem },
    image && stray !== undefined
      ? { property: stray, reason: `InvalidParameterValueException: ${stray} does not apply to images` }
      : undefined,
    image ? [] : lacks.map((property) => ({ property, reason: `${property} must be set when PackageType is Zip` })),
    mustMatch(inputs, "handler", /^[^\s]{1,128}$/, "1 to 128 characters without spaces"),
  );
}

const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_DEFAULT_REGION|AWS_REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY.*|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;

function validEnvironment(inputs: Properties): Failure[] {
  const variables = block(block(inputs["environment"])["variables"]);
  const names = Object.keys(variables);
  const taken = names.filter((name) => reserved.test(name));
  const fail = (reason: string): Failure => ({
    property: "environment",
    reason: `InvalidParameterValueException: ${reason}`,
  });
  const size = names.reduce((sum, name) => sum + name.length + (text(variables[name])?.length ?? 0), 0);
  return failures(
    taken.length === 0
      ? undefined
      : fail(
          `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(", ")}`,
        ),
    names
      .filter((name) => !/^[a-zA-Z]\w+$/.test(name))
      .map((name) => fail(`environment variable name "${name}" must match [a-zA-Z]([a-zA-Z0-9_])+`)),
    size > 4_096 ? fail("Lambda was unable to configure your environment variables: more than 4 KB") : undefined,
  );
}

function validSettings(inputs: Properties): Failure[] {
  const nested = (property: string, found: Failure | undefined): Failure | undefined =>
    found === undefined ? undefined : { property, reason: found.reason };
  return failures(
    between(inputs, "memorySize", 128, 10_240),
    between(inputs, "timeout", 1, 900),
    nested("ephemeralStorage", between(block(inputs["ephemeralStorage"]), "size", 512, 10_240)),
    nested("tracingConfig", oneOf(block(inputs["tracingConfig"]), "mode", ["Active", "PassThrough"])),
    nested("loggingConfig", oneOf(block(inputs["loggingConfig"]), "logFormat", ["Text", "JSON"])),
    nested("deadLetterConfig", mustBeArn(block(inputs["deadLetterConfig"]), "targetArn", "sqs", "sns")),
    list(inputs["architectures"])
      .filter((name) => typeof name === "string" && !architectures.includes(name))
      .map(() => ({ property: "architectures", reason: `expected one of ${JSON.stringify(architectures)}` })),
    list(inputs["layers"]).length > 5
      ? { property: "layers", reason: "InvalidParameterValueException: cannot reference more than 5 layers." }
      : undefined,
    list(inputs["layers"])
      .filter((layer) => typeof layer === "string" && !/:layer:[\w-]+:\d+$/.test(layer))
      .map((layer) => ({ property: "layers", reason: `${String(layer)} is not the ARN of a layer version` })),
  );
}

function refuseFunction(inputs: Properties, context: TypeContext): string | undefined {
  if (!canAssume(inputs["role"], "lambda.amazonaws.com", context))
    return "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.";
  const known = new Set(context.find(layerType).map(({ id }) => id));
  const layer = list(inputs["layers"])
    .map(String)
    .find((version) => !known.has(version) && parseArn(version)?.account === context.account);
  if (layer !== undefined) return `InvalidParameterValueException: Layer version ${layer} does not exist.`;
  const queue = missingTarget([block(inputs["deadLetterConfig"])["targetArn"]], context);
  if (queue !== undefined)
    return `InvalidParameterValueException: The target ${queue} of the dead letter configuration does not exist.`;
  return packageMissing(inputs, context);
}

/** What a published version freezes: everything but tags and what Lambda applies to the function as a whole. */
function published(inputs: Properties): string {
  const aside = new Set(["tags", "tagsAll", "publish", "reservedConcurrentExecutions", "skipDestroy", "codeSha256"]);
  return JSON.stringify(
    Object.entries(inputs)
      .filter(([key]) => !aside.has(key))
      .sort(),
  );
}

/** Versions count from 1; publishing what is published already makes no new one. */
function versionOf(inputs: Properties, id: string, context: TypeContext): string {
  if (inputs["publish"] !== true) return "$LATEST";
  const previous = context.find(functionType).find((other) => other.id === id);
  const last = Number(previous?.outputs["version"]);
  if (previous === undefined || Number.isNaN(last)) return "1";
  return String(published(previous.inputs) === published(inputs) ? last : last + 1);
}

export function invokeArn(context: TypeContext, target: string): string {
  return `arn:${context.partition}:apigateway:${context.region}:lambda:path/2015-03-31/functions/${target}/invocations`;
}

function functionOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const own = arn(context, "lambda", `function:${id}`);
  const version = versionOf(inputs, id, context);
  const log = block(inputs["loggingConfig"]);
  return {
    arn: own,
    version,
    qualifiedArn: `${own}:${version}`,
    invokeArn: invokeArn(context, own),
    qualifiedInvokeArn: invokeArn(context, `${own}:${version}`),
    responseStreamingInvokeArn: invokeArn(context, own)
      .replace("2015-03-31", "2021-11-15")
      .replace("/invocations", "/response-streaming-invocations"),
    // Lambda writes an offset without a colon.
    lastModified: createdAt(context, functionType).replace("Z", "+0000"),
    codeSha256: codeHash(inputs, context),
    sourceCodeHash: codeHash(inputs, context),
    sourceCodeSize: 0,
    signingJobArn: "",
    signingProfileVersionArn: "",
    architectures: inputs["architectures"] ?? ["x86_64"],
    ephemeralStorage: inputs["ephemeralStorage"] ?? { size: 512 },
    tracingConfig: inputs["tracingConfig"] ?? { mode: "PassThrough" },
    loggingConfig: { logFormat: "Text", ...log, logGroup: log["logGroup"] ?? `/aws/lambda/${id}` },
  };
}

const lambdaFunction = awsType({
  type: functionType,
  taggable: true,
  autoName: { property: "name", maxLength: 64 },
  defaults: {
    ...{ memorySize: 128, timeout: 3, packageType: "Zip", publish: false },
    ...{ reservedConcurrentExecutions: -1, skipDestroy: false },
  },
  validate: (inputs) =>
    failures(
      required(inputs, "role"),
      mustMatch(inputs, "name", /^[a-zA-Z0-9-_]{1,64}$/, "1 to 64 letters, digits, hyphens and underscores"),
      mustBeArn(inputs, "role", "iam"),
      mustBeArn(inputs, "kmsKeyArn", "kms"),
      oneOf(inputs, "packageType", ["Zip", "Image"]),
      validSource(inputs, true),
      validHandler(inputs),
      validEnvironment(inputs),
      validSettings(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: functionOutputs,
  computed: [
    ...["arn", "version", "qualifiedArn", "invokeArn", "qualifiedInvokeArn", "responseStreamingInvokeArn"],
    ...["lastModified", "codeSha256", "sourceCodeHash", "sourceCodeSize", "signingJobArn", "signingProfileVersionArn"],
    ...["architectures", "ephemeralStorage", "tracingConfig", "loggingConfig"],
  ],
  replaceOn: ["name", "packageType", "tenancyConfig"],
  references: {
    role: roleType,
    "vpcConfig.subnetIds": "aws:ec2/subnet:Subnet",
    "vpcConfig.securityGroupIds": "aws:ec2/securityGroup:SecurityGroup",
  },
  refuseCreate: refuseFunction,
  unique: {
    properties: ["name"],
    error: (inputs) => `ResourceConflictException: Function already exist: ${String(inputs["name"])}`,
  },
  fidelity: "runtime, handler, environment, package, layers and role checked, versions counted; the size is not known",
});

/** Numbers of a layer go up by one with each version. */
function layerArn(inputs: Properties, context: TypeContext): string {
  const layer = arn(context, "lambda", `layer:${String(inputs["layerName"])}`);
  const numbers = context
    .find(layerType)
    .filter((other) => other.outputs["layerArn"] === layer)
    .map((other) => Number(other.outputs["version"]));
  return `${layer}:${Math.max(0, ...numbers) + 1}`;
}

const layerVersion = awsType({
  type: layerType,
  defaults: { skipDestroy: false },
  validate: (inputs) =>
    failures(
      required(inputs, "layerName"),
      mustMatch(inputs, "layerName", /^[a-zA-Z0-9-_]{1,140}$/, "1 to 140 letters, digits, hyphens and underscores"),
      validSource(inputs),
      validRuntimes(inputs, "compatibleRuntimes"),
      list(inputs["compatibleRuntimes"]).length > 15
        ? { property: "compatibleRuntimes", reason: "a layer names at most 15 runtimes" }
        : undefined,
      mustMatch(inputs, "description", /^[^]{0,256}$/, "at most 256 characters"),
    ),
  id: layerArn,
  outputs: (inputs, id, context) => ({
    arn: id,
    layerArn: id.replace(/:\d+$/, ""),
    version: id.split(":").pop() ?? "",
    createdDate: createdAt(context, layerType).replace("Z", "+0000"),
    codeSha256: codeHash(inputs, context),
    sourceCodeHash: codeHash(inputs, context),
    sourceCodeSize: 0,
    signingJobArn: "",
    signingProfileVersionArn: "",
  }),
  computed: [
    ...["arn", "layerArn", "version", "createdDate", "codeSha256", "sourceCodeHash", "sourceCodeSize"],
    ...["signingJobArn", "signingProfileVersionArn"],
  ],
  replaceOn: [
    ...["code", "layerName", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"],
    ...["compatibleRuntimes", "compatibleArchitectures", "description", "licenseInfo"],
  ],
  refuseCreate: packageMissing,
  fidelity: "package and runtimes checked, versions counted per layer; the count begins anew when none is left",
});

export const lambdaTypes: readonly TypeSpec[] = [lambdaFunction, layerVersion];

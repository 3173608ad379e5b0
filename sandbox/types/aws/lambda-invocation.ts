import { arn, between, block, createdAt, failures, list, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { missingTarget, mustBeArn, parseArn, resourceOf } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { functionName, functionNamed } from "./lambda-code.ts";
import { invokeArn } from "./lambda-function.ts";

export const permissionType = "aws:lambda/permission:Permission";
const mappingType = "aws:lambda/eventSourceMapping:EventSourceMapping";

function notFound(value: unknown, context: TypeContext): string | undefined {
  if (functionNamed(value, context) !== undefined) return undefined;
  const name = functionName(value);
  return `ResourceNotFoundException: Function not found: ${arn(context, "lambda", `function:${name}`)}`;
}

const permission = awsType({
  type: permissionType,
  autoName: { property: "statementId", maxLength: 100 },
  validate: (inputs) =>
    failures(
      required(inputs, "action", "function", "principal"),
      mustMatch(inputs, "action", /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/, "an action of Lambda"),
      mustMatch(inputs, "statementId", /^[\w-]{1,100}$/, "1 to 100 letters, digits, hyphens and underscores"),
      mustMatch(inputs, "sourceAccount", /^\d{12}$/, "a 12-digit account id"),
      mustBeArn(inputs, "sourceArn"),
      mustMatch(
        inputs,
        "principal",
        /^(\*|\d{12}|[\w.-]+\.amazonaws\.com(\.cn)?|arn:.+)$/,
        "a service, account or ARN",
      ),
    ),
  // The provider's own id is the statement alone, which two functions may share.
  id: (inputs) => `${functionName(inputs["function"])}/${String(inputs["statementId"])}`,
  replaceOn: [
    ...["action", "eventSourceToken", "function", "functionUrlAuthType", "invokedViaFunctionUrl", "principal"],
    ...["principalOrgId", "qualifier", "sourceAccount", "sourceArn", "statementId", "statementIdPrefix"],
  ],
  refuseCreate: (inputs, context) => notFound(inputs["function"], context),
  unique: {
    properties: ["function", "qualifier", "statementId"],
    error: (inputs) =>
      `ResourceConflictException: The statement id (${String(inputs["statementId"])}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
  },
  fidelity: "function must exist; triggers of S3 and rotation look for it, access is not evaluated",
});

function validRouting(inputs: Properties): Failure[] {
  const weights = Object.values(block(block(inputs["routingConfig"])["additionalVersionWeights"]));
  const fail = (reason: string): Failure => ({
    property: "routingConfig",
    reason: `InvalidParameterValueException: ${reason}`,
  });
  return failures(
    weights
      .filter((weight) => typeof weight === "number" && (weight < 0 || weight > 1))
      .map(() => fail("a weight lies between 0 and 1")),
    weights.length > 1 ? fail("an alias points to at most 2 versions") : undefined,
    weights.length > 0 && inputs["functionVersion"] === "$LATEST"
      ? fail("$LATEST is not supported for an alias pointing to more than 1 version")
      : undefined,
  );
}

/** Versions are kept, so every number up to the last one exists. */
function missingVersion(inputs: Properties, context: TypeContext): string | undefined {
  const missing = notFound(inputs["functionName"], context);
  if (missing !== undefined) return missing;
  const found = functionNamed(inputs["functionName"], context);
  const last = Number(found?.outputs["version"]);
  const versions = [
    text(inputs["functionVersion"]) ?? "",
    ...Object.keys(block(block(inputs["routingConfig"])["additionalVersionWeights"])),
  ];
  const lost = versions.find((version) => version !== "$LATEST" && !(Number(version) >= 1 && Number(version) <= last));
  return lost === undefined
    ? undefined
    : `ResourceNotFoundException: Function not found: ${String(found?.outputs["arn"])}:${lost}`;
}

const alias = awsType({
  type: "aws:lambda/alias:Alias",
  autoName: { property: "name", maxLength: 128 },
  validate: (inputs) =>
    failures(
      required(inputs, "functionName", "functionVersion"),
      mustMatch(inputs, "name", /^(?!^\d+$)[\w-]{1,128}$/, "letters, digits, - and _, and not digits alone"),
      mustMatch(inputs, "functionVersion", /^(\$LATEST|\d+)$/, "$LATEST or a number"),
      validRouting(inputs),
    ),
  id: (inputs, context) =>
    arn(context, "lambda", `function:${functionName(inputs["functionName"])}:${String(inputs["name"])}`),
  outputs: (_inputs, id, context) => ({ arn: id, invokeArn: invokeArn(context, id) }),
  computed: ["arn", "invokeArn"],
  replaceOn: ["functionName", "name"],
  refuseCreate: missingVersion,
  unique: {
    properties: ["functionName", "name"],
    error: (inputs) =>
      `ResourceConflictException: Alias already exists: ${String(inputs["functionName"])}:${String(inputs["name"])}`,
  },
  fidelity: "version must exist, weights checked; no traffic is routed",
});

const streams = ["kinesis", "dynamodb"];

function validBatch(inputs: Properties): Failure[] {
  const service = parseArn(inputs["eventSourceArn"])?.service;
  const size = inputs["batchSize"];
  const fifo = text(inputs["eventSourceArn"])?.endsWith(".fifo") === true;
  const fail = (property: string, reason: string): Failure => ({
    property,
    reason: `InvalidParameterValueException: ${reason}`,
  });
  return failures(
    between(inputs, "batchSize", 1, fifo ? 10 : 10_000),
    between(inputs, "maximumBatchingWindowInSeconds", 0, 300),
    service === "sqs" && typeof size === "number" && size > 10 && !inputs["maximumBatchingWindowInSeconds"]
      ? fail(
          "batchSize",
          "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        )
      : undefined,
    streams.includes(service ?? "") && inputs["startingPosition"] === undefined
      ? fail("startingPosition", "1 validation error detected: startingPosition is required for streams")
      : undefined,
    service === "sqs" && inputs["startingPosition"] !== undefined
      ? fail("startingPosition", "StartingPosition is not valid for SQS event sources.")
      : undefined,
    list(inputs["functionResponseTypes"])
      .filter((type) => type !== "ReportBatchItemFailures")
      .map(() => fail("functionResponseTypes", "expected ReportBatchItemFailures")),
  );
}

/** A message must stay hidden for at least as long as the function may work on it. */
function refuseMapping(inputs: Properties, context: TypeContext): string | undefined {
  const missing = notFound(inputs["functionName"], context);
  if (missing !== undefined) return missing;
  const source = resourceOf(inputs["eventSourceArn"], context);
  if (source === undefined)
    return `InvalidParameterValueException: Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.`;
  if (source === "unseen" || source.type !== "aws:sqs/queue:Queue") return undefined;
  const visible = Number(source.outputs["visibilityTimeoutSeconds"] ?? 30);
  const timeout = Number(functionNamed(inputs["functionName"], context)?.outputs["timeout"] ?? 3);
  if (visible >= timeout) return undefined;
  return `InvalidParameterValueException: Queue visibility timeout: ${visible} seconds is less than Function timeout: ${timeout} seconds`;
}

const eventSourceMapping = awsType({
  type: mappingType,
  taggable: true,
  defaults: { enabled: true },
  validate: (inputs) =>
    failures(
      required(inputs, "functionName"),
      mustBeArn(inputs, "eventSourceArn"),
      oneOf(inputs, "startingPosition", ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]),
      validBatch(inputs),
    ),
  id: (_inputs, context) => uuid(context),
  outputs: (inputs, id, context) => ({
    uuid: id,
    arn: arn(context, "lambda", `event-source-mapping:${id}`),
    functionArn: arn(context, "lambda", `function:${functionName(inputs["functionName"])}`),
    state: inputs["enabled"] === false ? "Disabled" : "Enabled",
    stateTransitionReason: "USER_INITIATED",
    lastModified: createdAt(context, mappingType),
    lastProcessingResult: "",
    batchSize: inputs["batchSize"] ?? (parseArn(inputs["eventSourceArn"])?.service === "sqs" ? 10 : 100),
  }),
  computed: [
    ...["uuid", "arn", "functionArn", "state", "stateTransitionReason", "lastModified", "lastProcessingResult"],
    "batchSize",
  ],
  replaceOn: ["eventSourceArn", "startingPosition", "startingPositionTimestamp", "selfManagedEventSource"],
  refuseCreate: refuseMapping,
  unique: {
    properties: ["eventSourceArn", "functionName"],
    error: (inputs) =>
      `ResourceConflictException: An event source mapping with event source ("${String(inputs["eventSourceArn"])}") and function ("${String(inputs["functionName"])}") already exists. Please update or delete the existing mapping.`,
  },
  fidelity: "source, function, batch and visibility timeout checked; polls nothing",
});

const eventInvokeConfig = awsType({
  type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  defaults: { maximumRetryAttempts: 2 },
  validate: (inputs) =>
    failures(
      required(inputs, "functionName"),
      between(inputs, "maximumEventAgeInSeconds", 60, 21_600),
      between(inputs, "maximumRetryAttempts", 0, 2),
    ),
  id: (inputs) => [String(inputs["functionName"]), text(inputs["qualifier"])].filter(Boolean).join(":"),
  replaceOn: ["functionName", "qualifier"],
  refuseCreate: (inputs, context) => {
    const { onFailure, onSuccess } = block(inputs["destinationConfig"]);
    const destinations = [onFailure, onSuccess].map((side) => block(side)["destination"]);
    const missing = missingTarget(destinations, context);
    return (
      notFound(inputs["functionName"], context) ??
      (missing === undefined ? undefined : `InvalidParameterValueException: The destination ARN ${missing} is invalid.`)
    );
  },
  unique: {
    properties: ["functionName", "qualifier"],
    error: (inputs) =>
      `ResourceConflictException: The function ${String(inputs["functionName"])} already has an EventInvokeConfig`,
  },
  fidelity: "limits and destinations checked; nothing is invoked",
});

export const lambdaInvocationTypes: readonly TypeSpec[] = [permission, alias, eventSourceMapping, eventInvokeConfig];

import { arn, between, dnsSuffix, failures, mustMatch, oneOf, required, text } from "../build.ts";
import { checkPolicy, parseDocument, queuePolicy } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { deadLetterProblem, validFifo, validJson } from "./messaging.ts";

const queueType = "aws:sqs/queue:Queue";

/** A JSON input as an object; empty when it is absent, unknown or broken, which is somebody else's finding. */
function parsed(inputs: Properties, property: string): Properties {
  const found = parseDocument(property, inputs[property]);
  return found === undefined || Array.isArray(found) ? {} : found;
}

function validRedrive(inputs: Properties): Failure[] {
  if (typeof inputs["redrivePolicy"] !== "string" || inputs["redrivePolicy"] === "") return [];
  const broken = validJson(inputs, "redrivePolicy");
  if (broken.length > 0) return broken;
  const policy = parsed(inputs, "redrivePolicy");
  const count = Number(policy["maxReceiveCount"]);
  const fail = (reason: string): Failure => ({
    property: "redrivePolicy",
    reason: `InvalidParameterValue: Value ${String(inputs["redrivePolicy"])} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
  });
  return failures(
    typeof policy["deadLetterTargetArn"] === "string"
      ? undefined
      : fail("Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
    policy["maxReceiveCount"] === undefined
      ? fail("Redrive policy does not contain mandatory attribute: maxReceiveCount.")
      : undefined,
    policy["maxReceiveCount"] !== undefined && !(Number.isInteger(count) && count >= 1 && count <= 1_000)
      ? fail("Invalid value for maxReceiveCount: must be an integer from 1 to 1000.")
      : undefined,
  );
}

function validAllow(inputs: Properties): Failure[] {
  const broken = validJson(inputs, "redriveAllowPolicy");
  const wrong = oneOf(parsed(inputs, "redriveAllowPolicy"), "redrivePermission", ["allowAll", "denyAll", "byQueue"]);
  return failures(broken, wrong === undefined ? undefined : { property: "redriveAllowPolicy", reason: wrong.reason });
}

function refuseRedrive(inputs: Properties, context: TypeContext): string | undefined {
  const target = text(parsed(inputs, "redrivePolicy")["deadLetterTargetArn"]);
  if (target === undefined) return undefined;
  const own = text(inputs["name"]) ?? text(inputs["queueUrl"]) ?? "";
  if (target.endsWith(".fifo") !== own.endsWith(".fifo"))
    return "InvalidParameterValue: Value for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the source.";
  return deadLetterProblem(target, context);
}

function validFifoSettings(inputs: Properties): Failure[] {
  const only = ["contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"];
  return only
    .filter(
      (property) => ![undefined, null, false].includes(inputs[property] as undefined) && inputs["fifoQueue"] !== true,
    )
    .map((property) => ({ property, reason: `${property} can only be set for FIFO queue` }));
}

function queueOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  return {
    arn: arn(context, "sqs", String(inputs["name"])),
    url: id,
    policy: text(inputs["policy"]) ?? "",
    redrivePolicy: text(inputs["redrivePolicy"]) ?? "",
    redriveAllowPolicy: text(inputs["redriveAllowPolicy"]) ?? "",
    sqsManagedSseEnabled: inputs["sqsManagedSseEnabled"] ?? inputs["kmsMasterKeyId"] === undefined,
    kmsDataKeyReusePeriodSeconds: inputs["kmsDataKeyReusePeriodSeconds"] ?? 300,
    deduplicationScope: text(inputs["deduplicationScope"]) ?? (inputs["fifoQueue"] === true ? "queue" : ""),
    fifoThroughputLimit: text(inputs["fifoThroughputLimit"]) ?? (inputs["fifoQueue"] === true ? "perQueue" : ""),
  };
}

const queue = awsType({
  type: queueType,
  taggable: true,
  autoName: { property: "name", maxLength: 80 },
  defaults: {
    ...{ delaySeconds: 0, maxMessageSize: 262_144, messageRetentionSeconds: 345_600, receiveWaitTimeSeconds: 0 },
    ...{ visibilityTimeoutSeconds: 30, fifoQueue: false, contentBasedDeduplication: false },
  },
  validate: (inputs) =>
    failures(
      mustMatch(
        inputs,
        "name",
        /^(?=.{1,80}$)[a-zA-Z0-9_-]+(\.fifo)?$/,
        "1 to 80 letters, digits, hyphens, underscores",
      ),
      validFifo(inputs, "fifoQueue"),
      validFifoSettings(inputs),
      between(inputs, "delaySeconds", 0, 900),
      between(inputs, "maxMessageSize", 1_024, 1_048_576),
      between(inputs, "messageRetentionSeconds", 60, 1_209_600),
      between(inputs, "receiveWaitTimeSeconds", 0, 20),
      between(inputs, "visibilityTimeoutSeconds", 0, 43_200),
      between(inputs, "kmsDataKeyReusePeriodSeconds", 60, 86_400),
      inputs["kmsMasterKeyId"] !== undefined && inputs["sqsManagedSseEnabled"] === true
        ? { property: "sqsManagedSseEnabled", reason: '"sqsManagedSseEnabled": conflicts with kmsMasterKeyId' }
        : undefined,
      checkPolicy(inputs, "policy", queuePolicy),
      validRedrive(inputs),
      validAllow(inputs),
    ),
  id: (inputs, context) =>
    `https://sqs.${context.region}.${dnsSuffix(context.partition)}/${context.account}/${String(inputs["name"])}`,
  outputs: queueOutputs,
  computed: [
    ...["arn", "url", "policy", "redrivePolicy", "redriveAllowPolicy", "sqsManagedSseEnabled"],
    ...["kmsDataKeyReusePeriodSeconds", "deduplicationScope", "fifoThroughputLimit"],
  ],
  replaceOn: ["name", "namePrefix", "fifoQueue"],
  refuseCreate: refuseRedrive,
  unique: {
    properties: ["name"],
    error: () => "QueueAlreadyExists: A queue already exists with the same name and a different value for attribute(s)",
  },
  fidelity: "names, limits, policies and dead-letter queues checked",
});

/** A part of a queue's attributes: one per queue, written over whatever was there. */
function attribute(name: string, fidelity: string, more: Pick<TypeSpec, "validate" | "refuseCreate">): TypeSpec {
  const property = name;
  return awsType({
    type: `aws:sqs/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    id: (inputs) => String(inputs["queueUrl"]),
    replaceOn: ["queueUrl"],
    references: { queueUrl: queueType },
    fidelity,
    ...more,
    validate: (inputs, context) =>
      failures(
        required(inputs, "queueUrl", property === "queuePolicy" ? "policy" : property),
        more.validate?.(inputs, context),
      ),
  });
}

export const sqsTypes: readonly TypeSpec[] = [
  queue,
  attribute("queuePolicy", "document parsed and checked; access is not evaluated", {
    validate: (inputs) => checkPolicy(inputs, "policy", queuePolicy),
  }),
  attribute("redrivePolicy", "policy parsed, dead-letter queue must exist", {
    validate: validRedrive,
    refuseCreate: refuseRedrive,
  }),
];

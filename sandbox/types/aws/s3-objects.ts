import { createHash } from "node:crypto";

import { block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn, policyAllows, resourceOf } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { functionName } from "./lambda-code.ts";
import { permissionType } from "./lambda-invocation.ts";

const bucketType = "aws:s3/bucket:Bucket";
export const objectType = "aws:s3/bucketObjectv2:BucketObjectv2";

/** The key, or the resource's own name, which is what the provider falls back to. */
function keyOf(inputs: Properties, context: TypeContext): string {
  return text(inputs["key"]) ?? context.name;
}

const sources = ["source", "content", "contentBase64"];

function validObject(inputs: Properties): Failure[] {
  const given = sources.filter((property) => inputs[property] !== undefined && inputs[property] !== null);
  const upper = Object.keys(block(inputs["metadata"])).find((key) => key !== key.toLowerCase());
  return failures(
    given.length > 1
      ? { property: given[1] ?? "content", reason: `"${given[1]}": conflicts with ${given[0]}` }
      : undefined,
    inputs["etag"] !== undefined && inputs["kmsKeyId"] !== undefined
      ? { property: "etag", reason: '"etag": conflicts with kmsKeyId' }
      : undefined,
    upper === undefined
      ? undefined
      : { property: "metadata", reason: `Metadata must be lowercase only. Offending key: "${upper}"` },
    Object.keys(block(inputs["tags"])).length > 10
      ? { property: "tags", reason: "BadRequest: Object tags cannot be greater than 10" }
      : undefined,
  );
}

/** MD5 of text, and for files a value of the same form that changes with the file. */
function etagOf(inputs: Properties): string {
  const base64 = text(inputs["contentBase64"]);
  const hash = text(block(inputs["source"])["hash"]);
  if (hash !== undefined) return hash.slice(0, 32);
  const content = base64 === undefined ? (text(inputs["content"]) ?? "") : Buffer.from(base64, "base64");
  return createHash("md5").update(content).digest("hex");
}

function versionId(inputs: Properties, context: TypeContext): string {
  const bucket = text(inputs["bucket"]) ?? "";
  const versioned = context
    .find("aws:s3/bucketVersioning:BucketVersioning", { input: "bucket", value: bucket })
    .some((other) => block(other.inputs["versioningConfiguration"])["status"] === "Enabled");
  if (!versioned) return "";
  return createHash("sha256")
    .update(`${context.suffix(32)} ${etagOf(inputs)}`)
    .digest("base64url")
    .slice(0, 32);
}

function objectOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const encrypted = inputs["kmsKeyId"] === undefined ? "AES256" : "aws:kms";
  return {
    key: keyOf(inputs, context),
    arn: `arn:${context.partition}:s3:::${id}`,
    etag: text(inputs["etag"]) ?? etagOf(inputs),
    versionId: versionId(inputs, context),
    contentType: text(inputs["contentType"]) ?? "application/octet-stream",
    serverSideEncryption: text(inputs["serverSideEncryption"]) ?? encrypted,
    storageClass: text(inputs["storageClass"]) ?? "STANDARD",
    bucketKeyEnabled: inputs["bucketKeyEnabled"] === true,
    ...{ checksumCrc32: "", checksumCrc32c: "", checksumCrc64nvme: "", checksumSha1: "", checksumSha256: "" },
  };
}

const object = awsType({
  type: objectType,
  taggable: true,
  defaults: { forceDestroy: false },
  validate: (inputs) =>
    failures(
      required(inputs, "bucket"),
      mustMatch(inputs, "key", /^[^]{1,1024}$/, "1 to 1024 characters"),
      mustBeArn(inputs, "kmsKeyId", "kms"),
      oneOf(inputs, "serverSideEncryption", ["AES256", "aws:kms", "aws:kms:dsse"]),
      validObject(inputs),
    ),
  id: (inputs, context) => `${String(inputs["bucket"])}/${keyOf(inputs, context)}`,
  outputs: objectOutputs,
  computed: [
    ...["key", "arn", "etag", "versionId", "contentType", "serverSideEncryption", "storageClass", "bucketKeyEnabled"],
    ...["checksumCrc32", "checksumCrc32c", "checksumCrc64nvme", "checksumSha1", "checksumSha256"],
  ],
  replaceOn: ["bucket", "key"],
  overwrites: true,
  references: { bucket: bucketType },
  fidelity: "keys, hashes and versions as in S3; an object is its latest version",
});

/** Where a notification goes: the input, the property with the ARN, and the service behind it. */
const destinations = [
  ["lambdaFunctions", "lambdaFunctionArn", "lambda"],
  ["queues", "queueArn", "sqs"],
  ["topics", "topicArn", "sns"],
] as const;

const events =
  /^s3:(ObjectCreated:(\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectRestore:.+|Replication:.+|ReducedRedundancyLostObject|LifecycleExpiration:.+|LifecycleTransition|IntelligentTiering|ObjectTagging:.+|ObjectAcl:Put|TestEvent)$/;

function validNotifications(inputs: Properties): Failure[] {
  return destinations.flatMap(([property, arnProperty, service]) =>
    list(inputs[property])
      .map(block)
      .flatMap((entry) => {
        const unknownEvent = list(entry["events"])
          .map(text)
          .find((event) => event !== undefined && !events.test(event));
        const wrong = mustBeArn(entry, arnProperty, service);
        return failures(
          wrong === undefined ? undefined : { property, reason: wrong.reason },
          unknownEvent === undefined
            ? undefined
            : {
                property,
                reason: `InvalidArgument: The event '${unknownEvent}' is not supported for notifications`,
              },
        );
      }),
  );
}

interface Filter {
  events: string[];
  prefix: string;
  suffix: string;
}

/** S3 sends an event to one place only: filters with an event in common must tell keys apart. */
function overlapping(inputs: Properties): Failure | undefined {
  const filters = destinations
    .flatMap(([property]) => list(inputs[property]).map(block))
    .map((entry): Filter => ({
      events: list(entry["events"]).map(String),
      prefix: text(entry["filterPrefix"]) ?? "",
      suffix: text(entry["filterSuffix"]) ?? "",
    }));
  const clash = filters.some((one, index) => filters.slice(index + 1).some((other) => overlap(one, other)));
  if (!clash) return undefined;
  const reason =
    "InvalidArgument: Configurations overlap. Configurations on the same bucket cannot share a common event type.";
  return { property: "bucket", reason };
}

function overlap(one: Filter, other: Filter): boolean {
  const kind = (event: string): string => event.split(":")[1] ?? "";
  const shared = one.events.some((event) =>
    other.events.some(
      (second) =>
        event === second || (kind(event) === kind(second) && [event, second].some((name) => name.endsWith("*"))),
    ),
  );
  const prefixes = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  const suffixes = one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix);
  return shared && prefixes && suffixes;
}

/** S3 tries each destination before it takes the configuration. */
function unreachable(inputs: Properties, context: TypeContext): string | undefined {
  const deaf = destinations.some(([property, arnProperty]) =>
    list(inputs[property]).some((entry) => !accepts(text(block(entry)[arnProperty]), context)),
  );
  return deaf ? "InvalidArgument: Unable to validate the following destination configurations" : undefined;
}

function accepts(target: string | undefined, context: TypeContext): boolean {
  const found = resourceOf(target, context);
  if (found === "unseen") return true;
  if (found === undefined) return false;
  const service = "s3.amazonaws.com";
  if (found.type.startsWith("aws:lambda/")) {
    const permitted = (inputs: Properties): boolean =>
      functionName(inputs["function"]) === found.id && [service, "*"].includes(text(inputs["principal"]) ?? "");
    return context.find(permissionType).some((other) => permitted(other.inputs));
  }
  const attached = ["aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topicPolicy:TopicPolicy"].flatMap((type) =>
    context.find(type).filter(({ inputs: other }) => [other["queueUrl"], other["arn"]].includes(found.id)),
  );
  return [found, ...attached].some((holder) => policyAllows(holder.inputs["policy"], service));
}

const notification = awsType({
  type: "aws:s3/bucketNotification:BucketNotification",
  defaults: { eventbridge: false },
  validate: (inputs) => failures(required(inputs, "bucket"), validNotifications(inputs), overlapping(inputs)),
  id: (inputs) => String(inputs["bucket"]),
  replaceOn: ["bucket"],
  references: { bucket: bucketType },
  refuseCreate: unreachable,
  fidelity: "events, overlaps, destinations and their permissions checked",
});

export const s3ObjectTypes: readonly TypeSpec[] = [object, notification];

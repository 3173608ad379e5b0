import { block, dnsSuffix, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import { bucketPolicy, checkPolicy } from "../policy-document.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { objectType } from "./s3-objects.ts";

const bucketType = "aws:s3/bucket:Bucket";

/** Hosted zones of S3 website endpoints, by region; what Route 53 aliases point at. */
const hostedZones: Readonly<Record<string, string>> = {
  "us-east-1": "Z3AQBSTGFYJSTF",
  "us-east-2": "Z2O1EMRO9K5GLX",
  "us-west-2": "Z3BJ6K6RIION7M",
  "eu-central-1": "Z21DNDUVLTQW6Q",
  "eu-west-1": "Z1BKCTXD74EZPE",
};

function bucketOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const suffix = dnsSuffix(context.partition);
  return {
    bucket: id,
    arn: `arn:${context.partition}:s3:::${id}`,
    bucketDomainName: `${id}.s3.${suffix}`,
    bucketRegionalDomainName: `${id}.s3.${context.region}.${suffix}`,
    bucketRegion: context.region,
    hostedZoneId: hostedZones[context.region] ?? "Z3AQBSTGFYJSTF",
    requestPayer: text(inputs["requestPayer"]) ?? "BucketOwner",
  };
}

function validBucketName(inputs: Properties): Failure | undefined {
  const rule = "3 to 63 lower-case letters, digits, dots and hyphens, beginning and ending with a letter or digit";
  const basic = mustMatch(inputs, "bucket", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, rule);
  const name = text(inputs["bucket"]) ?? "";
  const reserved = /\.\.|^(\d{1,3}\.){3}\d{1,3}$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|--x-s3$/.test(name);
  return (
    basic ??
    (reserved ? { property: "bucket", reason: `InvalidBucketName: "${name}" is of a reserved form` } : undefined)
  );
}

function objectsIn(bucket: CloudResource, context: TypeContext): readonly CloudResource[] {
  return context.find(objectType, { input: "bucket", value: bucket.id });
}

const bucket = awsType({
  type: bucketType,
  taggable: true,
  autoName: { property: "bucket", maxLength: 63 },
  defaults: { forceDestroy: false },
  validate: (inputs) => failures(validBucketName(inputs)),
  id: (inputs) => String(inputs["bucket"]),
  outputs: bucketOutputs,
  computed: ["arn", "bucketDomainName", "bucketRegionalDomainName", "hostedZoneId", "bucketRegion", "requestPayer"],
  replaceOn: ["bucket", "bucketPrefix", "objectLockEnabled", "bucketNamespace"],
  unique: {
    properties: ["bucket"],
    scope: "everywhere",
    error: (inputs) =>
      `BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by all users ` +
      `of the system. Bucket: ${String(inputs["bucket"])}`,
  },
  inUse: (resource, context) =>
    resource.inputs["forceDestroy"] !== true && objectsIn(resource, context).length > 0
      ? "BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket."
      : undefined,
  cascade: objectsIn,
  fidelity: "names, ARNs and global uniqueness as in S3",
});

/** A part of a bucket's configuration: one per bucket, written over whatever was there. */
function configuration(name: string, fidelity: string, more: Partial<TypeSpec> = {}): TypeSpec {
  const check = more.validate;
  return awsType({
    type: `aws:s3/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    id: (inputs) => String(inputs["bucket"]),
    references: { bucket: bucketType },
    replaceOn: ["bucket", "expectedBucketOwner"],
    fidelity,
    ...more,
    validate: (inputs, context) => failures(required(inputs, "bucket"), check?.(inputs, context)),
  });
}

function validVersioning(inputs: Properties): Failure[] {
  const settings = block(inputs["versioningConfiguration"]);
  return failures(
    required(inputs, "versioningConfiguration"),
    oneOf(settings, "status", ["Enabled", "Suspended", "Disabled"]),
    oneOf(settings, "mfaDelete", ["Enabled", "Disabled"]),
  );
}

function validEncryption(inputs: Properties): Failure[] {
  return list(inputs["rules"]).flatMap((rule) => {
    const settings = block(block(rule)["applyServerSideEncryptionByDefault"]);
    const needsKms = settings["kmsMasterKeyId"] !== undefined && settings["sseAlgorithm"] === "AES256";
    return failures(
      oneOf(settings, "sseAlgorithm", ["AES256", "aws:kms", "aws:kms:dsse"]),
      needsKms
        ? { property: "rules", reason: "InvalidArgument: a KMS key applies only with sseAlgorithm aws:kms" }
        : undefined,
    );
  });
}

function validLifecycle(inputs: Properties): Failure[] {
  const rules = list(inputs["rules"]).map(block);
  const ids = rules.map((rule) => text(rule["id"])).filter((id) => id !== undefined);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  const fail = (reason: string): Failure => ({ property: "rules", reason });
  return failures(
    twice === undefined
      ? undefined
      : fail(`InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: ${twice}`),
    rules.flatMap((rule) => oneOf(rule, "status", ["Enabled", "Disabled"]) ?? []),
    rules
      .filter((rule) => !lifecycleActions.some((action) => rule[action] !== undefined))
      .map(() => fail("MalformedXML: a lifecycle rule needs at least one action")),
  );
}

const lifecycleActions = [
  "expiration",
  "noncurrentVersionExpiration",
  "transitions",
  "noncurrentVersionTransitions",
  "abortIncompleteMultipartUpload",
];

export const s3Types: readonly TypeSpec[] = [
  bucket,
  configuration("bucketVersioning", "states checked; there are no object versions", { validate: validVersioning }),
  configuration("bucketServerSideEncryptionConfiguration", "algorithm and key checked; nothing is encrypted", {
    validate: validEncryption,
  }),
  configuration("bucketPublicAccessBlock", "kept as set; no request is ever public", {
    defaults: {
      blockPublicAcls: false,
      blockPublicPolicy: false,
      ignorePublicAcls: false,
      restrictPublicBuckets: false,
    },
    replaceOn: ["bucket"],
  }),
  configuration("bucketOwnershipControls", "values checked", {
    replaceOn: ["bucket"],
    validate: (inputs) =>
      failures(
        oneOf(block(inputs["rule"]), "objectOwnership", [
          "BucketOwnerEnforced",
          "BucketOwnerPreferred",
          "ObjectWriter",
        ]),
      ),
  }),
  configuration("bucketPolicy", "document parsed and checked; access is not evaluated", {
    replaceOn: ["bucket"],
    validate: (inputs) => failures(required(inputs, "policy"), checkPolicy(inputs, "policy", bucketPolicy)),
  }),
  configuration("bucketLifecycleConfiguration", "rules checked; nothing expires", {
    defaults: { transitionDefaultMinimumObjectSize: "all_storage_classes_128K" },
    validate: validLifecycle,
  }),
  configuration("bucketLogging", "target bucket must exist; no logs are written", {
    references: { bucket: bucketType, targetBucket: bucketType },
  }),
];

import type { Statement } from "../../shared/iam.ts";
import { partitionOf } from "../../shared/naming.ts";
import { type Place, environmentPrefix, regionalArn } from "../names.ts";

/** ARN of the buckets of an environment. Bucket names say nothing about accounts, so statements on them ask for the account as well. */
export function bucketArn(place: Place, name = "*"): string {
  return `arn:${partitionOf(place.region)}:s3:::${environmentPrefix(place)}${name}`;
}

export function inAccount({ account }: Pick<Place, "account">) {
  return { StringEquals: { "aws:ResourceAccount": account } };
}

const bucketSettings = [
  "AccelerateConfiguration",
  "BucketAcl",
  "BucketCORS",
  "BucketLogging",
  "BucketNotification",
  "BucketObjectLockConfiguration",
  "BucketOwnershipControls",
  "BucketPolicy",
  "BucketPublicAccessBlock",
  "BucketRequestPayment",
  "BucketTagging",
  "BucketVersioning",
  "BucketWebsite",
  "EncryptionConfiguration",
  "LifecycleConfiguration",
  "ReplicationConfiguration",
];
const changedSettings = [
  "BucketLogging",
  "BucketNotification",
  "BucketOwnershipControls",
  "BucketPolicy",
  "BucketPublicAccessBlock",
  "BucketTagging",
  "BucketVersioning",
  "EncryptionConfiguration",
  "LifecycleConfiguration",
];

/** Settings of the buckets of a place, and nothing of what is in them. */
export function readBuckets(place: Place, buckets = [bucketArn(place)]): Statement {
  return {
    sid: "ReadBuckets",
    actions: ["s3:ListBucket", "s3:GetBucketLocation", ...bucketSettings.map((setting) => `s3:Get${setting}`)],
    resources: buckets,
    conditions: inAccount(place),
  };
}

/** Buckets of a place and their settings. */
export function changeBuckets(place: Place, buckets = [bucketArn(place)]): Statement {
  return {
    sid: "ChangeBuckets",
    actions: [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      ...changedSettings.map((setting) => `s3:Put${setting}`),
    ],
    resources: buckets,
    conditions: inAccount(place),
  };
}

/** Code of functions and jobs, which the program uploads. */
export function uploadCode(place: Place): Statement {
  return {
    sid: "UploadCode",
    actions: [
      "s3:GetObject",
      "s3:GetObjectTagging",
      "s3:PutObject",
      "s3:PutObjectTagging",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
    ],
    resources: [bucketArn(place, "code-bucket-*/*"), bucketArn(place, "model-bucket-*/code/*")],
    conditions: inAccount(place),
  };
}

/** The sample that a verification sends through the pipeline, and what became of it: a folder of its own in every bucket. */
export function verifyData(place: Place): Statement {
  return {
    sid: "VerifyData",
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    resources: ["raw", "processed", "quarantine"].map((role) => bucketArn(place, `${role}-bucket-*/verification/*`)),
    conditions: inAccount(place),
  };
}

/** Where an environment may be torn down, its buckets are emptied first. */
export function emptyBuckets(place: Place): Statement {
  return {
    sid: "EmptyBuckets",
    actions: ["s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"],
    resources: [bucketArn(place), bucketArn(place, "*/*")],
    conditions: inAccount(place),
  };
}

const keyReading = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"];

const keyChanging = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:CreateGrant",
  "kms:DeleteAlias",
  "kms:EnableKeyRotation",
  "kms:PutKeyPolicy",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
];

/** Keys of a place, without what they open. */
export function readKeys(place: Place): Statement[] {
  return [
    { sid: "ReadKeys", actions: keyReading, resources: [regionalArn(place, "kms", "key/*")] },
    {
      sid: "ListAliases",
      actions: ["kms:ListAliases"],
      resources: ["*"],
      wildcardReason: "the list of aliases has no resource",
    },
  ];
}

/** Keys that carry the environment's tag, and their aliases. */
export function changeKeys(place: Place): Statement[] {
  const keys = [regionalArn(place, "kms", "key/*")];
  const tagged = (kind: "RequestTag" | "ResourceTag") => ({
    StringEquals: { [`aws:${kind}/project`]: "slipway", [`aws:${kind}/environment`]: place.environment },
  });
  return [
    {
      sid: "MakeKeys",
      // A key that is made with tags asks for the right to tag before there is anything to ask about.
      actions: ["kms:CreateKey", "kms:TagResource"],
      resources: ["*"],
      wildcardReason: "a key has no ARN before it is made; it must get the environment's tags",
      conditions: tagged("RequestTag"),
    },
    {
      sid: "ChangeKeys",
      actions: keyChanging,
      resources: keys,
      conditions: tagged("ResourceTag"),
    },
    {
      sid: "UseKeysInS3",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: keys,
      conditions: {
        StringEquals: {
          "aws:ResourceTag/environment": place.environment,
          "kms:ViaService": [`s3.${place.region}.amazonaws.com`],
        },
      },
    },
    {
      sid: "NameKeys",
      actions: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
      resources: [regionalArn(place, "kms", `alias/slipway/${place.environment}/*`)],
    },
  ];
}

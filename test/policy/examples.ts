import { UNKNOWN, type Subject } from "../../policy/model.ts";
import { requiredTags } from "../../policy/predicates/tags.ts";
import { subject } from "./subjects.ts";

/** For each rule: resources that keep to it, and resources of which one does not, with the property that is wrong. */
export interface Example {
  good: readonly Subject[];
  bad: readonly Subject[];
  property: string;
}

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (more: object) => ({
  Sid: "Some",
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: ["arn:x"],
  ...more,
});
const rolePolicy = (statement: object) =>
  subject("aws:iam/rolePolicy:RolePolicy", { policy: policy(allow(statement)) });
const bucketPolicy = (...statements: object[]) =>
  subject("aws:s3/bucketPolicy:BucketPolicy", { policy: policy(...statements) });
const tls = { Effect: "Deny", Principal: "*", Action: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } };

/** The same type with good and with bad inputs. */
const pair = (
  type: string,
  good: Record<string, unknown>,
  bad: Record<string, unknown>,
  property: string,
): Example => ({
  good: [subject(type, good)],
  bad: [subject(type, bad)],
  property,
});

const identity: Record<string, Example> = {
  "iam-wildcard-action": {
    good: [
      rolePolicy({}),
      rolePolicy({ Effect: "Deny", Action: "s3:*" }),
      subject("aws:kms/key:Key", {
        policy: policy(
          allow({ Principal: { AWS: ["arn:aws:iam::111111111111:root"] }, Action: "kms:*", Resource: "*" }),
        ),
      }),
    ],
    bad: [rolePolicy({ Action: ["s3:GetObject", "dynamodb:*"] })],
    property: "policy.Statement[0]",
  },
  "iam-wildcard-resource": {
    good: [
      rolePolicy({ Action: ["ecr:GetAuthorizationToken"], Resource: "*" }),
      rolePolicy({ Resource: "*", Condition: { StringEquals: { "aws:RequestTag/project": "slipway" } } }),
    ],
    bad: [rolePolicy({ Resource: "*" })],
    property: "policy.Statement[0]",
  },
  "iam-public-principal": {
    good: [bucketPolicy(tls, allow({ Principal: { AWS: "arn:aws:iam::111111111111:root" } }))],
    bad: [bucketPolicy(tls, allow({ Principal: "*" }))],
    property: "policy.Statement[1]",
  },
  "iam-boundary": pair("aws:iam/role:Role", { permissionsBoundary: "arn:b" }, {}, "permissionsBoundary"),
};

const encryption: Record<string, Example> = {
  "sns-encrypted": pair("aws:sns/topic:Topic", { kmsMasterKeyId: UNKNOWN }, {}, "kmsMasterKeyId"),
  "sqs-encrypted": pair("aws:sqs/queue:Queue", { kmsMasterKeyId: "k" }, { kmsMasterKeyId: "" }, "kmsMasterKeyId"),
  "secret-encrypted": pair("aws:secretsmanager/secret:Secret", { kmsKeyId: "k" }, {}, "kmsKeyId"),
  "log-group-encrypted": pair("aws:cloudwatch/logGroup:LogGroup", { kmsKeyId: "k" }, {}, "kmsKeyId"),
  "kms-rotation": pair("aws:kms/key:Key", { enableKeyRotation: true }, {}, "enableKeyRotation"),
  "ebs-encrypted": pair(
    "aws:ec2/launchTemplate:LaunchTemplate",
    { blockDeviceMappings: [{ ebs: { encrypted: "true" } }], metadataOptions: { httpTokens: "required" } },
    { blockDeviceMappings: [{ ebs: { encrypted: "false" } }], metadataOptions: { httpTokens: "required" } },
    "blockDeviceMappings.0.ebs.encrypted",
  ),
};

const bucket = subject("aws:s3/bucket:Bucket", {}, { protect: true });
const beside = (type: string) => subject(`aws:s3/${type}`, {}, { dependsOn: [bucket.urn] });
const whole = [
  "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "bucketPublicAccessBlock:BucketPublicAccessBlock",
  "bucketPolicy:BucketPolicy",
  "bucketVersioning:BucketVersioning",
].map(beside);
const closed = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const image = {
  imageTagMutability: "IMMUTABLE",
  imageScanningConfiguration: { scanOnPush: true },
  encryptionConfigurations: [{ encryptionType: "KMS" }],
};
const sse = (sseAlgorithm: string) => ({ rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm } }] });

const storage: Record<string, Example> = {
  "s3-encrypted": pair(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    sse("aws:kms"),
    sse("AES256"),
    "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm",
  ),
  "s3-public-access": pair(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    closed,
    { ...closed, blockPublicPolicy: false },
    "blockPublicPolicy",
  ),
  "s3-complete": { good: [bucket, ...whole], bad: [bucket, ...whole.slice(1)], property: "bucket" },
  "tls-only": { good: [bucketPolicy(tls)], bad: [bucketPolicy(allow({}))], property: "policy" },
  "ecr-immutable": pair(
    "aws:ecr/repository:Repository",
    image,
    { ...image, imageTagMutability: "MUTABLE" },
    "imageTagMutability",
  ),
  "no-force-delete": {
    good: [bucket, subject("aws:s3/bucket:Bucket", { forceDestroy: true }, { stack: "dev" })],
    bad: [subject("aws:s3/bucket:Bucket", { forceDestroy: true }, { stack: "operations" })],
    property: "forceDestroy",
  },
};

const glue = (bookmarks: string) => ({
  encryptionConfiguration: {
    s3Encryption: { s3EncryptionMode: "SSE-KMS" },
    cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS" },
    jobBookmarksEncryption: { jobBookmarksEncryptionMode: bookmarks },
  },
});
const athena = (enforceWorkgroupConfiguration: boolean) => ({
  configuration: {
    enforceWorkgroupConfiguration,
    resultConfiguration: { encryptionConfiguration: { encryptionOption: "SSE_KMS" } },
  },
});

const data: Record<string, Example> = {
  "glue-job-encrypted": pair("aws:glue/job:Job", { securityConfiguration: "s" }, {}, "securityConfiguration"),
  "glue-security-complete": pair(
    "aws:glue/securityConfiguration:SecurityConfiguration",
    glue("CSE-KMS"),
    glue("DISABLED"),
    "encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode",
  ),
  "glue-job-timeout": pair("aws:glue/job:Job", { timeout: 60 }, { timeout: 2880 }, "timeout"),
  "athena-workgroup": pair(
    "aws:athena/workgroup:Workgroup",
    athena(true),
    athena(false),
    "configuration.enforceWorkgroupConfiguration",
  ),
};

const protection: Record<string, Example> = {
  "protect-stateful": {
    good: [bucket, subject("aws:s3/bucket:Bucket", {}, { stack: "dev" })],
    bad: [subject("aws:s3/bucket:Bucket", {}, { stack: "operations" })],
    property: "protect",
  },
  "deletion-protection": pair("aws:eks/cluster:Cluster", { deletionProtection: true }, {}, "deletionProtection"),
  "kms-deletion-window": pair(
    "aws:kms/key:Key",
    { deletionWindowInDays: 30 },
    { deletionWindowInDays: 7 },
    "deletionWindowInDays",
  ),
  "required-tags": pair(
    "pulumi:providers:aws",
    { defaultTags: JSON.stringify({ tags: Object.fromEntries(requiredTags.map((tag) => [tag, "x"])) }) },
    { defaultTags: { tags: Object.fromEntries(requiredTags.slice(1).map((tag) => [tag, "x"])) } },
    "defaultTags.tags.owner",
  ),
  "provider-account": pair("pulumi:providers:aws", { allowedAccountIds: '["111111111111"]' }, {}, "allowedAccountIds"),
};

/** Examples by rule. */
export const staticExamples: Readonly<Record<string, Example>> = {
  ...identity,
  ...encryption,
  ...storage,
  ...data,
  ...protection,
};
export { pair };

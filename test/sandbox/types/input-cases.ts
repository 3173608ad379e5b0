import type { Properties } from "../../../sandbox/types/type-spec.ts";

/** Inputs a service takes, and inputs it refuses with the property it names. */
export interface InputCases {
  valid: Properties[];
  invalid: [property: string, inputs: Properties][];
}

const statement = (more: object) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...more });
const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const trust = document({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } });
const keyPolicy = document(statement({ Action: "kms:*", Principal: { AWS: "arn:aws:iam::111111111111:root" } }));
const tag = { key: "gone", value: "true" };
const tagged = {
  ...{ id: "tagged", status: "Enabled", expiration: { days: 7 } },
  noncurrentVersionExpiration: { noncurrentDays: 7 },
};
const lifecycle = (rule: object) => JSON.stringify({ rules: [rule] });
const untagged = {
  rulePriority: 1,
  selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
  action: { type: "expire" },
};
const unknown = Symbol.for("slipway:unknown");

/** Storage, keys, identities and images. */
export const storageCases: Readonly<Record<string, InputCases>> = {
  "aws:s3/bucket:Bucket": {
    valid: [{ bucket: "slipway-artifacts-111111111111" }, { bucket: "a.b" }, { bucket: unknown }],
    invalid: [
      ["bucket", { bucket: "Upper" }],
      ["bucket", { bucket: "ab" }],
      ["bucket", { bucket: "192.168.0.1" }],
      ["bucket", { bucket: "a..b" }],
      ["tags", { bucket: "fine", tags: { "aws:own": "x" } }],
    ],
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    valid: [
      { bucket: "b", policy: document(statement({ Principal: "*" })) },
      { bucket: "b", policy: unknown },
    ],
    invalid: [
      ["policy", { bucket: "b", policy: "{" }],
      ["policy", { bucket: "b", policy: document(statement({})) }],
      ["policy", { bucket: "b", policy: document(statement({ Principal: "*", Effect: "Permit" })) }],
      ["policy", { bucket: "b" }],
    ],
  },
  "aws:s3/bucketVersioning:BucketVersioning": {
    valid: [{ bucket: "b", versioningConfiguration: { status: "Enabled" } }],
    invalid: [["status", { bucket: "b", versioningConfiguration: { status: "On" } }]],
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    valid: [
      { bucket: "b", rules: [{ id: "a", status: "Enabled", expiration: { days: 1 } }] },
      { bucket: "b", rules: [{ ...tagged, filter: { tag } }] },
      { bucket: "b", rules: [{ ...tagged, filter: { and: { prefix: "p/", tags: { gone: "true" } } } }] },
    ],
    invalid: [
      ["rules", { bucket: "b", rules: [{ id: "a", status: "Enabled" }] }],
      ["rules", { bucket: "b", rules: ["a", "a"].map((id) => ({ id, status: "Enabled", expiration: { days: 1 } })) }],
    ],
  },
  "aws:kms/key:Key": {
    valid: [
      {},
      { policy: keyPolicy, deletionWindowInDays: 7 },
      { policy: document(statement({ Principal: "*" })), bypassPolicyLockoutSafetyCheck: true },
    ],
    invalid: [
      ["deletionWindowInDays", { deletionWindowInDays: 5 }],
      ["policy", { policy: document(statement({ Principal: "*", Action: "kms:Decrypt" })) }],
    ],
  },
  "aws:kms/alias:Alias": {
    valid: [{ name: "alias/slipway/dev", targetKeyId: "k" }],
    invalid: [
      ["name", { name: "slipway", targetKeyId: "k" }],
      ["name", { name: "alias/aws/s3", targetKeyId: "k" }],
    ],
  },
  "aws:iam/role:Role": {
    valid: [{ name: "deploy", assumeRolePolicy: trust }],
    invalid: [
      ["assumeRolePolicy", { name: "deploy" }],
      ["assumeRolePolicy", { assumeRolePolicy: document(statement({ Principal: "*", Action: "sts:AssumeRole" })) }],
      ["assumeRolePolicy", { assumeRolePolicy: document({ Effect: "Allow", Action: "s3:GetObject", Principal: "*" }) }],
      ["name", { name: "x".repeat(65), assumeRolePolicy: trust }],
      ["maxSessionDuration", { assumeRolePolicy: trust, maxSessionDuration: 60 }],
    ],
  },
  "aws:iam/policy:Policy": {
    valid: [{ policy: document(statement({ Sid: "Read" })) }],
    invalid: [
      ["policy", { policy: document(statement({ Principal: "*" })) }],
      ["policy", { policy: document(statement({ Sid: "with space" })) }],
      ["policy", { policy: document(statement({ Sid: "A" }), statement({ Sid: "A" })) }],
      ["policy", { policy: document(statement({ Action: "GetObject" })) }],
      ["policy", { policy: JSON.stringify({ Statement: [statement({})] }) }],
      ["policy", { policy: document(statement({ Resource: `arn:aws:s3:::${"x".repeat(6_200)}` })) }],
    ],
  },
  "aws:ecr/repository:Repository": {
    valid: [{ name: "slipway/api", imageTagMutability: "IMMUTABLE" }],
    invalid: [
      ["name", { name: "Slipway" }],
      ["name", { name: "slipway//api" }],
      ["imageTagMutability", { name: "slipway/api", imageTagMutability: "FROZEN" }],
    ],
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    valid: [{ repository: "r", policy: lifecycle(untagged) }],
    invalid: [
      ["policy", { repository: "r", policy: lifecycle({ ...untagged, rulePriority: 0 }) }],
      [
        "policy",
        {
          repository: "r",
          policy: lifecycle({ ...untagged, selection: { ...untagged.selection, tagStatus: "tagged" } }),
        },
      ],
      ["policy", { repository: "r", policy: JSON.stringify({ rules: [untagged, untagged] }) }],
      ["policy", { repository: "r", policy: "[]" }],
    ],
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    valid: [{ repository: "r", policy: document({ Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" }) }],
    invalid: [
      ["policy", { repository: "r", policy: document(statement({ Principal: "*", Action: "ecr:BatchGetImage" })) }],
    ],
  },
};

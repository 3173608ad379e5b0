import { at, isOn, isGuarded, UNKNOWN, unless, type ResourceRule, type StackRule } from "../model.ts";
import { deniesPlainHttp, statementsOf } from "../predicates/statements.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const closed = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** What every bucket needs beside itself, as the resource that says it. */
const companions: readonly (readonly [type: string, what: string])[] = [
  [ENCRYPTION, "encryption"],
  [ACCESS, "a block of public access"],
  [POLICY, "a policy"],
  ["aws:s3/bucketVersioning:BucketVersioning", "versioning"],
];

/** Buckets, topics, queues and images. */
export const storageRules: readonly (ResourceRule | StackRule)[] = [
  {
    id: "s3-encrypted",
    level: "mandatory",
    title: "buckets are encrypted with a key of the account",
    why: "S3's own key opens to everybody who may read the bucket; a key of the account is a second lock, with a log",
    fix: 'set sseAlgorithm: "aws:kms" and kmsMasterKeyId, as components/shared/secure-bucket.ts does',
    types: [ENCRYPTION],
    check(subject) {
      const rule = "rules.0.applyServerSideEncryptionByDefault";
      const byKey = (value: unknown) => value === "aws:kms" || value === "aws:kms:dsse";
      return unless(subject, `${rule}.sseAlgorithm`, byKey, "not encrypted with a key of the account");
    },
  },
  {
    id: "s3-public-access",
    level: "mandatory",
    title: "buckets are closed to the public in all four ways",
    why: "one ACL or policy that is written later would open what lies there already",
    fix: `set ${closed.join(", ")} to true`,
    types: [ACCESS],
    check: (subject) => closed.flatMap((switchName) => unless(subject, switchName, isOn, "is off")),
  },
  {
    id: "s3-complete",
    level: "mandatory",
    title: "no bucket without encryption, block of public access, versioning and policy",
    why: "each of them is a resource of its own in Pulumi, and easily forgotten",
    fix: "make buckets with SecureBucket of components/shared, which brings all four",
    checkStack(subjects) {
      return subjects
        .filter(({ type }) => type === BUCKET)
        .flatMap(({ urn }) =>
          companions
            .filter(([type]) => !subjects.some((each) => each.type === type && each.dependsOn.includes(urn)))
            .map(([, what]) => ({ urn, property: "bucket", message: `the bucket has not got ${what}` })),
        );
    },
  },
  {
    id: "tls-only",
    level: "mandatory",
    title: "buckets, topics and queues refuse plain HTTP",
    why: "credentials and data of whoever forgets the s in https can be read on the way",
    fix: "add plainHttpDenied() of components/shared/iam.ts to the policy",
    types: [POLICY, "aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queuePolicy:QueuePolicy"],
    check({ props }) {
      const policy = at(props, "policy");
      if (policy === UNKNOWN || deniesPlainHttp(statementsOf(policy))) return [];
      return [{ property: "policy", message: "nothing denies requests without TLS" }];
    },
  },
  {
    id: "ecr-immutable",
    level: "mandatory",
    title: "image tags never move, and images are scanned and encrypted",
    why: "a tag that moves makes two deployments of one release run different code",
    fix: 'set imageTagMutability: "IMMUTABLE", imageScanningConfiguration.scanOnPush: true and encryptionType: "KMS"',
    types: ["aws:ecr/repository:Repository"],
    check: (subject) => [
      ...unless(subject, "imageTagMutability", (value) => value === "IMMUTABLE", "tags can be moved"),
      ...unless(subject, "imageScanningConfiguration.scanOnPush", isOn, "images are not scanned"),
      ...unless(subject, "encryptionConfigurations.0.encryptionType", (value) => value === "KMS", "no key is used"),
    ],
  },
  {
    id: "no-force-delete",
    level: "mandatory",
    title: "production and operations delete nothing that is not empty",
    why: "one wrong line would take data or images along with their container",
    fix: "leave forceDestroy and forceDelete off, as `removal: retain` does",
    types: [BUCKET, "aws:ecr/repository:Repository", "aws:athena/workgroup:Workgroup"],
    check: (subject) =>
      isGuarded(subject)
        ? ["forceDestroy", "forceDelete"].flatMap((property) =>
            unless(subject, property, (value) => value !== true, "deletes with everything inside"),
          )
        : [],
  },
];

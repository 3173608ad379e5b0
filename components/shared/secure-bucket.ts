import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "./component.ts";
import { type Statement, plainHttpDenied, policyDocument } from "./iam.ts";
import { type AgeingRule, lifecycleRules, validateAgeing } from "./lifecycle.ts";
import { type Removal, protectionOf } from "./protection.ts";
import { type Transform, transform } from "./transform.ts";
import { assertValid, problem } from "./validation.ts";

export interface SecureBucketArgs {
  /** Physical name; other accounts and tools have to know it. */
  bucket: string;
  /** Defaults to the keys of S3 itself, the only ones that access logs can be delivered under. */
  keyArn?: pulumi.Input<string>;
  /** Days after which superseded versions go. Defaults to 90. */
  keepVersionsDays?: number;
  /** Who besides the account itself may read. Defaults to nobody. */
  readers?: readonly string[];
  /** Statements of the bucket's policy beside its own, e.g. for a service that writes. Defaults to none. */
  statements?: readonly Statement[];
  /** What becomes of objects as they age. Defaults to nothing: current objects stay. */
  ageing?: readonly AgeingRule[];
  /** Where S3 writes who asked for what. Defaults to nowhere. */
  accessLogs?: { bucket: pulumi.Input<string>; prefix: string };
  /** Send an event to EventBridge for every change of an object. Defaults to false. */
  events?: boolean;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { bucket?: Transform<aws.s3.BucketArgs>; lifecycle?: Transform<aws.s3.BucketLifecycleConfigurationArgs> };
}

/** Problems of the arguments, one line each. */
export function validateSecureBucket(args: Pick<SecureBucketArgs, "bucket" | "keepVersionsDays" | "ageing">): string[] {
  const problems: string[] = [];
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(args.bucket)) {
    problems.push(problem("bucket", args.bucket, "3 to 63 lower-case letters, digits, dots and dashes", "Rename it."));
  }
  const days = args.keepVersionsDays ?? 90;
  if (!Number.isInteger(days) || days < 1) {
    problems.push(problem("keepVersionsDays", days, "a whole number of days, at least 1", "Raise it."));
  }
  return [...problems, ...validateAgeing(args.ageing ?? [])];
}

/** Statements of the bucket's policy: no plain HTTP for anyone, and reading for exactly the accounts named. */
export function bucketStatements(arn: pulumi.Input<string>, readers: readonly string[] = []): Statement[] {
  const objects = pulumi.interpolate`${arn}/*`;
  const tlsOnly = plainHttpDenied(["s3:*"], [arn, objects]);
  if (readers.length === 0) return [tlsOnly];
  const principals = { AWS: readers };
  return [
    tlsOnly,
    { sid: "ReadByEnvironments", principals, actions: ["s3:GetObject", "s3:GetObjectVersion"], resources: [objects] },
    { sid: "ListByEnvironments", principals, actions: ["s3:ListBucket", "s3:GetBucketLocation"], resources: [arn] },
  ];
}

/** A versioned bucket under its own key that no one reaches without TLS, from outside, or by an ACL. */
export class SecureBucket extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: SecureBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("SecureBucket", name, opts);
    assertValid(this, name, validateSecureBucket(args));
    const removal = args.removal ?? "retain";
    const bucket = new aws.s3.Bucket(
      ...transform(
        args.transform?.bucket,
        `${name}-bucket`,
        { bucket: args.bucket, forceDestroy: removal === "destroy" },
        childOf(this, protectionOf("data", removal)),
      ),
    );
    this.protectContent(name, bucket, args.keyArn);
    this.manageVersions(name, bucket, args);
    this.restrictAccess(name, bucket, args);
    this.report(name, bucket, args);
    this.name = bucket.bucket;
    this.arn = bucket.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }

  private protectContent(name: string, bucket: aws.s3.Bucket, keyArn: SecureBucketArgs["keyArn"]): void {
    const rule: aws.types.input.s3.BucketServerSideEncryptionConfigurationRule =
      keyArn === undefined
        ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
        : {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
            // One data key per bucket instead of one KMS call per object.
            bucketKeyEnabled: true,
          };
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { bucket: bucket.bucket, rules: [rule] },
      childOf(this),
    );
  }

  private manageVersions(name: string, bucket: aws.s3.Bucket, args: SecureBucketArgs): void {
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
      childOf(this),
    );
    new aws.s3.BucketLifecycleConfiguration(
      ...transform(
        args.transform?.lifecycle,
        `${name}-lifecycle`,
        { bucket: bucket.bucket, rules: lifecycleRules(args.keepVersionsDays ?? 90, args.ageing) },
        // Rules about old versions are refused while versioning is still off.
        childOf(this, { dependsOn: [versioning] }),
      ),
    );
  }

  private restrictAccess(name: string, bucket: aws.s3.Bucket, args: SecureBucketArgs): void {
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      childOf(this),
    );
    const block = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      childOf(this),
    );
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      {
        bucket: bucket.bucket,
        policy: policyDocument([...bucketStatements(bucket.arn, args.readers), ...(args.statements ?? [])]),
      },
      // S3 answers 409 when both are written at once.
      childOf(this, { dependsOn: [block] }),
    );
  }

  private report(name: string, bucket: aws.s3.Bucket, { accessLogs, events = false }: SecureBucketArgs): void {
    if (accessLogs !== undefined) {
      new aws.s3.BucketLogging(
        `${name}-logging`,
        { bucket: bucket.bucket, targetBucket: accessLogs.bucket, targetPrefix: accessLogs.prefix },
        childOf(this),
      );
    }
    if (events) {
      new aws.s3.BucketNotification(`${name}-events`, { bucket: bucket.bucket, eventbridge: true }, childOf(this));
    }
  }
}

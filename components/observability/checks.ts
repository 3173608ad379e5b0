import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../data/roles.ts";
import { type DataScope, arnOf } from "../data/state-machine/names.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { EncryptionKey, usedByLogs } from "../shared/encryption-key.ts";
import type { Statement } from "../shared/iam.ts";
import { logGroup } from "../shared/log-group.ts";
import { bucketName, partitionOf } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";
import { SecureBucket } from "../shared/secure-bucket.ts";
import { canaryLogGroup, canaryName, observabilityName } from "./names.ts";

export interface HttpChecksArgs extends DataScope {
  everyMinutes: number;
  /** Addresses by name. */
  urls: Readonly<Record<string, pulumi.Input<string>>>;
  /** What asks them: a file of the release, and the digest of its content. */
  script: { path: string; digest: string };
  /** ARN of the topic that is told. */
  topic: pulumi.Input<string>;
  lifetimes: { logRetentionDays: number; keyDeletionDays: number; removal: Removal };
}

/** Python with urllib and nothing else is asked of it: each version of it has that. */
const runtimeVersion = "syn-python-selenium-14.0";
const resultsPrefix = "results";

/** What the canary may do: leave results and logs, and count. It cannot make its log group, so that the program's one is the only one. */
export function canaryStatements(
  scope: DataScope,
  { bucketArn, keyArn }: { bucketArn: pulumi.Input<string>; keyArn: pulumi.Input<string> },
): Statement[] {
  const streams = arnOf(scope, "logs", `log-group:/aws/lambda/cwsyn-${canaryName(scope.environment)}-*`);
  return [
    {
      sid: "LeaveResults",
      actions: ["s3:PutObject"],
      resources: [pulumi.interpolate`${bucketArn}/${resultsPrefix}/*`],
    },
    { sid: "FindBucket", actions: ["s3:GetBucketLocation"], resources: [bucketArn] },
    {
      sid: "LookForBucket",
      actions: ["s3:ListAllMyBuckets"],
      resources: ["*"],
      wildcardReason: "the list of buckets has no resource; Synthetics' own library asks for it",
    },
    { sid: "EncryptResults", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [keyArn] },
    {
      sid: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [streams],
      wildcardReason: "Synthetics puts an id behind the name of the canary, and streams are named by Lambda",
    },
    {
      sid: "CountResults",
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      wildcardReason: "metrics have no ARN; the namespace is the limit",
      conditions: { StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" } },
    },
  ];
}

/** Asks addresses from outside, as users would, and rings when two of three rounds went wrong. */
export class HttpChecks extends SlipwayComponent {
  /** Name of the canary. */
  readonly canary: pulumi.Output<string>;
  readonly alarm: aws.cloudwatch.MetricAlarm;

  constructor(name: string, args: HttpChecksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("HttpChecks", name, opts);
    const { bucket, keyArn } = this.addGround(name, args);
    const canary = this.addCanary(name, args, bucket, keyArn);
    this.canary = canary.name;
    this.alarm = this.addAlarm(name, args, canary);
    const { logRetentionDays: retentionDays, removal } = args.lifetimes;
    const group = canary.engineArn.apply(canaryLogGroup);
    logGroup(`${name}-logs`, { name: group, keyArn, retentionDays, removal }, this);
    this.registerOutputs({ canary: this.canary });
  }

  /** Where the script is and results go, under a key of their own. */
  private addGround(name: string, args: HttpChecksArgs) {
    const { environment, account, region, lifetimes } = args;
    const { keyDeletionDays: deletionDays, removal } = lifetimes;
    const { arn: keyArn } = new EncryptionKey(
      `${name}-encryption`,
      {
        ...{ environment, account, region, deletionDays, removal },
        purpose: "checks",
        statements: [usedByLogs(account, region, partitionOf(region))],
      },
      childOf(this),
    );
    const bucket = new SecureBucket(
      `${name}-bucket`,
      {
        bucket: bucketName(`${environment}-checks-bucket`, account, region),
        keyArn,
        // What went wrong a month ago is in no result any more that somebody would open.
        ageing: [{ id: "results", prefix: `${resultsPrefix}/`, expireDays: 30 }],
        removal,
      },
      childOf(this),
    );
    return { bucket, keyArn };
  }

  private addCanary(
    name: string,
    args: HttpChecksArgs,
    bucket: SecureBucket,
    keyArn: pulumi.Output<string>,
  ): aws.synthetics.Canary {
    const { environment, account, everyMinutes, urls, script } = args;
    const { role, policy } = serviceRole(this, name, {
      service: "lambda.amazonaws.com",
      account,
      statements: canaryStatements(args, { bucketArn: bucket.arn, keyArn }),
    });
    const code = this.addScript(name, script, bucket);
    return new aws.synthetics.Canary(
      `${name}-canary`,
      {
        name: canaryName(environment),
        runtimeVersion,
        handler: "check.handler",
        s3Bucket: code.bucket,
        s3Key: code.key,
        artifactS3Location: pulumi.interpolate`s3://${bucket.name}/${resultsPrefix}`,
        artifactConfig: { s3Encryption: { encryptionMode: "SSE_KMS", kmsKeyArn: keyArn } },
        kmsKeyArn: keyArn,
        executionRoleArn: role.arn,
        schedule: { expression: `rate(${everyMinutes} minute${everyMinutes === 1 ? "" : "s"})` },
        runConfig: { timeoutInSeconds: 60, environmentVariables: { TARGETS: pulumi.jsonStringify(urls) } },
        successRetentionPeriod: 30,
        failureRetentionPeriod: 30,
        startCanary: true,
        deleteLambda: true,
      },
      childOf(this, { dependsOn: [policy] }),
    );
  }

  private addScript(name: string, { path, digest }: HttpChecksArgs["script"], bucket: SecureBucket) {
    return new aws.s3.BucketObjectv2(
      `${name}-script`,
      {
        bucket: bucket.name,
        key: `scripts/${digest.replace("sha256:", "")}.zip`,
        source: new pulumi.asset.AssetArchive({ "python/check.py": new pulumi.asset.FileAsset(path) }),
        contentType: "application/zip",
      },
      // Objects that arrive before the bucket is set up would be neither versioned nor under the key.
      childOf(this, { dependsOn: [bucket] }),
    );
  }

  private addAlarm(name: string, args: HttpChecksArgs, canary: aws.synthetics.Canary): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${name}-failed`,
      {
        name: observabilityName(args.environment, "http-failed"),
        alarmDescription: "An address did not answer as it should when it was asked from outside",
        namespace: "CloudWatchSynthetics",
        metricName: "SuccessPercent",
        dimensions: { CanaryName: canary.name },
        statistic: "Average",
        period: args.everyMinutes * 60,
        // One answer may get lost on the way.
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        comparisonOperator: "LessThanThreshold",
        threshold: 100,
        // Before the first round, and while the canary is stopped by hand, nothing is known.
        treatMissingData: "missing",
        alarmActions: [args.topic],
      },
      childOf(this),
    );
  }
}

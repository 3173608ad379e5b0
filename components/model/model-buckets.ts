import type * as pulumi from "@pulumi/pulumi";
import type { DataScope } from "../data/state-machine/names.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import type { AgeingRule } from "../shared/lifecycle.ts";
import { partitionOf } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";
import { SecureBucket } from "../shared/secure-bucket.ts";
import { modelBucket, modelBucketArn } from "./names.ts";

export interface ModelBucketsArgs extends DataScope {
  keyArn: pulumi.Input<string>;
  /** Statements of the bucket's policy beside its own. Defaults to none. */
  statements?: readonly Statement[];
  removal: Removal;
}

/** What leaves the bucket, and when. Code, runs and the registry stay: a model has to be explained for as long as it served. */
export const modelAgeing: readonly AgeingRule[] = [
  { id: "expire-captured-requests", prefix: "capture/", expireDays: 90 },
  { id: "rarely-read-runs", prefix: "runs/", infrequentDays: 90 },
];

/** Statement that lets S3 itself write the access logs of this one bucket and of nothing else. */
export function logDelivery(scope: DataScope): Statement {
  return {
    sid: "DeliverAccessLogs",
    principals: { Service: "logging.s3.amazonaws.com" },
    actions: ["s3:PutObject"],
    resources: [`arn:${partitionOf(scope.region)}:s3:::${modelBucket(scope, "model-logs")}/*`],
    conditions: {
      StringEquals: { "aws:SourceAccount": scope.account },
      ArnEquals: { "aws:SourceArn": modelBucketArn(scope) },
    },
  };
}

/** Where code, inputs, runs and the registry are, and who asked for what. */
export class ModelBuckets extends SlipwayComponent {
  readonly model: SecureBucket;

  constructor(name: string, args: ModelBucketsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelBuckets", name, opts);
    const { keyArn, statements = [], removal } = args;
    const logs = new SecureBucket(
      `${name}-logs`,
      {
        bucket: modelBucket(args, "model-logs"),
        ageing: [{ id: "expire-access-logs", expireDays: 90 }],
        keepVersionsDays: 1,
        statements: [logDelivery(args)],
        removal,
      },
      childOf(this),
    );
    this.model = new SecureBucket(
      `${name}-model`,
      {
        bucket: modelBucket(args, "model"),
        keyArn,
        ageing: modelAgeing,
        keepVersionsDays: 365,
        accessLogs: { bucket: logs.name, prefix: "model/" },
        statements,
        removal,
      },
      // S3 checks that it may deliver when logging is turned on.
      childOf(this, { dependsOn: [logs] }),
    );
    this.registerOutputs({ model: this.model.name });
  }
}

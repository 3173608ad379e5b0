import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import type { AgeingRule } from "../shared/lifecycle.ts";
import type { Removal } from "../shared/protection.ts";
import { SecureBucket } from "../shared/secure-bucket.ts";
import { supersededTag } from "./grants.ts";
import { type BucketRole, lakeBucket, lakeBucketArn } from "./lake-scope.ts";
import type { DataScope } from "./state-machine/names.ts";

export interface LakeBucketsArgs extends DataScope {
  keyArn: pulumi.Input<string>;
  /** Days after which data moves to infrequent access. Defaults to never. */
  infrequentDays?: number | undefined;
  /** Days for which data is kept that no published table consists of any more. */
  supersededDays: number;
  /** Defaults to `retain`. */
  removal?: Removal;
}

type DataBucket = Exclude<BucketRole, "logs">;
const dataBuckets: readonly DataBucket[] = ["raw", "processed", "quarantine", "code", "results"];

/** Buckets that keep data for good; the others hold code or answers to queries. */
const layers: readonly BucketRole[] = ["raw", "processed", "quarantine"];

/** Days of a lake's data. */
export type LakeDays = Pick<LakeBucketsArgs, "infrequentDays" | "supersededDays">;

/**
 * S3 counts from when an object was written, not from when it was tagged: what is older goes the next night. So that it can be
 * brought back for as long all the same, its last version stays for the days once more.
 */
const superseded = (days: number): AgeingRule => ({
  id: "expire-superseded-data",
  tag: supersededTag,
  expireDays: days,
  keepExpiredDays: days,
});

/** What leaves each bucket, and when. Deliveries, published tables and quarantined rows stay. */
export function ageingOf(role: BucketRole, { infrequentDays, supersededDays }: LakeDays): AgeingRule[] {
  const verification: AgeingRule = { id: "expire-verification", prefix: "verification/", expireDays: 7 };
  const cold: AgeingRule[] = infrequentDays === undefined ? [] : [{ id: "rarely-read", infrequentDays }];
  if (role === "results") return [{ id: "expire-results", expireDays: 7 }];
  if (role === "logs") return [{ id: "expire-access-logs", expireDays: 90 }];
  if (!layers.includes(role)) return [];
  // What a run noted down explains its outcome, which nobody asks for after a quarter.
  const runs: AgeingRule = { id: "expire-runs", prefix: "_runs/", expireDays: 90 };
  return [verification, ...(role === "processed" ? [runs, superseded(supersededDays)] : []), ...cold];
}

/** Statement that lets S3 itself write the access logs of this lake's buckets and of nothing else. */
export function logDelivery(scope: DataScope): Statement {
  return {
    sid: "DeliverAccessLogs",
    principals: { Service: "logging.s3.amazonaws.com" },
    actions: ["s3:PutObject"],
    resources: [`${lakeBucketArn(scope, "logs")}/*`],
    conditions: {
      StringEquals: { "aws:SourceAccount": scope.account },
      ArnEquals: { "aws:SourceArn": dataBuckets.map((role) => lakeBucketArn(scope, role)) },
    },
  };
}

/** The layers of the lake, its code and the answers to queries, all under one key; and who asked for what. */
export class LakeBuckets extends SlipwayComponent {
  readonly raw: SecureBucket;
  readonly processed: SecureBucket;
  readonly quarantine: SecureBucket;
  readonly code: SecureBucket;
  readonly results: SecureBucket;

  constructor(name: string, args: LakeBucketsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LakeBuckets", name, opts);
    const removal = args.removal ?? "retain";
    const logs = new SecureBucket(
      `${name}-logs`,
      {
        bucket: lakeBucket(args, "logs"),
        ageing: ageingOf("logs", args),
        keepVersionsDays: 1,
        statements: [logDelivery(args)],
        removal,
      },
      childOf(this),
    );
    const bucket = (role: DataBucket, more: { events?: boolean; keepVersionsDays?: number } = {}) =>
      new SecureBucket(
        `${name}-${role}`,
        {
          bucket: lakeBucket(args, role),
          keyArn: args.keyArn,
          ageing: ageingOf(role, args),
          accessLogs: { bucket: logs.name, prefix: `${role}/` },
          removal,
          ...more,
        },
        // S3 checks that it may deliver when logging is turned on.
        childOf(this, { dependsOn: [logs] }),
      );
    this.raw = bucket("raw", { events: true });
    this.processed = bucket("processed");
    this.quarantine = bucket("quarantine");
    this.code = bucket("code", { keepVersionsDays: 365 });
    this.results = bucket("results", { keepVersionsDays: 1 });
    this.registerOutputs({ raw: this.raw.name, processed: this.processed.name, quarantine: this.quarantine.name });
  }
}

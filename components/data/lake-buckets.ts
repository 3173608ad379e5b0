import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import type { AgeingRule } from "../shared/lifecycle.ts";
import type { Removal } from "../shared/protection.ts";
import { SecureBucket } from "../shared/secure-bucket.ts";
import { type BucketRole, lakeBucket, lakeBucketArn } from "./lake-scope.ts";
import type { DataScope } from "./state-machine/names.ts";

export interface LakeBucketsArgs extends DataScope {
  keyArn: pulumi.Input<string>;
  /** Days after which data moves to infrequent access. Defaults to never. */
  infrequentDays?: number | undefined;
  /** Defaults to `retain`. */
  removal?: Removal;
}

type DataBucket = Exclude<BucketRole, "logs">;
const dataBuckets: readonly DataBucket[] = ["raw", "processed", "quarantine", "code", "results"];

/** Buckets that keep data for good; the others hold code or answers to queries. */
const layers: readonly BucketRole[] = ["raw", "processed", "quarantine"];

/** What leaves each bucket, and when. Deliveries, tables and quarantined rows stay. */
export function ageingOf(role: BucketRole, infrequentDays?: number): AgeingRule[] {
  const verification: AgeingRule = { id: "expire-verification", prefix: "verification/", expireDays: 7 };
  const cold: AgeingRule[] = infrequentDays === undefined ? [] : [{ id: "rarely-read", infrequentDays }];
  if (role === "results") return [{ id: "expire-results", expireDays: 7 }];
  if (role === "logs") return [{ id: "expire-access-logs", expireDays: 90 }];
  if (!layers.includes(role)) return [];
  // What a run noted down explains its outcome, which nobody asks for after a quarter.
  const runs: AgeingRule[] = role === "processed" ? [{ id: "expire-runs", prefix: "_runs/", expireDays: 90 }] : [];
  return [verification, ...runs, ...cold];
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
        ageing: ageingOf("logs"),
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
          ageing: ageingOf(role, args.infrequentDays),
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

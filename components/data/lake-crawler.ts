import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import { useKey } from "./grants.ts";
import { type LakeScope, lakeBucket, lakeBucketArn, lakeDatabase, logGroupArn } from "./lake-scope.ts";
import { serviceRole } from "./roles.ts";
import { arnOf, dataName } from "./state-machine/names.ts";

export interface LakeCrawlerArgs {
  scope: LakeScope;
  /** Name of the database that gets the tables. */
  database: pulumi.Input<string>;
}

/** Group of the account that all its crawlers write to; Glue lets nobody choose another. */
const logGroupName = "/aws-glue/crawlers";
/** Sets what a crawler guesses apart from the tables that the program defines. */
const tablePrefix = "raw_";

/** What the crawler may do: read deliveries, and keep the tables that bear its prefix. */
export function crawlerStatements(scope: LakeScope): Statement[] {
  const bucket = lakeBucketArn(scope, "raw");
  const database = lakeDatabase(scope, "staging");
  const group = logGroupArn(scope, logGroupName);
  return [
    { sid: "ReadDeliveries", actions: ["s3:GetObject"], resources: [`${bucket}/incoming/*`] },
    {
      sid: "ListDeliveries",
      actions: ["s3:ListBucket"],
      resources: [bucket],
      conditions: { StringLikeIfExists: { "s3:prefix": ["incoming", "incoming/*"] } },
    },
    useKey(scope, ["s3"]),
    {
      sid: "KeepGuessedTables",
      actions: [
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetTables",
        "glue:CreateTable",
        "glue:UpdateTable",
        "glue:GetPartition",
        "glue:BatchGetPartition",
        "glue:BatchCreatePartition",
        "glue:UpdatePartition",
      ],
      resources: [
        arnOf(scope, "glue", "catalog"),
        arnOf(scope, "glue", `database/${database}`),
        arnOf(scope, "glue", `table/${database}/${tablePrefix}*`),
      ],
    },
    {
      sid: "WriteLogs",
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [group, `${group}:log-stream:*`],
    },
  ];
}

/**
 * Guesses what deliveries look like, for people who meet a new source. Nothing depends on it, it has no schedule, and it
 * never deletes what it found earlier.
 */
export class LakeCrawler extends SlipwayComponent {
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: LakeCrawlerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LakeCrawler", name, opts);
    const { scope } = args;
    const { role, policy } = serviceRole(this, name, {
      service: "glue.amazonaws.com",
      account: scope.account,
      statements: crawlerStatements(scope),
    });
    const crawler = new aws.glue.Crawler(
      `${name}-crawler`,
      {
        name: dataName(scope.environment, "deliveries"),
        description: "Guesses tables from deliveries when somebody starts it",
        databaseName: args.database,
        role: role.arn,
        s3Targets: [{ path: `s3://${lakeBucket(scope, "raw")}/incoming/` }],
        tablePrefix,
        recrawlPolicy: { recrawlBehavior: "CRAWL_EVERYTHING" },
        schemaChangePolicy: { updateBehavior: "UPDATE_IN_DATABASE", deleteBehavior: "LOG" },
      },
      childOf(this, { dependsOn: [policy] }),
    );
    this.name = crawler.name;
    this.registerOutputs({ name: this.name });
  }
}

import type { DataPipelineArgs } from "../../../components/data/data-pipeline.ts";
import type { DatasetDefinition } from "../../../components/data/dataset.ts";
import type { LakeScope } from "../../../components/data/lake-scope.ts";
import { functionNames, jobNames } from "../../../components/data/lake-scope.ts";

const artifact = (digit: string) => ({ digest: `sha256:${digit.repeat(64)}`, path: import.meta.filename });

export const orders: DatasetDefinition = {
  schema: 1,
  name: "orders",
  description: "Orders of the shop.",
  source: "csv",
  key: ["order_id"],
  version: "updated_at",
  partition: { column: "order_date", from: "ordered_at", transform: "date" },
  columns: [
    { name: "order_id", type: "string", required: true, description: "Identifies the order." },
    { name: "unit_price", type: "decimal(10,2)", required: true, minimum: "0.00", description: "Price of one piece." },
    { name: "ordered_at", type: "timestamp", required: true, description: "When it was ordered." },
    { name: "updated_at", type: "timestamp", required: false, description: "When it was last changed." },
  ],
  ruleset: 'Rules = [\n  IsComplete "order_id"\n]\n',
};

export const features: DatasetDefinition = {
  schema: 1,
  name: "daily_features",
  description: "What was sold per day.",
  source: "derived",
  key: ["feature_date"],
  partition: { column: "feature_date", from: "feature_date", transform: "identity" },
  columns: [
    { name: "feature_date", type: "date", required: true, description: "Day of the orders." },
    { name: "orders", type: "bigint", required: true, description: "How many." },
  ],
  ruleset: "Rules = [ RowCount > 0 ]",
};

export const args: DataPipelineArgs = {
  environment: "dev",
  account: "222222222222",
  region: "us-east-1",
  datasets: [orders, features],
  artifacts: {
    functions: Object.fromEntries(functionNames.map((name, index) => [name, artifact(String(index))])),
    layer: artifact("a"),
    jobLibrary: artifact("b"),
    jobScripts: Object.fromEntries(jobNames.map((name, index) => [name, artifact(String(5 + index))])),
  },
  settings: {
    schedule: { expression: "cron(0 3 * * ? *)", enabled: false },
    objectTrigger: true,
    tableFormat: "parquet",
    crawlers: false,
    workers: { type: "G.1X", count: 2 },
    executionClass: "FLEX",
    timeoutMinutes: 15,
    pollSeconds: 10,
    scanLimitGb: 1,
    alarms: { durationMinutes: 30, quarantineRate: 0.1, qualityScore: 0.9 },
    subscribers: { info: [], warning: [], critical: ["oncall@example.com"] },
  },
  lifetimes: { logRetentionDays: 7, keyDeletionDays: 7, supersededDays: 7, removal: "retain" },
};

export const scope: LakeScope = {
  environment: args.environment,
  account: args.account,
  region: args.region,
  keyArn: "arn:key",
  datasets: ["orders", "daily_features"],
  derived: ["daily_features"],
};

import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const role = "arn:aws:iam::111111111111:role/r";
const columns = (...types: string[]) => ({ columns: types.map((type, index) => ({ name: `c${index}`, type })) });
const table = { databaseName: "lake", name: "orders" };
const iceberg = { icebergInput: { metadataOperation: "CREATE", version: "2" } };
const job = { name: "j", roleArn: role, command: { scriptLocation: "s3://code/jobs/j.py" } };
const crawler = { name: "c", databaseName: "lake", role, s3Targets: [{ path: "s3://data/raw" }] };
const encryption = {
  cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS", kmsKeyArn: "arn:aws:kms:eu-west-1:111111111111:key/k" },
  jobBookmarksEncryption: { jobBookmarksEncryptionMode: "DISABLED" },
  s3Encryption: { s3EncryptionMode: "SSE-S3" },
};
const trigger = { name: "t", type: "ON_DEMAND", actions: [{ jobName: "j" }] };

/** Glue: catalog, jobs, crawlers, rulesets. */
export const dataCases: Readonly<Record<string, InputCases>> = {
  "aws:glue/catalogDatabase:CatalogDatabase": {
    valid: [{ name: "slipway_dev_lakehouse" }, { name: unknown }],
    invalid: [
      ["name", { name: "Lakehouse" }],
      ["name", { name: "" }],
      ["description", { name: "x", description: "x".repeat(2_049) }],
    ],
  },
  "aws:glue/catalogTable:CatalogTable": {
    valid: [
      table,
      { ...table, storageDescriptor: columns("string", "decimal(10,2)", "array<struct<a:int,b:map<string,date>>>") },
      { ...table, openTableFormatInput: iceberg, storageDescriptor: { ...columns("int"), location: "s3://b/t" } },
      { ...table, storageDescriptor: unknown, openTableFormatInput: unknown },
    ],
    invalid: [
      ["databaseName", { name: "orders" }],
      ["name", { ...table, name: "Orders" }],
      ["storageDescriptor", { ...table, storageDescriptor: columns("strng") }],
      ["storageDescriptor", { ...table, storageDescriptor: columns("map<string>") }],
      ["storageDescriptor", { ...table, storageDescriptor: columns("int"), partitionKeys: [{ name: "c0" }] }],
      ["partitionKeys", { ...table, partitionKeys: [{ name: "day", type: "day" }] }],
      ["openTableFormatInput", { ...table, openTableFormatInput: iceberg }],
      [
        "openTableFormatInput",
        { ...table, openTableFormatInput: { icebergInput: { metadataOperation: "DROP" } }, storageDescriptor: {} },
      ],
      [
        "openTableFormatInput",
        {
          ...table,
          openTableFormatInput: iceberg,
          storageDescriptor: {},
          partitionKeys: [{ name: "d", type: "date" }],
        },
      ],
      ["tableType", { ...table, tableType: "TABLE" }],
    ],
  },
  "aws:glue/dataQualityRuleset:DataQualityRuleset": {
    valid: [
      { name: "r", ruleset: "Rules = [ RowCount > 0 ]" },
      { name: "r", ruleset: unknown },
    ],
    invalid: [
      ["ruleset", { name: "r" }],
      ["ruleset", { name: "r", ruleset: "Rules = [ RowCount > 0" }],
      ["ruleset", { name: "r", ruleset: "Rules = [ RowCnt > 0 ]" }],
    ],
  },
  "aws:glue/job:Job": {
    valid: [
      job,
      { ...job, glueVersion: "5.1", workerType: "G.1X", numberOfWorkers: 2, executionClass: "FLEX", timeout: 15 },
      { ...job, command: { name: "pythonshell", scriptLocation: "s3://code/j.py" }, maxCapacity: 0.0625 },
      { ...job, command: unknown, roleArn: unknown },
    ],
    invalid: [
      ["command", { name: "j", roleArn: role }],
      ["command", { ...job, command: { name: "spark", scriptLocation: "s3://code/j.py" } }],
      ["command", { ...job, command: { scriptLocation: "/tmp/j.py" } }],
      ["command", { ...job, command: {} }],
      ["roleArn", { ...job, roleArn: "r" }],
      ["glueVersion", { ...job, glueVersion: "5.2" }],
      ["workerType", { ...job, workerType: "G.3X", numberOfWorkers: 2 }],
      ["numberOfWorkers", { ...job, workerType: "G.1X" }],
      ["numberOfWorkers", { ...job, workerType: "G.1X", numberOfWorkers: 1 }],
      ["maxCapacity", { ...job, workerType: "G.1X", numberOfWorkers: 2, maxCapacity: 2 }],
      ["executionClass", { ...job, executionClass: "FLEX", glueVersion: "2.0" }],
      ["maxRetries", { ...job, maxRetries: 11 }],
      ["timeout", { ...job, timeout: 0 }],
    ],
  },
  "aws:glue/crawler:Crawler": {
    valid: [crawler, { ...crawler, schedule: "cron(15 12 * * ? *)", configuration: '{"Version":1.0}' }],
    invalid: [
      ["s3Targets", { name: "c", databaseName: "lake", role }],
      ["s3Targets", { ...crawler, s3Targets: [{ path: "data/raw" }] }],
      ["schedule", { ...crawler, schedule: "rate(1 day)" }],
      ["configuration", { ...crawler, configuration: "{" }],
      ["deleteBehavior", { ...crawler, schemaChangePolicy: { deleteBehavior: "DELETE" } }],
    ],
  },
  "aws:glue/securityConfiguration:SecurityConfiguration": {
    valid: [{ name: "s", encryptionConfiguration: encryption }],
    invalid: [
      ["encryptionConfiguration", { name: "s" }],
      ["encryptionConfiguration", { name: "s", encryptionConfiguration: {} }],
      [
        "encryptionConfiguration",
        { name: "s", encryptionConfiguration: { ...encryption, s3Encryption: { s3EncryptionMode: "SSE-KMS" } } },
      ],
      [
        "encryptionConfiguration",
        { name: "s", encryptionConfiguration: { ...encryption, s3Encryption: { s3EncryptionMode: "AES" } } },
      ],
    ],
  },
  "aws:glue/trigger:Trigger": {
    valid: [trigger, { ...trigger, type: "SCHEDULED", schedule: "cron(0 2 * * ? *)" }],
    invalid: [
      ["type", { ...trigger, type: "DAILY" }],
      ["schedule", { ...trigger, type: "SCHEDULED" }],
      ["predicate", { ...trigger, type: "CONDITIONAL" }],
      ["actions", { ...trigger, actions: [] }],
      ["actions", { ...trigger, actions: [{ jobName: "j", crawlerName: "c" }] }],
    ],
  },
};

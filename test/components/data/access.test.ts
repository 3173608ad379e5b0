import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { functionStatements } from "../../../components/data/functions.ts";
import { jobStatements } from "../../../components/data/jobs.ts";
import type { Statement } from "../../../components/shared/iam.ts";
import type { PipelineFunction, PipelineJob } from "../../../components/data/state-machine/pipeline-definition.ts";
import { scope } from "./fixture.ts";
import { bucketArn } from "./statements.ts";

/** IAM's patterns: `*` is any text, slashes included, `?` one character. */
function matches(pattern: string, value: string): boolean {
  const source = [...pattern]
    .map((letter) => ({ "*": "[^]*", "?": "[^]" })[letter] ?? letter.replace(/\W/, "\\$&"))
    .join("");
  return new RegExp(`^${source}$`).test(value);
}

type Context = Readonly<Record<string, string>>;

/** Whether the conditions of a statement hold, for the operators that these statements use. */
function holds({ conditions = {} }: Statement, context: Context): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => {
      const value = context[key];
      if (value === undefined) return operator.endsWith("IfExists") || operator.startsWith("ForAllValues:");
      const allowed = [values].flat() as string[];
      if (operator.endsWith("StringEquals")) return allowed.includes(value);
      assert.match(operator, /^StringLike(IfExists)?$/u);
      return allowed.some((pattern) => matches(pattern, value));
    }),
  );
}

function allows(statements: readonly Statement[], action: string, resource: string, context: Context = {}): boolean {
  return statements.some(
    (statement) =>
      statement.actions.some((pattern) => matches(pattern, action)) &&
      (statement.resources as string[]).some((pattern) => matches(pattern, resource)) &&
      holds(statement, context),
  );
}

const codeKeys = ["scripts/quality/1.py", "libraries/lakehouse/2.zip"];
const ofFunction = (name: PipelineFunction) => functionStatements(scope, name);
const ofJob = (name: PipelineJob) => jobStatements(scope, name, { codeKeys, secrets: [] });
const [raw, processed, quarantine, code] = ["raw", "processed", "quarantine", "code"].map(bucketArn) as [
  string,
  string,
  string,
  string,
];
const glue = "arn:aws:glue:us-east-1:222222222222";
const live = "slipway_dev_lakehouse";

type Request = [who: Statement[], action: string, resource: string, context?: Context];

const needed: Record<string, Request> = {
  "validate lists live deliveries": [ofFunction("validate"), "s3:ListBucket", raw, { "s3:prefix": "incoming/" }],
  "validate lists those of a verification": [
    ofFunction("validate"),
    "s3:ListBucket",
    raw,
    { "s3:prefix": "verification/run-1/incoming/" },
  ],
  "validate is told that there is no pointer yet": [ofFunction("validate"), "s3:ListBucket", processed],
  "validate sets a file aside": [ofFunction("validate"), "s3:PutObject", `${quarantine}/files/orders/ab/x.csv`],
  "catalog registers in staging": [
    ofFunction("catalog"),
    "glue:BatchCreatePartition",
    `${glue}:table/${live}_staging/orders`,
  ],
  "publish moves the pointer": [ofFunction("publish"), "s3:PutObject", `${processed}/_state/current.json`],
  "publish moves that of a verification": [
    ofFunction("publish"),
    "s3:PutObject",
    `${processed}/verification/run-1/_state/current.json`,
  ],
  "publish counts": [
    ofFunction("publish"),
    "cloudwatch:PutMetricData",
    "*",
    { "cloudwatch:namespace": "Slipway/Data" },
  ],
  "publish finds superseded data": [
    ofFunction("publish"),
    "s3:ListBucket",
    processed,
    { "s3:prefix": "orders/run=1/" },
  ],
  "publish tags superseded data": [
    ofFunction("publish"),
    "s3:PutObjectTagging",
    `${processed}/orders/run=1/order_date=2026-01-01/a.parquet`,
    { "s3:RequestObjectTagKeys": "slipway:superseded" },
  ],
  "quarantine tags what it refused": [
    ofFunction("quarantine"),
    "s3:PutObjectTagging",
    `${processed}/daily_features/run=1/feature_date=2026-01-01/a.parquet`,
    { "s3:RequestObjectTagKeys": "slipway:superseded" },
  ],
  "the transform writes a candidate": [
    ofJob("raw_to_processed"),
    "s3:PutObject",
    `${processed}/orders/run=1/a.parquet`,
  ],
  "the transform looks for a file in the place of a folder": [
    ofJob("raw_to_processed"),
    "s3:GetObject",
    `${processed}/verification/run-1`,
  ],
  "the transform clears away": [
    ofJob("raw_to_processed"),
    "s3:DeleteObject",
    `${processed}/verification/run-1/orders/run=1/_temporary/0`,
  ],
  "a job reads its code": [ofJob("quality"), "s3:GetObject", `${code}/scripts/quality/1.py`],
  "a job decrypts through S3": [
    ofJob("quality"),
    "kms:Decrypt",
    "arn:key",
    { "kms:ViaService": "s3.us-east-1.amazonaws.com" },
  ],
};

const refused: Record<string, Request> = {
  "validate moves the pointer": [ofFunction("validate"), "s3:PutObject", `${processed}/_state/current.json`],
  "validate writes a snapshot": [ofFunction("validate"), "s3:PutObject", `${processed}/_state/snapshots/1-a.json`],
  "validate changes a delivery": [ofFunction("validate"), "s3:PutObject", `${raw}/incoming/orders/a.csv`],
  "validate deletes a ledger entry": [
    ofFunction("validate"),
    "s3:DeleteObject",
    `${processed}/_state/deliveries/o/a.json`,
  ],
  "validate lists something else": [ofFunction("validate"), "s3:ListBucket", raw, { "s3:prefix": "private/" }],
  "catalog touches published tables": [
    ofFunction("catalog"),
    "glue:BatchUpdatePartition",
    `${glue}:table/${live}/orders`,
  ],
  "publish makes a published table": [ofFunction("publish"), "glue:CreateTable", `${glue}:table/${live}/orders`],
  "publish removes a table": [ofFunction("publish"), "glue:DeleteTable", `${glue}:table/${live}_verification/orders`],
  "publish counts for somebody else": [
    ofFunction("publish"),
    "cloudwatch:PutMetricData",
    "*",
    { "cloudwatch:namespace": "AWS/Lambda" },
  ],
  "publish tags as somebody else": [
    ofFunction("publish"),
    "s3:PutObjectTagging",
    `${processed}/orders/run=1/a.parquet`,
    { "s3:RequestObjectTagKeys": "owner" },
  ],
  "publish tags the pointer": [ofFunction("publish"), "s3:PutObjectTagging", `${processed}/_state/current.json`],
  "publish deletes data": [ofFunction("publish"), "s3:DeleteObject", `${processed}/orders/run=1/a.parquet`],
  "publish reads data": [ofFunction("publish"), "s3:GetObject", `${processed}/orders/run=1/a.parquet`],
  "catalog tags": [ofFunction("catalog"), "s3:PutObjectTagging", `${processed}/orders/run=1/a.parquet`],
  "validate lists the whole bucket": [ofFunction("validate"), "s3:ListBucket", processed, { "s3:prefix": "orders/" }],
  "the gate writes": [ofFunction("quality_gate"), "s3:PutObject", `${processed}/_runs/1/quality.json`],
  "quarantine publishes": [
    ofFunction("quarantine"),
    "events:PutEvents",
    "arn:aws:events:us-east-1:222222222222:event-bus/default",
  ],
  "the transform writes features": [ofJob("raw_to_processed"), "s3:PutObject", `${processed}/daily_features/run=1/a`],
  "the transform moves the pointer of a verification": [
    ofJob("raw_to_processed"),
    "s3:PutObject",
    `${processed}/verification/run-1/_state/current.json`,
  ],
  "quality writes a table": [ofJob("quality"), "s3:PutObject", `${processed}/orders/run=1/a.parquet`],
  "a job reads other code": [ofJob("quality"), "s3:GetObject", `${code}/scripts/quality/3.py`],
  "a job decrypts by itself": [ofJob("quality"), "kms:Decrypt", "arn:key"],
  "quality reads the secret": [
    ofJob("quality"),
    "secretsmanager:GetSecretValue",
    "arn:aws:secretsmanager:us-east-1:222222222222:secret:slipway/dev/data/source-credentials-abcdef",
  ],
};

describe("components/data, what roles come to", () => {
  for (const [title, request] of Object.entries(needed)) {
    it(`lets it happen: ${title}`, () => assert.equal(allows(...request), true));
  }
  for (const [title, request] of Object.entries(refused)) {
    it(`refuses: ${title}`, () => assert.equal(allows(...request), false));
  }
});

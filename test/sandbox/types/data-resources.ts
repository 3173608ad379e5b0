import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { account, resource } from "./context.ts";

/** Resources of a data pipeline as they stand in an account, for what refers to them. */
const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });

export const roleArn = `arn:aws:iam::${account}:role/r`;

export const roleFor = (service: string) =>
  resource("aws:iam/role:Role", "r", { assumeRolePolicy: trust(service) }, { arn: roleArn });

export const functionArn = `arn:aws:lambda:eu-west-1:${account}:function:f`;
export const fn = (outputs: Properties = {}) =>
  resource("aws:lambda/function:Function", "f", { name: "f" }, { arn: functionArn, timeout: 60, ...outputs });

export const machineArn = `arn:aws:states:eu-west-1:${account}:stateMachine:m`;
export const machine = (outputs: Properties = {}) =>
  resource("aws:sfn/stateMachine:StateMachine", machineArn, { name: "m" }, { arn: machineArn, ...outputs });

export const queueArn = `arn:aws:sqs:eu-west-1:${account}:q`;
export const queue = (outputs: Properties = {}, inputs: Properties = {}) =>
  resource(
    "aws:sqs/queue:Queue",
    `https://sqs.eu-west-1.amazonaws.com/${account}/q`,
    { name: "q", ...inputs },
    { arn: queueArn, ...outputs },
  );

export const bucket = resource("aws:s3/bucket:Bucket", "code", { bucket: "code" });
export const object = resource(
  "aws:s3/bucketObjectv2:BucketObjectv2",
  "code/f.zip",
  { bucket: "code", key: "f.zip" },
  { source: { hash: "ff".repeat(32) } },
);

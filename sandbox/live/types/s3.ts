import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, found, list, orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const bucketOf = (resource: CloudResource) => string(resource, "bucket") || resource.id;

const bucket: LiveType = {
  ensure: async (clients, resource) => {
    const s3 = await clients.s3();
    const Bucket = bucketOf(resource);
    if (await found(s3.send(new HeadBucketCommand({ Bucket })))) return;
    const LocationConstraint = resource.region as "eu-west-1";
    const elsewhere = resource.region !== "" && resource.region !== "us-east-1";
    const placed = elsewhere ? { CreateBucketConfiguration: { LocationConstraint } } : {};
    await s3.send(new CreateBucketCommand({ Bucket, ...placed }));
  },
  remove: async (clients, resource) => {
    const s3 = await clients.s3();
    const Bucket = bucketOf(resource);
    if (!(await found(s3.send(new HeadBucketCommand({ Bucket }))))) return;
    if (resource.inputs["forceDestroy"] === true) await empty(s3, Bucket);
    await s3.send(new DeleteBucketCommand({ Bucket }));
  },
};

async function empty(s3: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => compact({ Key, VersionId }));
    if (Objects.length === 0) return;
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
}

const versioning: LiveType = {
  ensure: async (clients, resource) => {
    const status = text(block(value(resource, "versioningConfiguration"))["status"]);
    if (status !== "Enabled" && status !== "Suspended") return;
    const VersioningConfiguration = { Status: status } as const;
    const s3 = await clients.s3();
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucketOf(resource), VersioningConfiguration }));
  },
  remove: async (clients, resource) => {
    const s3 = await clients.s3();
    const VersioningConfiguration = { Status: "Suspended" } as const;
    await orUndefined(s3.send(new PutBucketVersioningCommand({ Bucket: bucketOf(resource), VersioningConfiguration })));
  },
};

const policy: LiveType = {
  ensure: async (clients, resource) =>
    (await clients.s3()).send(
      new PutBucketPolicyCommand({ Bucket: bucketOf(resource), Policy: string(resource, "policy") }),
    ),
  remove: async (clients, resource) =>
    orUndefined((await clients.s3()).send(new DeleteBucketPolicyCommand({ Bucket: bucketOf(resource) }))),
};

const notification: LiveType = {
  ensure: async (clients, resource) =>
    (await clients.s3()).send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucketOf(resource),
        NotificationConfiguration: notificationOf(resource),
      }),
    ),
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.s3()).send(
        new PutBucketNotificationConfigurationCommand({ Bucket: bucketOf(resource), NotificationConfiguration: {} }),
      ),
    ),
};

/** Events go to EventBridge, and to the queues, topics and functions that are named. */
function notificationOf(resource: CloudResource) {
  const each = (property: string, target: string, as: string) =>
    list(value(resource, property)).map((item) => {
      const { events, filterPrefix, filterSuffix, [target]: arn } = block(item);
      const rules = [
        { Name: "prefix", Value: filterPrefix },
        { Name: "suffix", Value: filterSuffix },
      ].filter((rule): rule is { Name: "prefix"; Value: string } => typeof rule.Value === "string");
      return { [as]: arn, Events: events, Filter: { Key: { FilterRules: rules } } };
    });
  return {
    ...(value(resource, "eventbridge") === true ? { EventBridgeConfiguration: {} } : {}),
    QueueConfigurations: each("queues", "queueArn", "QueueArn") as never[],
    TopicConfigurations: each("topics", "topicArn", "TopicArn") as never[],
    LambdaFunctionConfigurations: each("lambdaFunctions", "lambdaFunctionArn", "LambdaFunctionArn") as never[],
  };
}

const object: LiveType = {
  ensure: async (clients, resource) => {
    const s3 = await clients.s3();
    const at = { Bucket: bucketOf(resource), Key: string(resource, "key") };
    const head = await orUndefined(s3.send(new HeadObjectCommand(at)));
    const Body = bytesOf(resource);
    // The file may be gone when the emulator starts again; the object is still there.
    if (Body === undefined && head !== undefined) return;
    if (Body === undefined) throw new Error(`the file of s3://${at.Bucket}/${at.Key} is gone`);
    if (head?.ETag === `"${createHash("md5").update(Body).digest("hex")}"`) return;
    const ContentType = text(value(resource, "contentType"));
    await s3.send(new PutObjectCommand({ ...at, Body, ...compact({ ContentType }) }));
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.s3()).send(new DeleteObjectCommand({ Bucket: bucketOf(resource), Key: string(resource, "key") })),
    ),
};

/** The bytes of an object: a file asset, a text asset, or content given in place; undefined when the file is gone. */
function bytesOf(resource: CloudResource): Buffer | undefined {
  const { source, content, contentBase64 } = resource.inputs;
  if (typeof content === "string") return Buffer.from(content);
  if (typeof contentBase64 === "string") return Buffer.from(contentBase64, "base64");
  const asset = block(source);
  const path = text(source) ?? text(asset["path"]);
  if (path !== undefined && path !== "") return existsSync(path) ? readFileSync(path) : undefined;
  return Buffer.from(text(asset["text"]) ?? "");
}

export const s3Types: Readonly<Record<string, LiveType>> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketVersioning:BucketVersioning": versioning,
  "aws:s3/bucketPolicy:BucketPolicy": policy,
  "aws:s3/bucketNotification:BucketNotification": notification,
  "aws:s3/bucketObjectv2:BucketObjectv2": object,
  "aws:s3/bucketObject:BucketObject": object,
};

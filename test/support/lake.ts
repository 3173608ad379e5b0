import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { GetJobCommand, GlueClient } from "@aws-sdk/client-glue";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient, type ExecutionListItem } from "@aws-sdk/client-sfn";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { connectLive, type LiveCloud } from "../../sandbox/live/connect.ts";
import { live as liveVariables } from "./checkout.ts";

export interface Snapshot {
  version: number;
  datasets: Record<string, { partitions: Record<string, { location: string; rows: number }> }>;
}

export interface QuarantinedRow {
  key: string;
  line: number;
  reason: string;
  raw: string;
}

const region = "us-east-1";
const deadlineMs = 300_000;

/** The lake of `dev` in a live sandbox, as somebody with an AWS SDK sees it. Open, it keeps the emulator running. */
export class Lake {
  readonly #cloud: LiveCloud;
  readonly #account: string;
  readonly #s3: S3Client;
  readonly #sfn: SFNClient;
  readonly #glue: GlueClient;
  readonly #sns: SNSClient;
  readonly #sqs: SQSClient;
  #seen = 0;

  private constructor(cloud: LiveCloud, account: string) {
    const settings = { endpoint: cloud.endpoint, region, credentials: cloud.credentialsFor(account) };
    this.#cloud = cloud;
    this.#account = account;
    this.#s3 = new S3Client({ ...settings, forcePathStyle: true });
    this.#sfn = new SFNClient(settings);
    this.#glue = new GlueClient(settings);
    this.#sns = new SNSClient(settings);
    this.#sqs = new SQSClient(settings);
  }

  static async open(directory: string, account: string): Promise<Lake> {
    const cloud = await connectLive(directory, { environment: liveVariables });
    assert.ok(cloud, "the sandbox is not live");
    return new Lake(cloud, account);
  }

  /** Puts a file where deliveries arrive; `settled` then waits for the executions since the first one after the last wait. */
  async deliver(dataset: string, file: string, Body: string): Promise<void> {
    const Key = `incoming/${dataset}/${file}`;
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket("raw"), Key, Body }));
  }

  /** Waits until a delivery has started an execution and none is running any more. */
  async settled(): Promise<void> {
    await until("the executions that deliveries started have ended", async () => {
      const all = await this.executions();
      return all.length > this.#seen && all.every(({ status }) => status !== "RUNNING");
    });
    await this.settle();
  }

  /** From now on only newer executions count. */
  async settle(): Promise<void> {
    this.#seen = (await this.executions()).length;
  }

  /** Newest first. */
  async executions(): Promise<ExecutionListItem[]> {
    const stateMachineArn = `arn:aws:states:${region}:${this.#account}:stateMachine:slipway-dev-data-pipeline`;
    const { executions = [] } = await this.#sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    return executions.sort((a, b) => Number(b.startDate) - Number(a.startDate));
  }

  async snapshot(): Promise<Snapshot> {
    const bucket = this.#bucket("processed");
    const pointer = JSON.parse(await this.#read(bucket, "_state/current.json")) as { snapshot: string };
    return JSON.parse(await this.#read(bucket, pointer.snapshot)) as Snapshot;
  }

  async quarantined(dataset: string): Promise<QuarantinedRow[]> {
    const bucket = this.#bucket("quarantine");
    const keys = await this.#list(bucket, `rows/${dataset}/`);
    const texts = await Promise.all(keys.map((key) => this.#read(bucket, key)));
    return texts.flatMap((text) => text.split("\n").filter(Boolean)).map((line) => JSON.parse(line) as QuarantinedRow);
  }

  /** Where a job's script is. */
  async scriptOf(JobName: string): Promise<string> {
    const { Job } = await this.#glue.send(new GetJobCommand({ JobName }));
    return scriptIn(Job?.DefaultArguments ?? {}, Job?.Command?.ScriptLocation ?? "");
  }

  /** Every script of that name that the lake has kept. */
  async scripts(name: string): Promise<string[]> {
    const bucket = this.#bucket("code");
    return (await this.#list(bucket, `scripts/${name}/`)).map((key) => `s3://${bucket}/${key}`);
  }

  /** Subscribes a queue to a topic and returns what waits for its first messages. */
  async listen(topic: string): Promise<() => Promise<string[]>> {
    const queue = `listener-${topic}`;
    const { QueueUrl = "" } = await this.#sqs.send(new CreateQueueCommand({ QueueName: queue }));
    const Endpoint = `arn:aws:sqs:${region}:${this.#account}:${queue}`;
    const TopicArn = `arn:aws:sns:${region}:${this.#account}:${topic}`;
    await this.#sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    return () => receive(this.#sqs, QueueUrl);
  }

  async close(): Promise<void> {
    for (const client of [this.#s3, this.#sfn, this.#glue, this.#sns, this.#sqs]) client.destroy();
    await this.#cloud.close();
  }

  #bucket(role: string): string {
    return `slipway-dev-${role}-bucket-${this.#account}-${region}`;
  }

  async #read(Bucket: string, Key: string): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? "";
  }

  async #list(Bucket: string, Prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.#s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return Contents.map(({ Key = "" }) => Key);
  }
}

/** In the sandbox a job is started by the sandbox's runner, and the real script is one of its arguments. */
function scriptIn(defaults: Record<string, string>, location: string): string {
  return Object.values(defaults).find((value) => /^s3:.*\/scripts\//.test(value)) ?? location;
}

async function receive(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const found: string[] = [];
  await until("a message has arrived", async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    found.push(...Messages.map(({ Body = "{}" }) => (JSON.parse(Body) as { Message?: string }).Message ?? ""));
    return found.length > 0;
  });
  return found;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > deadline) assert.fail(`not within ${deadlineMs / 1000} s: ${what}`);
    await pause(100);
  }
}

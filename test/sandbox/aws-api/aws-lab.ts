import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";

import { startAwsApi, type AwsApi, type AwsApiOptions } from "../../../sandbox/aws-api/index.ts";
import { driftProperty } from "../../../sandbox/index.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { ensureVenv } from "../../../tools/testing/python.ts";
import { startMiniStack, type MiniStack } from "../../support/ministack.ts";
import { putLayer, tarOf } from "../cluster/cluster-lab.ts";
import { record, region, resourceOf } from "../live/live-lab.ts";

const root = resolve(import.meta.dirname, "../../..");
const extras = resolve(root, "sandbox/aws-api/emulator_extras.py");

let emulator: Promise<MiniStack> | undefined;
let labs = 0;

// Of the whole run: one emulator serves all labs, each of them in an account of its own.
after(async () => {
  await (await emulator)?.stop();
});

/** A sandbox directory with a record of resources and an emulator, without an engine. */
export interface AwsLab {
  directory: string;
  python: string;
  /** The lab's own. */
  account: string;
  bucket: string;
  emulator: MiniStack;
  /** Lines that the services noted. */
  notes: string[];
  start(options?: Partial<AwsApiOptions>): Promise<AwsApi>;
  /** Puts a resource on record, as Pulumi does. */
  recorded(type: string, name: string, properties: Properties): void;
  /** An alarm; `ring` makes it ring, or be quiet again. */
  alarm(name: string): { ring(state?: string): void };
  /** Puts an image into the store; returns it by its digest. */
  image(files: Readonly<Record<string, string>>): Promise<string>;
  /** Puts bytes into the bucket; returns their URL. */
  object(key: string, body: Buffer | string): Promise<string>;
  close(): Promise<void>;
}

/** A sandbox of its own, in an account that nobody else has. */
export async function openAwsLab(): Promise<AwsLab> {
  const python = await ensureVenv({ root, environment: process.env, say: (line) => process.stderr.write(`${line}\n`) });
  emulator ??= startMiniStack({ LAMBDA_EXECUTOR: "local", DOCKER_HOST: "unix:///dev/null/none" }, [extras]);
  const running = await emulator;
  const account = String(100_000_000_000 + (labs += 1));
  const bucket = `lab-models-${account}`;
  const directory = mkdtempSync(join(tmpdir(), "slipway-aws-api-"));
  const s3 = new S3Client({ ...settings(running.endpoint, account), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const notes: string[] = [];
  const recorded = (type: string, name: string, properties: Properties) =>
    record(directory, { ...resourceOf(type, name, properties), account });
  return {
    ...{ directory, python, account, bucket, emulator: running, notes, recorded },
    start: (options) => startAwsApi({ directory, python, onNote: (line) => notes.push(line), ...options }),
    alarm: (name) => {
      recorded("aws:cloudwatch/metricAlarm:MetricAlarm", name, { name });
      return { ring: (state = "ALARM") => driftProperty(directory, { resource: name }, "stateValue", state) };
    },
    image: async (files) =>
      putLayer(directory, await tarOf(Object.entries(files).map(([name, content]) => ({ name, content })))),
    object: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      return `s3://${bucket}/${Key}`;
    },
    close: async () => {
      s3.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** SDK settings for an account: its number is the access key. */
export function settings(endpoint: string, accessKeyId: string) {
  return { endpoint, region, credentials: { accessKeyId, secretAccessKey: "sandbox" }, maxAttempts: 1 };
}

/** Clients of the services, and of the emulator's Lambda, for the lab's account. */
export function clientsOf(api: Pick<AwsApi, "endpoint">, lab: AwsLab) {
  const own = settings(api.endpoint, lab.account);
  const clients = {
    sagemaker: new SageMakerClient(own),
    runtime: new SageMakerRuntimeClient(own),
    codedeploy: new CodeDeployClient(own),
    lambda: new LambdaClient(settings(lab.emulator.endpoint, lab.account)),
  };
  return { ...clients, destroy: () => Object.values(clients).forEach((client) => client.destroy()) };
}

export type Clients = ReturnType<typeof clientsOf>;

/** A `model.tar.gz` with these files. */
export async function modelArchive(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content: content as string }));
  return gzipSync(await tarOf(entries), { level: 1 });
}

/**
 * A container as SageMaker wants it, in Node: quick to start. It says which model it has, is unhealthy where that has no name, and fails
 * where it is asked to.
 */
export const modelServer: Readonly<Record<string, string>> = {
  Dockerfile: 'FROM node:24\nCMD ["node", "server.mjs"]\n',
  "server.mjs": `import { readFileSync } from "node:fs";
import { createServer } from "node:http";
let model = {};
try { model = JSON.parse(readFileSync(process.env.MODEL_PATH + "/model.json", "utf8")); } catch {}
createServer((request, response) => {
  const body = [];
  request.on("data", (chunk) => body.push(chunk)).on("end", () => {
    const text = Buffer.concat(body).toString();
    response.setHeader("content-type", "application/json");
    if (request.url === "/ping") {
      response.statusCode = model.name ? 200 : 503;
      return response.end(JSON.stringify(model.name ? {} : { detail: "model.json: not a valid model" }));
    }
    response.statusCode = text === "break" ? 422 : 200;
    if (model.attributes) response.setHeader("x-amzn-sagemaker-custom-attributes", model.attributes);
    const { "content-type": type, authorization } = request.headers;
    const { STAGE } = process.env;
    response.end(JSON.stringify({ model: model.name, pid: process.pid, url: request.url, text, type, authorization, STAGE }));
  });
}).listen(8080);
`,
};

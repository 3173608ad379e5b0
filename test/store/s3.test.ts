import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { parseS3Location } from "../../automation/store/s3-location.ts";
import { S3Store } from "../../automation/store/s3.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import { storeContract } from "./store-contract.ts";

const PROCESSES = 5;
const writer = join(import.meta.dirname, "s3-writer.ts");

async function race(cloud: MiniStack, url: string, count: number, key: string, condition: object): Promise<number> {
  const share = count / PROCESSES;
  const children = Array.from({ length: PROCESSES }, (_, at) =>
    spawn(process.execPath, [writer, url, String(at * share), String(share), key, JSON.stringify(condition)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...cloud.environment() },
    }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const answers = children.map((child) => once(child.stdout, "data"));
  for (const child of children) child.stdin.write("go\n");
  const won = await Promise.all(answers);
  return won.reduce((total, [line]) => total + Number(String(line)), 0);
}

describe("S3Store", () => {
  let cloud: MiniStack;
  let s3: S3Client;
  let keyArn = "";
  let stores = 0;
  const open = (url: string) => new S3Store(parseS3Location(url), cloud.environment());
  const freshUrl = () =>
    `s3://slipway-store/test-${(stores += 1)}?region=us-east-1&endpoint=${cloud.endpoint}&kmsKey=${keyArn}`;

  before(async function () {
    this.timeout(120_000);
    cloud = await startMiniStack();
    const credentials = { accessKeyId: "111111111111", secretAccessKey: "secret" };
    const options = { endpoint: cloud.endpoint, region: "us-east-1", credentials };
    s3 = new S3Client({ ...options, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "slipway-store" }));
    const made = await new KMSClient(options).send(new CreateKeyCommand({}));
    keyArn = made.KeyMetadata?.Arn ?? "";
  });
  after(() => cloud.stop());

  storeContract(() => {
    const url = freshUrl();
    return Promise.resolve({
      open: () => open(url),
      race: (count, key, condition) =>
        race(cloud, url, count, key, condition === "ifAbsent" ? { ifAbsent: true } : condition),
    });
  });

  it("encrypts every document with the key it is given", async () => {
    const url = freshUrl();
    await open(url).put("k", "v");
    const head = await s3.send(new HeadObjectCommand({ Bucket: "slipway-store", Key: `test-${stores}/k` }));
    assert.equal(head.ServerSideEncryption, "aws:kms");
    assert.equal(head.SSEKMSKeyId, keyArn);
  });

  it("lists more than one page, and nothing that is not its own", async () => {
    const store = open(`s3://slipway-store?region=us-east-1&endpoint=${cloud.endpoint}`);
    const names = Array.from({ length: 1005 }, (_, at) => `many/${String(at).padStart(4, "0")}`);
    await Promise.all(names.map((Key) => s3.send(new PutObjectCommand({ Bucket: "slipway-store", Key, Body: "x" }))));
    await s3.send(new PutObjectCommand({ Bucket: "slipway-store", Key: "many/.pulumi/stack.json", Body: "x" }));
    assert.deepEqual(await store.list("many/"), names);
  }).timeout(30_000);

  it("keeps accounts apart", async () => {
    const url = freshUrl();
    await open(url).put("k", "v");
    const elsewhere = new S3Store(parseS3Location(url), cloud.environment("222222222222"));
    await assert.rejects(elsewhere.get("k"), /access was denied|no bucket/u);
  });
});

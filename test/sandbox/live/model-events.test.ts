import assert from "node:assert/strict";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

import { connectEmulator, type Emulator } from "../../../sandbox/aws-api/emulator.ts";
import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { aliasAt, functionArn, publishedFunction } from "./live-functions.ts";
import { account, openLiveLab, region, resourceOf, settings, until, type LiveLab } from "./live-lab.ts";

const upstream = "222222222222";
const detailType = "SageMaker Model Package State Change";
const pattern = JSON.stringify({
  ...{ source: ["aws.sagemaker"], "detail-type": [detailType] },
  detail: { ModelPackageGroupName: ["slipway-dev-housing"] },
});
const of = (type: string, id: string, properties: Properties) => resourceOf(`aws:cloudwatch/${type}`, id, properties);
const rule = of("eventRule:EventRule", "packages", { name: "packages", eventPattern: pattern });
const target = of("eventTarget:EventTarget", "packages-x", {
  rule: "packages",
  targetId: "x",
  arn: `${functionArn}:live`,
});
const elsewhere = (resource: CloudResource): CloudResource => ({ ...resource, account: upstream });
const forward = of("eventTarget:EventTarget", "up-y", {
  ...{ rule: "up", targetId: "y", roleArn: `arn:aws:iam::${upstream}:role/events` },
  arn: `arn:aws:events:${region}:${account}:event-bus/default`,
});

interface Delivered {
  account: string;
  detail: { ModelPackageGroupName: string };
}

describe("events of the model registry", function () {
  this.timeout(60_000);
  let lab: LiveLab;
  let live: LiveCloud;
  let emulator: Emulator;
  let s3: S3Client;
  before(async () => {
    lab = await openLiveLab();
    live = await lab.connect();
    emulator = connectEmulator(live.endpoint);
    s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "lab-kept" }));
    const up = elsewhere(of("eventRule:EventRule", "up", { name: "up", eventPattern: pattern }));
    for (const resource of [publishedFunction("one", 1), aliasAt("1"), rule, target, up, elsewhere(forward)])
      await live.ensure(resource);
  });
  after(async () => {
    emulator?.close();
    await live?.close();
    await lab?.close();
  });

  const put = (from: string, group: string, keep: string) =>
    emulator.putEvent({
      ...{ id: 1, account: from, region },
      event: { source: "aws.sagemaker", detailType, resources: [], detail: { ModelPackageGroupName: group, keep } },
    });
  const kept = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "lab-kept" }));
    return Contents.map(({ Key }) => Key);
  };
  const delivered = async (Key: string): Promise<Delivered> => {
    await until(`${Key} was delivered`, async () => (await kept()).includes(Key));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "lab-kept", Key }));
    return JSON.parse((await Body?.transformToString()) ?? "") as Delivered;
  };

  it("reach the function behind the alias, when they are about its group", async () => {
    await put(account, "slipway-dev-other", "other");
    await put(account, "slipway-dev-housing", "own");
    assert.equal((await delivered("own")).detail.ModelPackageGroupName, "slipway-dev-housing");
    assert.deepEqual(await kept(), ["own"]);
  });

  it("go on to the bus of another account, as from where they came", async () => {
    await put(upstream, "slipway-dev-housing", "forwarded");
    assert.equal((await delivered("forwarded")).account, upstream);
  });
});

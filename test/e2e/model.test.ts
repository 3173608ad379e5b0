import assert from "node:assert/strict";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { S3ObjectStore } from "../../automation/model/local/s3-store.ts";
import { parseS3Uri } from "../../automation/model/local/s3-uri.ts";
import { Cloud } from "../../sandbox/cloud/cloud.ts";
import { connectLive, type LiveCloud } from "../../sandbox/live/connect.ts";
import { live, makeCheckout, type Checkout } from "../support/checkout.ts";
import { Lake } from "../support/lake.ts";
import { startService, type RunningService } from "../support/services.ts";
import { startWalk } from "../support/walk.ts";

const account = "222222222222";
const bucket = `slipway-dev-model-bucket-${account}-us-east-1`;
const python = live["SLIPWAY_SANDBOX_PYTHON"] ?? "";
const houses = [
  { area: 85, bedrooms: 3, bathrooms: 1, age: 20 },
  { area: 140, bedrooms: 4, bathrooms: 2, age: 5 },
];

interface RunAnswer {
  exitCode: number;
  input: string;
  steps: { step: string; status: string }[];
  metrics: Record<string, number>;
  registered: { version: number; status: string; created: boolean };
  artifact: { path: string; sha256: string };
  visible: boolean;
}
interface ListedModel {
  version: string;
  status: string;
}

describe("from the lake to a prediction", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  let lake: Lake;
  let cloud: LiveCloud;
  let store: S3ObjectStore;
  const running: RunningService[] = [];
  const slipway = (...args: string[]) => checkout.slipwayWith({ ...live, SLIPWAY_MODEL_PYTHON: python }, ...args);
  const model = async (...args: string[]) => {
    const { json, stderr, code } = await slipway("model", ...args, "--json");
    assert.equal(code, 0, stderr);
    return json as unknown as RunAnswer;
  };
  const folder = (...parts: string[]) => join(checkout.root, ".slipway", "test", ...parts);

  before(async () => {
    checkout = await makeCheckout({ data: true, delivery: false });
    for (const words of [["operations"], ["dev", "--no-verify"]]) {
      const up = await slipway("up", ...words);
      assert.equal(up.code, 0, up.stderr);
    }
    const directory = join(checkout.root, ".sandbox");
    lake = await Lake.open(directory, account);
    const opened = await connectLive(directory, { environment: live });
    assert.ok(opened);
    cloud = opened;
    store = new S3ObjectStore({
      region: "us-east-1",
      endpoint: cloud.endpoint,
      credentials: cloud.credentialsFor(account),
    });
  });
  after(async () => {
    for (const service of running) await service.stop();
    await store?.close();
    await cloud?.close();
    await lake?.close();
    await slipway("sandbox", "reset");
    await checkout.remove();
  });

  /** The published files of houses, as keys of the lake's bucket. */
  async function publishedFiles(): Promise<{ bucket: string; key: string }[]> {
    const { datasets } = await lake.snapshot();
    const places = Object.values(datasets["houses"]?.partitions ?? {}).map(({ location }) => parseS3Uri(location));
    const found = await Promise.all(
      places.map(async (place) => (await store.list(place)).map(({ key }) => ({ ...place, key }))),
    );
    return found.flat().filter(({ key }) => basename(key).endsWith(".parquet"));
  }

  it("a model learns from what the data pipeline published, and is registered where services look", async () => {
    await lake.deliver(
      "houses",
      "houses.csv",
      await readFile(join(checkout.root, "data/samples/1k/houses.csv"), "utf8"),
    );
    await lake.settled();
    const run = await model("run", "dev");
    assert.deepEqual(run.registered, { version: 1, status: "Approved", created: true });
    assert.ok((run.metrics["r2"] ?? 0) > 0.6 && run.visible, JSON.stringify(run));
    const manifest = await store.read(parseS3Uri(run.input));
    const [, ...listed] = JSON.parse(Buffer.from(manifest ?? []).toString("utf8")) as string[];
    assert.deepEqual(listed, (await publishedFiles()).map(({ key }) => key).sort());
    assert.match(run.input, new RegExp(`^s3://${bucket}/inputs/\\d+-[\\w-]+/manifest\\.json$`));
  });

  it("the API in front of the endpoint lists it and answers with it", async () => {
    const record = new Cloud(join(checkout.root, ".sandbox"));
    const [api] = record.list({ type: "aws:apigatewayv2/api:Api", account });
    record.close();
    const url = cloud.urlOf(String(api?.outputs["apiEndpoint"]));
    const listed = (await (await fetch(`${url}/models`)).json()) as ListedModel[];
    assert.deepEqual(
      listed.map(({ version, status }) => [version, status]),
      [["1", "serving"]],
    );
    const unsigned = await fetch(`${url}/predict`, { method: "POST", body: JSON.stringify({ rows: houses }) });
    assert.equal(unsigned.status, 403);
    await until("the endpoint answers with the model", async () => {
      const answer = await signed(`${url}/predict`, { rows: houses }, cloud.credentialsFor(account));
      if (answer.status !== 200) return false;
      const { predictions } = (await answer.json()) as { predictions: number[] };
      assert.equal(answer.headers.get("x-model-version"), "housing/1");
      return predictions.length === 2 && predictions.every((price) => price > 50_000 && price < 1_000_000);
    });
  });

  it("the same data gives the same bytes without a cloud, and services serve what came of it", async () => {
    for (const { bucket: from, key } of await publishedFiles()) {
      await mkdir(dirname(folder("houses", key)), { recursive: true });
      await store.download({ bucket: from, key }, folder("houses", key));
    }
    const run = await model("run", "--data", folder("houses"), "--registry", folder("registry"));
    assert.deepEqual(run.registered, { version: 1, status: "Approved", created: true });
    const registry = folder("registry");
    const predict = await startService(python, "predict", { MODEL_REGISTRY: registry, MODEL_REFRESH_SECONDS: "0.2" });
    running.push(predict);
    const api = await startService(python, "api", { MODEL_REGISTRY: registry, PREDICT_URL: predict.url });
    running.push(api);
    const { body } = await api.get("/models");
    assert.deepEqual(
      (body as ListedModel[]).map(({ version, status }) => [version, status]),
      [["1", "serving"]],
    );
    const answer = await api.post("/predict", { rows: houses });
    assert.deepEqual([answer.status, answer.headers.get("x-model-version")], [200, "housing/1"]);
    assert.deepEqual(answer.body, (await predict.post("/predict", { rows: houses })).body);
  });

  it("a model below its threshold is registered, and not served; a better one is", async () => {
    const [predict, api] = running;
    const registry = ["--data", folder("houses"), "--registry", folder("registry")];
    const missed = await slipway("model", "run", ...registry, "--threshold", "0.99", "--require-approved", "--json");
    assert.equal(missed.code, 23);
    assert.deepEqual((missed.json as unknown as RunAnswer).registered, {
      version: 2,
      status: "Rejected",
      created: true,
    });
    const served = async () => (await predict?.get("/ready"))?.body as { version: string };
    const listed = async () => ((await api?.get("/models"))?.body as ListedModel[]).map(({ status }) => status);
    assert.deepEqual([await listed(), (await served()).version], [["serving", "rejected"], "1"]);
    const better = await model("run", ...registry, "--set", "algorithm=forest");
    assert.deepEqual(better.registered, { version: 3, status: "Approved", created: true });
    // The service follows the registry: had version 2 been served, it would have come before this one.
    await until("version 3 is served", async () => {
      const { version } = await served();
      assert.notEqual(version, "2");
      return version === "3";
    });
    assert.deepEqual(await listed(), ["retired", "rejected", "serving"]);
    assert.equal((await api?.post("/predict", { rows: houses }))?.headers.get("x-model-version"), "housing/3");
  });

  it("two runs over the same inputs leave the same artifact and the same evaluation, byte by byte", async () => {
    const run = (name: string) => model("run", "--no-cache", "--data", folder("houses"), "--registry", folder(name));
    const runs = [await run("one"), await run("other")];
    for (const { steps } of runs) assert.equal(steps[0]?.status, "done");
    assert.equal(runs[0]?.artifact.sha256, runs[1]?.artifact.sha256);
    for (const file of await readdir(folder("one", "evaluations", "1")))
      assert.deepEqual(
        await readFile(folder("one", "evaluations", "1", file)),
        await readFile(folder("other", "evaluations", "1", file)),
        file,
      );
  });

  it("pages that are about models do what they say", async () => {
    const walk = startWalk("test/e2e/model.test.ts", {
      root: checkout.root,
      environment: { ...checkout.environment, ...live, SLIPWAY_MODEL_PYTHON: python },
    });
    await walk.follow("README.md#the-model-pipeline");
    await walk.follow("docs/model.md#in-an-environment");
    await model("run", "dev", "--set", "algorithm=forest");
    const words = { "list prod": "list dev", "reject 7 prod": "reject 2 dev", "compare 6 7 prod": "compare 1 2 dev" };
    await walk.follow("docs/operations.md#a-model-predicts-badly", {}, words);
    walk.done();
  });
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) assert.fail(`not within 60 s: ${what}`);
    await pause(50);
  }
}

/** A request as somebody with a role in the account sends it. */
async function signed(url: string, body: unknown, credentials: { accessKeyId: string; secretAccessKey: string }) {
  const { hostname, host, pathname, protocol } = new URL(url);
  const signer = new SignatureV4({ service: "execute-api", region: "us-east-1", sha256: Sha256, credentials });
  const text = JSON.stringify(body);
  const request = { method: "POST", protocol, hostname, path: pathname, headers: { host }, body: text };
  const { headers } = await signer.sign(request);
  return fetch(url, { method: "POST", headers, body: text });
}

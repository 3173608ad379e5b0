import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { parseS3Location } from "../../automation/store/s3-location.ts";
import { S3Store } from "../../automation/store/s3.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";
import { text } from "./store-contract.ts";

type Fault = "lose-answer" | "slow-down" | "conflict" | "denied" | "expired";

const answers: Record<Exclude<Fault, "lose-answer">, [status: number, code: string]> = {
  "slow-down": [503, "SlowDown"],
  conflict: [409, "ConditionalRequestConflict"],
  denied: [403, "AccessDenied"],
  expired: [400, "ExpiredToken"],
};

/** A server in front of the cloud whose next requests of a method meet the given faults. */
interface FaultyProxy {
  endpoint: string;
  /** Requests seen so far. */
  seen: string[];
  faults: Fault[];
  close(): void;
}

async function startProxy(target: string): Promise<FaultyProxy> {
  const seen: string[] = [];
  const proxy: FaultyProxy = { endpoint: "", seen, faults: [], close: () => server.close().closeAllConnections() };
  const server = createServer((incoming, response) => {
    seen.push(incoming.method ?? "");
    const fault = incoming.method === "HEAD" ? undefined : proxy.faults.shift();
    if (fault === undefined || fault === "lose-answer") return forward(target, incoming, response, fault !== undefined);
    const [status, code] = answers[fault];
    incoming.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${fault}</Message></Error>`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

function forward(target: string, incoming: IncomingMessage, response: ServerResponse, lose: boolean): void {
  const options = { method: incoming.method, headers: incoming.headers };
  const outgoing = request(new URL(incoming.url ?? "/", target), options, (answer) => {
    if (lose) return void answer.resume().on("end", () => response.destroy());
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  incoming.pipe(outgoing);
}

describe("S3Store under faults", () => {
  let cloud: MiniStack;
  let proxy: FaultyProxy;
  const store = (endpoint = proxy.endpoint, attempts = 3) =>
    new S3Store(parseS3Location(`s3://slipway-faults?region=us-east-1&endpoint=${endpoint}`), cloud.environment(), {
      ...{ connectMs: 500, requestMs: 1000, attempts },
    });

  before(async function () {
    this.timeout(120_000);
    cloud = await startMiniStack();
    proxy = await startProxy(cloud.endpoint);
    const credentials = { accessKeyId: "111111111111", secretAccessKey: "secret" };
    const s3 = new S3Client({ endpoint: cloud.endpoint, region: "us-east-1", credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "slipway-faults" }));
  });
  after(async () => {
    proxy.close();
    await cloud.stop();
  });
  afterEach(() => assert.deepEqual(proxy.faults.splice(0), [], "every fault was met"));

  it("knows its own write again whose answer was lost", async () => {
    proxy.faults = ["lose-answer"];
    const created = await store().put("lost/created", "one", { ifAbsent: true });
    assert.ok(created.ok);
    assert.equal((await store().get("lost/created"))?.etag, created.etag);
    proxy.faults = ["lose-answer"];
    const replaced = await store().put("lost/created", "two", { ifMatch: created.etag });
    assert.ok(replaced.ok);
    assert.equal(text(await store().get("lost/created")), "two");
  }).timeout(20_000);

  it("does not take somebody else's document for its own after a retry", async () => {
    await store().put("lost/theirs", "theirs");
    proxy.faults = ["slow-down"];
    assert.deepEqual(await store().put("lost/theirs", "theirs", { ifAbsent: true }), { ok: false, reason: "exists" });
  }).timeout(20_000);

  it("sends a throttled request again", async () => {
    const before = proxy.seen.length;
    proxy.faults = ["slow-down", "slow-down"];
    assert.equal((await store().put("throttled", "x", { ifAbsent: true })).ok, true);
    assert.equal(proxy.seen.length - before, 3);
  }).timeout(20_000);

  it("tries again after a conflict that decided nothing, and answers when it did", async () => {
    proxy.faults = ["conflict"];
    const first = await store().put("conflict", "x", { ifAbsent: true });
    assert.ok(first.ok);
    proxy.faults = ["conflict"];
    assert.deepEqual(await store().put("conflict", "y", { ifAbsent: true }), { ok: false, reason: "exists" });
    proxy.faults = ["conflict"];
    assert.equal((await store().put("conflict", "z", { ifMatch: first.etag })).ok, true);
    proxy.faults = ["conflict"];
    const late = await store().put("conflict", "late", { ifMatch: first.etag });
    assert.deepEqual(late, { ok: false, reason: "changed" });
  }).timeout(20_000);

  const refusals: [Fault, number, RegExp][] = [
    ["denied", ExitCode.credentials, /s3:PutObject/u],
    ["expired", ExitCode.credentials, /aws sso login/u],
  ];
  for (const [fault, code, next] of refusals)
    it(`explains ${fault} as credentials`, async () => {
      proxy.faults = [fault];
      await assert.rejects(store().put("k", "v"), (error) => isRefusal(error, code, next, /nothing in the store/u));
    });

  it("says that a write may have happened when no answer ever came", async () => {
    proxy.faults = ["lose-answer", "lose-answer"];
    await assert.rejects(store(proxy.endpoint, 2).put("k", "v", { ifAbsent: true }), (error) =>
      isRefusal(error, ExitCode.unexpected, /network/u, /may or may not/u),
    );
  }).timeout(20_000);

  it("explains a server that is not there and a bucket that is not there", async () => {
    await assert.rejects(store("http://127.0.0.1:1", 1).get("k"), (error) =>
      isRefusal(error, ExitCode.unexpected, /network/u, /nothing/u),
    );
    const other = parseS3Location(`s3://slipway-none?region=us-east-1&endpoint=${cloud.endpoint}`);
    for (const call of [(s: S3Store) => s.get("k"), (s: S3Store) => s.put("k", "v", { ifMatch: "x" })])
      await assert.rejects(call(new S3Store(other, cloud.environment())), (error) =>
        isRefusal(error, ExitCode.notFound, /slipway bootstrap/u, /nothing/u),
      );
  }).timeout(20_000);
});

function isRefusal(error: unknown, code: number, next: RegExp, changed: RegExp): boolean {
  assert.ok(error instanceof SlipwayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.next ?? "", next);
  assert.match(error.changed ?? "", changed);
  return true;
}

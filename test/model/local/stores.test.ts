import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { FolderStore } from "../../../automation/model/local/folder-store.ts";
import type { ObjectStore } from "../../../automation/model/local/object-store.ts";
import { S3ObjectStore } from "../../../automation/model/local/s3-store.ts";
import { startMiniStack, type MiniStack } from "../../support/ministack.ts";

const bucket = "lab-bucket";
const place = (key: string) => ({ bucket, key });
const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString("utf8");

/** What steps rely on, whatever keeps their objects. */
function behavesAsStore(store: () => ObjectStore): void {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-objects-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("gives back what it was given, and nothing for what it was not", async () => {
    await store().write(place("a/b.json"), '{"ü": 1}');
    assert.equal(text(await store().read(place("a/b.json"))), '{"ü": 1}');
    assert.equal(await store().read(place("a/absent.json")), undefined);
    await store().write(place("a/b.json"), "new");
    assert.equal(text(await store().read(place("a/b.json"))), "new");
  });

  it("takes files and brings them", async () => {
    await writeFile(join(folder, "in.bin"), Buffer.from([0, 1, 255]));
    await store().upload(join(folder, "in.bin"), place("files/x.bin"));
    await store().download(place("files/x.bin"), join(folder, "out.bin"));
    assert.deepEqual(await readFile(join(folder, "out.bin")), Buffer.from([0, 1, 255]));
  });
}

/** How what is kept is found again. */
function findsAgain(store: () => ObjectStore): void {
  it("lists by the beginning of a key, in order, with sizes", async () => {
    for (const key of ["list/two/c", "list/two/b", "list/one", "list2/x"]) await store().write(place(key), key);
    const keys = async (key: string) => (await store().list(place(key))).map((one) => [one.key, one.size]);
    assert.deepEqual(await keys("list/"), [
      ["list/one", 8],
      ["list/two/b", 10],
      ["list/two/c", 10],
    ]);
    assert.deepEqual((await keys("list")).length, 4);
    assert.deepEqual(await keys("list/tw"), [
      ["list/two/b", 10],
      ["list/two/c", 10],
    ]);
    assert.deepEqual(await keys("nowhere/"), []);
  });

  it("has another tag for another content, and one for the same", async () => {
    const tag = async (key: string) => (await store().list(place(key)))[0]?.tag;
    await store().write(place("tags/a"), "1");
    await store().write(place("tags/b"), "1");
    assert.equal(await tag("tags/a"), await tag("tags/b"));
    await store().write(place("tags/b"), "2");
    assert.notEqual(await tag("tags/a"), await tag("tags/b"));
  });
}

describe("objects of a run in a folder", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "slipway-objects-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  behavesAsStore(() => new FolderStore(directory));
  findsAgain(() => new FolderStore(directory));
});

describe("objects of a run in S3", function () {
  this.timeout(120_000);
  let server: MiniStack;
  let store: S3ObjectStore;
  before(async () => {
    server = await startMiniStack();
    const credentials = { accessKeyId: "222222222222", secretAccessKey: "test" };
    const connection = { region: "us-east-1", endpoint: server.endpoint, credentials };
    const client = new S3Client({ ...connection, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    store = new S3ObjectStore(connection);
  });
  after(async () => {
    await store?.close();
    await server?.stop();
  });
  behavesAsStore(() => store);
  findsAgain(() => store);
});

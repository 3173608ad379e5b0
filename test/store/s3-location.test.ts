import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode } from "../../automation/errors.ts";
import { openStore } from "../../automation/store/open.ts";
import { parseS3Location } from "../../automation/store/s3-location.ts";
import { failsWith, scratch } from "../git/throw-away.ts";

describe("S3 store location", () => {
  const plain = { prefix: "", region: undefined, endpoint: undefined, kmsKey: undefined };
  const good: [string, object][] = [
    ["s3://bucket", { ...plain, bucket: "bucket" }],
    ["s3://bucket/", { ...plain, bucket: "bucket" }],
    ["s3://bucket/a/b", { ...plain, bucket: "bucket", prefix: "a/b/" }],
    [
      "s3://my.bucket/a/?region=eu-west-1&endpoint=http://127.0.0.1:9000&kmsKey=arn:aws:kms:eu-west-1:111111111111:key/x",
      {
        bucket: "my.bucket",
        prefix: "a/",
        region: "eu-west-1",
        endpoint: "http://127.0.0.1:9000",
        kmsKey: "arn:aws:kms:eu-west-1:111111111111:key/x",
      },
    ],
  ];
  for (const [url, expected] of good) it(`reads ${url}`, () => assert.deepEqual(parseS3Location(url), expected));

  const bad: [string, RegExp][] = [
    ["bucket", /no s3:\/\/ URL/u],
    ["http://bucket", /no s3:\/\/ URL/u],
    ["s3://", /no bucket name/u],
    ["s3://Bucket_x", /no bucket name/u],
    ["s3://bucket/a b", /no prefix/u],
    ["s3://bucket/.pulumi", /no prefix/u],
    ["s3://bucket//a", /no prefix/u],
    ["s3://bucket?regoin=x", /no option "regoin"/u],
    ["s3://bucket?endpoint=127.0.0.1:9000", /endpoint/u],
  ];
  for (const [url, why] of bad)
    it(`refuses ${url}`, () => assert.throws(() => parseS3Location(url), failsWith(ExitCode.usage, why)));
});

describe("openStore", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  const open = async (chosen: string | undefined, file?: string) => {
    const root = temporary.directory();
    if (file !== undefined) {
      mkdirSync(join(root, "config"));
      writeFileSync(join(root, "config", "store.yaml"), file);
    }
    const environment = { SLIPWAY_STORE: chosen };
    const { location } = await openStore({ root, environment, directory: join(root, "default") });
    return location.replace(root, "ROOT");
  };

  const cases: [string, string | undefined, string | undefined, string][] = [
    ["nothing said", undefined, undefined, "ROOT/default"],
    ["an empty variable", "", undefined, "ROOT/default"],
    ["a bucket", "s3://bucket/slipway?region=x", undefined, "s3://bucket/slipway"],
    ["a relative directory", "shared/store", undefined, "ROOT/shared/store"],
    ["an absolute directory", "/srv/store", undefined, "/srv/store"],
    ["a file URL", "file:///srv/store", undefined, "/srv/store"],
    ["the file", undefined, "store: s3://bucket\n", "s3://bucket"],
    ["the variable before the file", "s3://other", "store: s3://bucket\n", "s3://other"],
  ];
  for (const [name, chosen, file, expected] of cases)
    it(`takes ${name}`, async () => assert.equal(await open(chosen, file), expected));

  it("refuses a scheme it does not know and a file it cannot read", async () => {
    await assert.rejects(open("gs://bucket"), failsWith(ExitCode.usage, /only s3:/u));
    for (const file of ["", "- a\n", "store: 1\n", "store: x\nmore: y\n"])
      await assert.rejects(open(undefined, file), failsWith(ExitCode.usage, /exactly one key/u));
  });

  it("does not load the SDK before the first request", () => {
    const module = join(import.meta.dirname, "../../automation/store/open.ts");
    const program = `import { openStore } from ${JSON.stringify(module)};
      import { createRequire } from "node:module";
      await openStore({ root: "/", environment: { SLIPWAY_STORE: "s3://bucket" }, directory: "/d" });
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("@aws-sdk"));
      const before = loaded();
      await import("@aws-sdk/client-s3");
      console.log(before, loaded());`;
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    assert.equal(said.trim(), "false true");
  });
});

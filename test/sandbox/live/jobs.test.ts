import { strict as assert } from "node:assert";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { zipSync } from "fflate";

import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import { livePaths } from "../../../sandbox/live/paths.ts";
import { endOfJob } from "./job-runs.ts";
import { openLiveLab, resourceOf, settings, type LiveLab } from "./live-lab.ts";

/** Counts lines with Spark, deletes a file, and says what it was given. */
const counting = `
import json, os, sys
from pyspark.sql import SparkSession
import tools

root = os.environ["LAKEHOUSE_S3_ROOT"]
spark = SparkSession.builder.appName("count").getOrCreate()
frame = spark.read.option("header", True).csv(root + "/lab-in/data")
frame.groupBy("kind").count().coalesce(1).write.partitionBy("kind").parquet(root + "/lab-out/counts")
os.remove(root + "/lab-out/old.txt")
with open(root + "/lab-out/report.json", "w") as report:
    json.dump({"argv": sys.argv[1:], "word": tools.WORD, "zone": spark.conf.get("spark.sql.session.timeZone")}, report)
`;
const failing = `raise ValueError("the data is not what it should be")\n`;

describe("Glue jobs of the sandbox", function () {
  this.timeout(240_000);
  let lab: LiveLab;
  let live: LiveCloud;
  let s3: S3Client;

  const put = (Bucket: string, Key: string, Body: string | Uint8Array) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const job = (name: string, script: string) =>
    resourceOf("aws:glue/job:Job", name, {
      ...{ name, roleArn: "arn:aws:iam::111111111111:role/lab", timeout: 1 },
      command: { name: "glueetl", scriptLocation: `s3://lab-code/${script}` },
      defaultArguments: {
        ...{ "--in_bucket": "lab-in", "--out_bucket": "lab-out", "--mode": "live" },
        "--extra-py-files": "s3://lab-code/tools.zip",
      },
    });
  const run = (name: string) => endOfJob(live, name, { "--run_id": "r-1", "--mode": "verification" });

  before(async () => {
    lab = await openLiveLab();
    live = await lab.connect();
    s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    for (const bucket of ["lab-in", "lab-out", "lab-code"])
      await live.ensure(resourceOf("aws:s3/bucket:Bucket", bucket, { bucket, forceDestroy: true }));
    await put("lab-code", "count.py", counting);
    await put("lab-code", "fail.py", failing);
    await put("lab-code", "tools.zip", zipSync({ "tools.py": Buffer.from("WORD = 'from the library'\n") }));
    await put("lab-in", "data/a.csv", "kind,n\nx,1\ny,2\nx,3\n");
    await put("lab-out", "old.txt", "old");
    await live.ensure(job("count", "count.py"));
    await live.ensure(job("fail", "fail.py"));
  });
  after(async () => {
    s3?.destroy();
    await live?.close();
    await lab.close();
  });

  it("run the very script on Spark and carry back what it wrote and deleted", async () => {
    const { JobRunState, ErrorMessage } = await run("count");
    assert.deepEqual([JobRunState, ErrorMessage], ["SUCCEEDED", ""]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "lab-out" }));
    const keys = Contents.map(({ Key = "" }) => Key.replace(/part-.*(?=\.parquet$)/, "part"));
    assert.deepEqual(keys, [
      "counts/_SUCCESS",
      "counts/kind=x/part.parquet",
      "counts/kind=y/part.parquet",
      "report.json",
    ]);
    const report = await s3.send(new GetObjectCommand({ Bucket: "lab-out", Key: "report.json" }));
    const { argv, word, zone } = JSON.parse((await report.Body?.transformToString()) ?? "") as Record<string, string[]>;
    assert.deepEqual([word, zone], ["from the library", "UTC"]);
    const given = Object.fromEntries((argv ?? []).flatMap((item, at, all) => (at % 2 ? [] : [[item, all[at + 1]]])));
    assert.deepEqual(given, {
      ...{ "--in_bucket": "lab-in", "--out_bucket": "lab-out", "--mode": "verification", "--run_id": "r-1" },
      "--extra-py-files": "s3://lab-code/tools.zip",
    });
    assert.deepEqual(readdirSync(livePaths(lab.directory).jobs), []);
  });

  it("fail with the script's own words, and write nothing", async () => {
    const before = await s3.send(new ListObjectsV2Command({ Bucket: "lab-out" }));
    const { JobRunState, ErrorMessage } = await run("fail");
    assert.equal(JobRunState, "FAILED");
    assert.match(ErrorMessage ?? "", /^ValueError: the data is not what it should be/);
    const after = await s3.send(new ListObjectsV2Command({ Bucket: "lab-out" }));
    assert.deepEqual(after.Contents, before.Contents);
  });

  it("keep a log of each run", () => {
    const logs = readdirSync(join(livePaths(lab.directory).logs, "jobs"));
    assert.deepEqual(logs.map((name) => name.split("-")[0]).sort(), ["count", "fail"]);
  });
});

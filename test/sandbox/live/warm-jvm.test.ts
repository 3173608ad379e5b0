import { strict as assert } from "node:assert";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import { livePaths } from "../../../sandbox/live/paths.ts";
import { isRunning, markOf, type ProcessMark } from "../../../sandbox/live/process.ts";
import { endOfJob } from "./job-runs.ts";
import { openLiveLab, resourceOf, settings, until, type LiveLab } from "./live-lab.ts";

/** Shows whether a session is new: its settings, its tables, and a function that runs in a Python worker. */
const looking = `
import os
from pyspark.sql import SparkSession, functions as f
spark = SparkSession.builder.getOrCreate()
found = {
    "partitions": spark.conf.get("spark.sql.shuffle.partitions"),
    "leak": spark.sparkContext.getConf().get("spark.lab.leak", "none"),
    "tables": [table.name for table in spark.catalog.listTables()],
    "account": spark.range(1).select(f.udf(lambda _: os.environ["AWS_ACCESS_KEY_ID"])("id")).first()[0],
}
spark.range(3).write.saveAsTable("lab")
raise SystemExit(str(found))
`;
const fresh = "{'partitions': '1', 'leak': 'none', 'tables': [], 'account': '111111111111'}";
/** Ends without a word, in the middle of its work. */
const crashing = `
import os
from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.shuffle.partitions", "7").getOrCreate()
spark.range(3).createOrReplaceTempView("left")
os._exit(7)
`;
/** Ends well, with its session open. */
const careless = `
from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.shuffle.partitions", "7").getOrCreate()
spark.range(3).createGlobalTempView("left")
`;
/** Changes what every later session of the JVM would start from. */
const leaking = `
from pyspark import SparkContext
SparkContext.setSystemProperty("spark.lab.leak", "yes")
`;

describe("the warm JVM of the sandbox's Glue jobs", function () {
  this.timeout(300_000);
  let lab: LiveLab;
  let live: LiveCloud;

  before(async () => {
    lab = await openLiveLab();
    live = await lab.connect();
    const s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    await live.ensure(resourceOf("aws:s3/bucket:Bucket", "lab-code", { bucket: "lab-code", forceDestroy: true }));
    for (const [name, Body] of Object.entries({ looking, crashing, careless, leaking })) {
      await s3.send(new PutObjectCommand({ Bucket: "lab-code", Key: `${name}.py`, Body }));
      const command = { name: "glueetl", scriptLocation: `s3://lab-code/${name}.py` };
      const role = "arn:aws:iam::111111111111:role/lab";
      await live.ensure(resourceOf("aws:glue/job:Job", name, { name, roleArn: role, timeout: 1, command }));
    }
    s3.destroy();
  });
  after(async () => {
    await live?.close();
    await lab.close();
  });

  /** The JVM that the latest run of a job was in. */
  const jvmOf = (job: string): { pid: number; warm: boolean } => {
    const folder = join(livePaths(lab.directory).logs, "jobs");
    const log = readdirSync(folder)
      .filter((name) => name.startsWith(`${job}-`))
      .sort()
      .at(-1);
    const [, where, pid] =
      /^Spark runs in (.*), process (\d+)$/m.exec(readFileSync(join(folder, log ?? ""), "utf8")) ?? [];
    return { pid: Number(pid), warm: where === "the sandbox's JVM" };
  };
  const look = async () => {
    const { ErrorMessage = "" } = await endOfJob(live, "looking");
    return { found: ErrorMessage.trim(), ...jvmOf("looking") };
  };

  it("runs one job after the other, each as if it were the first", async () => {
    const first = await look();
    assert.deepEqual([first.found, first.warm], [fresh, true]);
    assert.deepEqual(await look(), first);
  });

  it("keeps nothing of a job that left its session open", async () => {
    assert.equal((await endOfJob(live, "careless")).JobRunState, "SUCCEEDED");
    assert.deepEqual(await look(), { found: fresh, ...jvmOf("careless") });
  });

  it("keeps nothing of a job that crashed", async () => {
    assert.equal((await endOfJob(live, "crashing")).JobRunState, "FAILED");
    const { pid } = jvmOf("crashing");
    const next = await look();
    assert.deepEqual([next.found, next.warm, next.pid === pid], [fresh, true, false]);
    assert.equal(markOf(pid), undefined);
  });

  it("is a new one after a job that changed its settings", async () => {
    assert.equal((await endOfJob(live, "leaking")).JobRunState, "SUCCEEDED");
    const next = await look();
    assert.deepEqual([next.found, next.pid === jvmOf("leaking").pid], [fresh, false]);
  });

  it("is a new one after it was killed", async () => {
    const { pid } = jvmOf("looking");
    process.kill(pid, "SIGKILL");
    const next = await look();
    assert.deepEqual([next.found, next.warm, next.pid === pid], [fresh, true, false]);
  });

  it("does not keep two jobs from running at the same time", async () => {
    const ended = await Promise.all([endOfJob(live, "looking"), endOfJob(live, "careless")]);
    assert.deepEqual([ended[0].ErrorMessage?.trim(), ended[1].JobRunState], [fresh, "SUCCEEDED"]);
  });

  it("ends with the supervisor, however that ends", async () => {
    await look();
    const warm = markOf(jvmOf("looking").pid) ?? assert.fail("the JVM is not kept");
    const { pid } = JSON.parse(readFileSync(livePaths(lab.directory).endpoint, "utf8")) as ProcessMark;
    process.kill(pid, "SIGKILL");
    await until("the JVM is gone", () => !isRunning(warm));
  });
});

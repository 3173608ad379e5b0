import { strict as assert } from "node:assert";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { zipSync } from "fflate";

import { connectLive, sandboxStatus, stopLive } from "../../../sandbox/index.ts";
import { livePaths } from "../../../sandbox/live/paths.ts";
import { isRunning, type ProcessMark } from "../../../sandbox/live/process.ts";
import { openLab, type Lab } from "../lab.ts";
import { account, openLiveLab, region, settings, until, type LiveLab } from "./live-lab.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const program = (word: string, more = "") => `
  const opts = { provider: aws("here", "${account}", "${region}") };
  const role = thing("aws:iam/role:Role", "role", { name: "lab", assumeRolePolicy: ${JSON.stringify(trust)} }, ["arn"], opts);
  const bucket = thing("aws:s3/bucket:Bucket", "bucket", { bucket: "lab-engine-bucket" }, [], opts);
  ${more}
  const lambda = thing("aws:lambda/function:Function", "function", {
    name: "lab", role: role.arn, runtime: "python3.13", handler: "handler.handler",
    environment: { variables: { WORD: ${JSON.stringify(word)} } },
    code: new pulumi.asset.FileArchive("code.zip"),
  }, ["arn"], opts);
`;

describe("live resources under the real engine", function () {
  this.timeout(300_000);
  let lab: Lab;
  let settingsOfLive: LiveLab;
  let outer: Record<string, string | undefined>;

  /** The engine's plugins read the variables of the process that starts it. */
  const call = async (): Promise<unknown> => {
    const live = (await connectLive(lab.directory)) ?? assert.fail("no emulator");
    const lambda = new LambdaClient(settings(live));
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "lab" }));
    lambda.destroy();
    await live.close();
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };

  before(async () => {
    settingsOfLive = await openLiveLab(3_000);
    outer = Object.fromEntries(Object.keys(settingsOfLive.environment).map((name) => [name, process.env[name]]));
    Object.assign(process.env, settingsOfLive.environment);
    lab = await openLab();
    const handler = `import os\ndef handler(event, context):\n    return os.environ["WORD"]\n`;
    writeFileSync(join(lab.root, "code.zip"), zipSync({ "handler.py": Buffer.from(handler) }));
  });
  after(async () => {
    await stopLive(lab.directory);
    lab.close();
    for (const [name, value] of Object.entries(outer)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await settingsOfLive.close();
  });

  it("previews without the emulator", async () => {
    lab.program(program("one"));
    assert.equal((await lab.run("preview")).code, 0);
    assert.equal(existsSync(livePaths(lab.directory).root), false);
  });

  it("brings to life what an update creates", async () => {
    const { code, text } = await lab.up();
    assert.equal(code, 0, text);
    assert.equal(await call(), "one");
  });

  it("changes it with the next update", async () => {
    lab.program(program("two"));
    assert.equal((await lab.up()).code, 0);
    assert.equal(await call(), "two");
  });

  it("says in its status what runs where", async () => {
    const { live } = await sandboxStatus(lab.directory);
    assert.equal(live.reason, undefined);
    assert.deepEqual(
      live.services.map(({ service, resources }) => [service, resources]),
      [
        ["s3", 1],
        ["iam", 1],
        ["lambda", 1],
      ],
    );
  });

  it("fails an operation with the emulator's words, and keeps the resource on record", async () => {
    const live = (await connectLive(lab.directory)) ?? assert.fail("no emulator");
    const s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: "lab-engine-bucket", Key: "a", Body: "a" }));
    s3.destroy();
    const { code, text } = await lab.run("destroy", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(text, /BucketNotEmpty/);
    assert.ok(lab.resources().some(({ type }) => type === "aws:s3/bucket:Bucket"));
    await live.close();
  });

  it("leaves no process behind", async () => {
    const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as ProcessMark;
    const live = (await connectLive(lab.directory)) ?? assert.fail("no emulator");
    const marks = [livePaths(lab.directory).endpoint, livePaths(lab.directory).emulator].map(read);
    assert.ok(marks.every(isRunning));
    await live.close();
    await until("supervisor and emulator are gone", () => !marks.some(isRunning));
  });
});

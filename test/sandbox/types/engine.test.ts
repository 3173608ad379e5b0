import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { sandboxStatus } from "../../../sandbox/index.ts";
import { openLab, type Lab } from "../lab.ts";

const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
  });

/** A small pipeline: code in a bucket, a function that a state machine calls, a rule that starts it, and what listens. */
const program = (release: string, more = ""): string => `
  const p = { provider: aws("p", "111111111111") };
  const made = (type, name, inputs, outputs = [], options = {}) => thing("aws:" + type, name, inputs, outputs, { ...p, ...options });
  const role = (name, trust) => made("iam/role:Role", name, { name, assumeRolePolicy: trust }, ["arn"]);
  const caller = role("caller", ${JSON.stringify(trust("lambda.amazonaws.com"))});
  const starter = role("starter", ${JSON.stringify(trust("events.amazonaws.com"))});
  const steps = role("steps", ${JSON.stringify(trust("states.amazonaws.com"))});
  const bucket = made("s3/bucket:Bucket", "code", { bucket: "lab-code", forceDestroy: true }, ["bucket"]);
  const source = new pulumi.asset.FileAsset("${release}.txt");
  const object = made("s3/bucketObjectv2:BucketObjectv2", "object",
    { bucket: bucket.bucket, key: "f/${release}.zip", source }, ["key", "etag", "versionId"], { retainOnDelete: true });
  const code = { s3Bucket: bucket.bucket, s3Key: object.key, runtime: "python3.11" };
  const layer = made("lambda/layerVersion:LayerVersion", "layer",
    { layerName: "shared", s3Bucket: bucket.bucket, s3Key: object.key, compatibleRuntimes: ["python3.11"] }, ["arn", "version"]);
  const fn = made("lambda/function:Function", "fn",
    { name: "f", role: caller.arn, handler: "handler.handler", publish: true, layers: [layer.arn], ...code },
    ["arn", "version", "qualifiedArn", "codeSha256"]);
  const definition = fn.arn.apply((Resource) =>
    JSON.stringify({ StartAt: "Call", States: { Call: { Type: "Task", Resource, End: true } } }));
  const machine = made("sfn/stateMachine:StateMachine", "machine", { name: "m", roleArn: steps.arn, definition }, ["arn"]);
  const dead = made("sqs/queue:Queue", "dead", { name: "dead" }, ["arn", "url"]);
  const rule = made("cloudwatch/eventRule:EventRule", "rule", { name: "r", scheduleExpression: "rate(1 day)" }, ["name"]);
  made("cloudwatch/eventTarget:EventTarget", "target",
    { rule: rule.name, arn: machine.arn, roleArn: starter.arn, deadLetterConfig: { arn: dead.arn } }, ["targetId"]);
  ${more}
  return { version: fn.version, layer: layer.version, key: object.key, code: fn.codeSha256 };`;

describe("types of the data pipeline under the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;
  const live = process.env["SLIPWAY_SANDBOX_LIVE"];

  before(async () => {
    process.env["SLIPWAY_SANDBOX_LIVE"] = "off";
    lab = await openLab();
    for (const release of ["one", "two"]) writeFileSync(join(lab.root, `${release}.txt`), release);
  });
  after(() => {
    if (live === undefined) delete process.env["SLIPWAY_SANDBOX_LIVE"];
    else process.env["SLIPWAY_SANDBOX_LIVE"] = live;
    lab.close();
  });

  const keys = () =>
    lab
      .resources()
      .filter(({ type }) => type.includes("bucketObjectv2"))
      .map(({ id }) => id);

  it("come up, and stay as they are", async () => {
    lab.program(program("one"));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.equal(run.outputs["version"], "1");
    assert.equal(run.outputs["layer"], "1");
    assert.deepEqual((await lab.run("up", "--yes", "--skip-preview", "--expect-no-changes")).changes, []);
    assert.deepEqual(
      (await sandboxStatus(lab.directory)).types.filter(({ how }) => how === "echoed"),
      [],
    );
  });

  it("keep the old object when code moves on, and take it back", async () => {
    lab.program(program("two"));
    const forward = await lab.up();
    assert.equal(forward.code, 0, forward.text);
    assert.deepEqual(forward.outputs, { ...forward.outputs, version: "2", layer: "2", key: "f/two.zip" });
    assert.deepEqual(keys().sort(), ["lab-code/f/one.zip", "lab-code/f/two.zip"]);
    lab.program(program("one"));
    const back = await lab.up();
    assert.equal(back.code, 0, back.text);
    assert.deepEqual(back.outputs, { ...back.outputs, version: "3", layer: "3", key: "f/one.zip" });
    assert.equal(keys().length, 2);
  });

  it("write an object over another of the same key", async () => {
    const twin = `made("s3/bucketObjectv2:BucketObjectv2", "twin", { bucket: bucket.bucket, key: "f/two.zip", content: "x" });`;
    lab.program(program("one", twin));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    assert.equal(keys().length, 2);
  });

  it("are refused in the service's words", async () => {
    const broken = `made("glue/job:Job", "job", { name: "j", roleArn: caller.arn, command: { scriptLocation: "s3://b/j.py" } });`;
    lab.program(program("one", broken));
    const run = await lab.up();
    assert.notEqual(run.code, 0);
    assert.match(run.text, /should be given assume role permissions for Glue Service/);
  });

  it("keep the name of a secret that can still be restored", async () => {
    const secret = (days: number) =>
      `made("secretsmanager/secret:Secret", "secret", { name: "lab/secret", recoveryWindowInDays: ${days} });`;
    lab.program(program("one", secret(7)));
    assert.equal((await lab.up()).code, 0);
    lab.program(program("one"));
    assert.equal((await lab.up()).code, 0);
    lab.program(program("one", secret(0)));
    const run = await lab.up();
    assert.notEqual(run.code, 0);
    assert.match(run.text, /already scheduled for deletion/);
  });

  it("go away with everything that a bucket held", async () => {
    const run = await lab.run("destroy", "--yes", "--skip-preview");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(lab.resources(), []);
  });
});

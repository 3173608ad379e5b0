import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { canaryLogGroup, canaryName } from "../../../components/observability/names.ts";
import { environmentNames } from "../../../config/profiles.ts";
import { policyOf } from "../../support/harness.ts";
import { everything, made, script } from "./fixture.ts";

const canaryType = "aws:synthetics/canary:Canary";
const key = "arn:aws:kms:us-east-1:111111111111:key/observability-http-encryption-key";
const bucket = "slipway-dev-checks-bucket-222222222222-us-east-1";

describe("components/observability: questions from outside", () => {
  it("ask each address as the release's script does, under a key and with a limit", async () => {
    const { get } = await made({ settings: everything });
    const { inputs } = get(canaryType, "observability-http-canary");
    const { runConfig, ...rest } = inputs;
    assert.deepEqual(rest, {
      name: "slipway-dev-http",
      runtimeVersion: "syn-python-selenium-14.0",
      handler: "check.handler",
      s3Bucket: bucket,
      s3Key: `scripts/${"a".repeat(64)}.zip`,
      artifactS3Location: `s3://${bucket}/results`,
      artifactConfig: { s3Encryption: { encryptionMode: "SSE_KMS", kmsKeyArn: key } },
      kmsKeyArn: key,
      executionRoleArn: "arn:aws:iam::111111111111:role/observability-http-role",
      schedule: { expression: "rate(5 minutes)" },
      ...{ successRetentionPeriod: 30, failureRetentionPeriod: 30, startCanary: true, deleteLambda: true },
    });
    const { environmentVariables, timeoutInSeconds } = runConfig as Record<string, Record<string, string>>;
    assert.equal(timeoutInSeconds, 60);
    assert.deepEqual(JSON.parse(environmentVariables?.["TARGETS"] ?? ""), {
      web: "https://www.example.com/health",
      models: "https://abc123.execute-api.us-east-1.amazonaws.com/models",
    });
  });

  it("say one minute as EventBridge does", async () => {
    const checks = { everyMinutes: 1, models: false, urls: { web: "https://www.example.com/health" } };
    const { inputs } = (await made({ settings: { checks } })).get(canaryType, "observability-http-canary");
    assert.deepEqual(inputs.schedule, { expression: "rate(1 minute)" });
  });

  it("write logs into a group that ends and is encrypted; the canary itself cannot make one", async () => {
    const { get } = await made({ settings: everything });
    assert.deepEqual(get("aws:cloudwatch/logGroup:LogGroup", "observability-http-logs").inputs, {
      ...{ name: "/aws/lambda/cwsyn-slipway-dev-http-0a1b", retentionInDays: 7, kmsKeyId: key },
    });
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "observability-http-policy"));
    assert.deepEqual(
      Statement.map(({ Action, Resource, Condition }) => [Action, Resource, ...(Condition ? [Condition] : [])]),
      [
        [["s3:PutObject"], [`arn:aws:s3:::${bucket}/results/*`]],
        [["s3:GetBucketLocation"], [`arn:aws:s3:::${bucket}`]],
        [["s3:ListAllMyBuckets"], ["*"]],
        [["kms:Decrypt", "kms:GenerateDataKey"], [key]],
        [
          ["logs:CreateLogStream", "logs:PutLogEvents"],
          ["arn:aws:logs:us-east-1:222222222222:log-group:/aws/lambda/cwsyn-slipway-dev-http-*"],
        ],
        [["cloudwatch:PutMetricData"], ["*"], { StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" } }],
      ],
    );
  });

  it("has a name that Synthetics takes in every environment", () => {
    for (const environment of environmentNames) assert.match(canaryName(environment), /^[0-9a-z_-]{1,21}$/);
    assert.throws(() => canaryName("a-long-environment"), /at most 21/);
    assert.equal(canaryLogGroup("arn:aws:lambda:us-east-1:2:function:cwsyn-x-1:7"), "/aws/lambda/cwsyn-x-1");
  });
});

describe("observability/canary", function () {
  this.timeout(20_000);
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function answering(status: number): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status).end("{}"));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  }

  /** What the handler returns or raises, as Synthetics would see it. */
  async function handled(targets: Record<string, string>): Promise<string> {
    const program =
      "import check, sys\ntry: print(check.handler({}, None))\nexcept RuntimeError as e: print('failed:', e)";
    const env = { PATH: process.env["PATH"], PYTHONPATH: dirname(script.path), TARGETS: JSON.stringify(targets) };
    const { stdout } = await promisify(execFile)("python3", ["-B", "-c", program], { env });
    return stdout.trim();
  }

  it("is content with 200 from all", async () => {
    assert.equal(await handled({ web: await answering(200), models: await answering(200) }), "2 answered");
  });

  it("names every address that does not answer so, and why", async () => {
    const web = await answering(503);
    const gone = await answering(200);
    servers.pop()?.close();
    const found = await handled({ web, gone, models: await answering(200) });
    assert.match(found, /^failed: web: answered 503; gone: no answer \(.*refused.*\)$/);
  });
});

import { strict as assert } from "node:assert";
import { EventBridgeClient, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetJobCommand, GetTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { GetRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetAliasCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetBucketVersioningCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  ListStateMachineVersionsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";

import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import { liveServices, liveTable } from "../../../sandbox/live/table.ts";
import { liveTypes } from "../../../sandbox/live/types/index.ts";
import type { CloudResource } from "../../../sandbox/types/type-spec.ts";
import { openLiveLab, resourceOf, settings, until, type LiveLab } from "./live-lab.ts";
import { everything, handler, machine, machineArn, topicArn } from "./live-resources.ts";

describe("live types of the sandbox", function () {
  this.timeout(120_000);
  let lab: LiveLab;
  let live: LiveCloud;
  let resources: CloudResource[];
  before(async () => {
    lab = await openLiveLab();
    resources = everything(lab.directory);
    live = await lab.connect();
  });
  after(async () => {
    await live?.close();
    await lab.close();
  });

  it("are the same in the light table and in what implements it", () => {
    assert.deepEqual(Object.keys(liveTypes).sort(), Object.keys(liveTable).sort());
    assert.deepEqual(
      new Set(Object.values(liveTable).map(({ service }) => service)),
      new Set(Object.keys(liveServices)),
    );
    assert.deepEqual(new Set(resources.map(({ type }) => type)), new Set(Object.keys(liveTable)));
  });

  for (const time of ["once", "twice"])
    it(`come to life, ${time}`, async () => {
      for (const resource of resources) await live.ensure(resource);
    });

  it("hold objects, versions, roles and tables", async () => {
    const s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    const object = await s3.send(new GetObjectCommand({ Bucket: "lab-data", Key: "code.zip" }));
    assert.equal(
      (await object.Body?.transformToByteArray())?.length,
      zipSync({ "handler.py": Buffer.from(handler) }).length,
    );
    assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket: "lab-data" }))).Status, "Enabled");
    const inline = new GetRolePolicyCommand({ RoleName: "lab", PolicyName: "inline" });
    assert.equal((await new IAMClient(settings(live)).send(inline)).PolicyName, "inline");
    const glue = new GlueClient(settings(live));
    const { Table } = await glue.send(new GetTableCommand({ DatabaseName: "lab_db", Name: "orders" }));
    assert.equal(Table?.StorageDescriptor?.Columns?.[0]?.Name, "id");
    assert.equal((await glue.send(new GetJobCommand({ JobName: "lab" }))).Job?.Timeout, 600);
  });

  it("run a function with its layer, and by its alias", async () => {
    const lambda = new LambdaClient(settings(live));
    const call = new InvokeCommand({ FunctionName: "lab", Qualifier: "live", Payload: Buffer.from(`{"a":1}`) });
    const { Payload, FunctionError } = await lambda.send(call);
    assert.equal(FunctionError, undefined);
    assert.deepEqual(JSON.parse(Buffer.from(Payload ?? []).toString()), { said: "hello", event: { a: 1 } });
    assert.ok((await lambda.send(new GetAliasCommand({ FunctionName: "lab", Name: "live" }))).FunctionVersion);
  });

  it("take a new definition of a state machine", async () => {
    const sfn = new SFNClient(settings(live));
    const changed = resources.find(({ type }) => type.startsWith("aws:sfn")) ?? assert.fail();
    const outputs = { ...changed.outputs, definition: machine("b") };
    await live.ensure({ ...changed, inputs: outputs, outputs });
    const { executionArn } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name: "by-hand" }),
    );
    const describe = async () => sfn.send(new DescribeExecutionCommand({ executionArn }));
    await until("the execution ends", async () => (await describe()).status === "SUCCEEDED");
    assert.equal((await describe()).output, `"b"`);
  });

  it("publish the version on record, wherever the emulator's count stands", async () => {
    const sfn = new SFNClient(settings(live));
    const resource = resources.find(({ type }) => type.startsWith("aws:sfn")) ?? assert.fail();
    const arn = `${machineArn}-versions`;
    const recorded = (version: number, body: string, publish = true): CloudResource => {
      const own = { name: "lab-versions", arn, definition: machine(body), publish };
      const outputs = { ...resource.outputs, ...own, stateMachineVersionArn: `${arn}:${version}` };
      return { ...resource, id: arn, inputs: outputs, outputs };
    };
    const published = async () => {
      const listed = await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: arn }));
      return listed.stateMachineVersions?.map(({ stateMachineVersionArn = "" }) => stateMachineVersionArn).sort();
    };
    const started = async (stateMachineArn: string) => {
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
      const ask = async () => sfn.send(new DescribeExecutionCommand({ executionArn }));
      await until("the execution ends", async () => (await ask()).status !== "RUNNING");
      return (await ask()).output;
    };
    const cases: [title: string, version: number, body: string, last: number][] = [
      ["replayed into an empty emulator", 3, "a", 3],
      ["replayed once more", 3, "a", 3],
      ["updated", 4, "b", 4],
      ["tagged and logged differently, which counts", 5, "b", 5],
      ["changed under the same number, as after a failure", 5, "c", 5],
      ["counted less far, with the same definition", 2, "c", 5],
      ["counted less far, with another one", 2, "d", 2],
    ];
    for (const [title, version, body, last] of cases) {
      await live.ensure(recorded(version, body));
      const all = Array.from({ length: last }, (_, at) => `${arn}:${at + 1}`);
      assert.deepEqual(await published(), all, title);
      assert.equal(await started(`${arn}:${version}`), JSON.stringify(body), title);
    }
    await live.ensure(recorded(2, "e", false));
    assert.equal(await started(arn), '"e"');
    assert.deepEqual(await published(), [`${arn}:1`, `${arn}:2`]);
    await live.remove(recorded(2, "e"));
    await assert.rejects(started(`${arn}:2`), /StateMachineDoesNotExist/);
  });

  it("start the state machine for a new object, and only below the prefix", async () => {
    const s3 = new S3Client({ ...settings(live), forcePathStyle: true });
    const sfn = new SFNClient(settings(live));
    await s3.send(new PutObjectCommand({ Bucket: "lab-data", Key: "elsewhere/a.csv", Body: "a" }));
    await s3.send(new PutObjectCommand({ Bucket: "lab-data", Key: "in/a.csv", Body: "a" }));
    const executions = async () => {
      const { executions: found = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
      return found.filter(({ name }) => name !== "by-hand");
    };
    await until("the rule has started an execution", async () => (await executions()).length > 0);
    assert.equal((await executions()).length, 1);
    const [{ executionArn } = {}] = await executions();
    assert.equal((await sfn.send(new DescribeExecutionCommand({ executionArn }))).input, `{"mode":"live"}`);
  });

  it("pass a message from the topic to the queue, keep the secret, and fire no schedule", async () => {
    const sqs = new SQSClient(settings(live));
    await new SNSClient(settings(live)).send(new PublishCommand({ TopicArn: topicArn, Message: "news" }));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "lab" }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    assert.equal((JSON.parse(Messages[0]?.Body ?? "{}") as { Message?: string }).Message, "news");
    const secrets = new SecretsManagerClient(settings(live));
    assert.equal((await secrets.send(new GetSecretValueCommand({ SecretId: "lab/secret" }))).SecretString, "told");
    const schedule = new GetScheduleCommand({ Name: "s", GroupName: "lab" });
    assert.equal((await new SchedulerClient(settings(live)).send(schedule)).State, "DISABLED");
    const targets = new ListTargetsByRuleCommand({ Rule: "lab" });
    assert.equal((await new EventBridgeClient(settings(live)).send(targets)).Targets?.length, 1);
  });

  it("refuse in the emulator's words", async () => {
    const orphan = resourceOf("aws:glue/catalogTable:CatalogTable", "x", { name: "x", databaseName: "nowhere" });
    await assert.rejects(live.ensure(orphan), /EntityNotFoundException: Database nowhere not found/);
    const full =
      resources.find(({ id, type }) => id === "lab-data" && type === "aws:s3/bucket:Bucket") ?? assert.fail();
    const kept = { ...full, inputs: { bucket: "lab-data", forceDestroy: false } };
    await assert.rejects(live.remove(kept), /BucketNotEmpty/);
  });

  for (const time of ["once", "twice"])
    it(`go again, ${time}`, async () => {
      for (const resource of resources.toReversed()) await live.remove(resource);
    });
});

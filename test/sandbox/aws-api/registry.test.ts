import { strict as assert } from "node:assert";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  DescribeModelPackageGroupCommand,
  ListModelPackagesCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
  type CreateModelPackageCommandInput,
  type ListModelPackagesCommandInput,
} from "@aws-sdk/client-sagemaker";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

import type { AwsApi } from "../../../sandbox/aws-api/index.ts";
import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { region, until } from "../live/live-lab.ts";
import { clientsOf, openAwsLab, settings, type AwsLab, type Clients } from "./aws-lab.ts";

const groupType = "aws:sagemaker/modelPackageGroup:ModelPackageGroup";
const group = "lab-housing";

describe("the sandbox's model registry", function () {
  this.timeout(60_000);
  let lab: AwsLab;
  let api: AwsApi;
  let clients: Clients;
  let sqs: SQSClient;
  let queueUrl: string;

  before(async function () {
    this.timeout(600_000);
    lab = await openAwsLab();
    lab.recorded(groupType, group, { modelPackageGroupName: group });
    api = await lab.start();
    api.attach(lab.emulator.endpoint);
    clients = clientsOf(api, lab);
    sqs = new SQSClient(settings(lab.emulator.endpoint, lab.account));
    queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: "lab" }))).QueueUrl ?? "";
    const bus = new EventBridgeClient(settings(lab.emulator.endpoint, lab.account));
    const detail = { "detail-type": ["SageMaker Model Package State Change"], source: ["aws.sagemaker"] };
    const EventPattern = JSON.stringify({ ...detail, detail: { ModelPackageGroupName: [{ prefix: "lab-" }] } });
    await bus.send(new PutRuleCommand({ Name: "lab", EventPattern }));
    const Arn = `arn:aws:sqs:${region}:${lab.account}:lab`;
    await bus.send(new PutTargetsCommand({ Rule: "lab", Targets: [{ Id: "queue", Arn }] }));
    bus.destroy();
  });
  after(async () => {
    sqs?.destroy();
    clients?.destroy();
    await api?.close();
    await lab?.close();
  });

  const arn = (version: number, name = group) =>
    `arn:aws:sagemaker:${region}:${lab.account}:model-package/${name}/${version}`;
  const create = async (input: Partial<CreateModelPackageCommandInput> = {}) =>
    clients.sagemaker.send(new CreateModelPackageCommand({ ModelPackageGroupName: group, ...input }));
  const describePackage = (ModelPackageName: string) =>
    clients.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName }));
  const list = async (input: ListModelPackagesCommandInput) => {
    const { ModelPackageSummaryList = [] } = await clients.sagemaker.send(new ListModelPackagesCommand(input));
    return ModelPackageSummaryList.map(({ ModelPackageVersion }) => ModelPackageVersion);
  };
  /** Events that reached the queue, in the order of their coming. */
  const events = async (count: number): Promise<Record<string, unknown>[]> => {
    const found: Record<string, unknown>[] = [];
    await until(`${count} events have come`, async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      found.push(...Messages.map(({ Body = "{}" }) => JSON.parse(Body) as Record<string, unknown>));
      return found.length >= count;
    });
    return found;
  };

  it("counts versions up, and tells the default bus of each", async () => {
    const container = {
      Image: "000000000000.dkr.ecr.us-east-1.amazonaws.com/predict@sha256:00",
      ModelDataUrl: "s3://b/m.tar.gz",
    };
    const made = await create({
      ModelApprovalStatus: "Approved",
      InferenceSpecification: { Containers: [container], SupportedContentTypes: ["application/json"] },
      CustomerMetadataProperties: { threshold: "0.6" },
    });
    assert.equal(made.ModelPackageArn, arn(1));
    assert.equal((await create()).ModelPackageArn, arn(2));
    const [first, second] = await events(2);
    const { detail, resources, account: where, region: place } = first ?? {};
    assert.deepEqual([resources, where, place], [[arn(1)], lab.account, region]);
    const { CreationTime, LastModifiedTime, ...rest } = detail as Record<string, unknown>;
    assert.match(`${String(CreationTime)} ${String(LastModifiedTime)}`, /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ?){2}$/);
    assert.deepEqual(rest, {
      ModelPackageGroupName: group,
      ModelPackageVersion: 1,
      ModelPackageArn: arn(1),
      ModelPackageStatus: "Completed",
      ModelApprovalStatus: "Approved",
      InferenceSpecification: { Containers: [container], SupportedContentTypes: ["application/json"] },
      ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
      CertifyForMarketplace: false,
      CustomerMetadataProperties: { threshold: "0.6" },
    });
    assert.equal((second?.["detail"] as Record<string, unknown>)["ModelApprovalStatus"], "PendingManualApproval");
  });

  it("answers a repeated request with the version that it made", async () => {
    const ClientToken = "11111111-2222-3333-4444-555555555555";
    const [one, two] = [await create({ ClientToken }), await create({ ClientToken })];
    assert.equal(one.ModelPackageArn, arn(3));
    assert.equal(two.ModelPackageArn, arn(3));
    assert.equal((await events(1)).length, 1);
  });

  it("takes an approval, and names in the event what it changed", async () => {
    const change = { ModelPackageArn: arn(2), ApprovalDescription: "looked at it" };
    await clients.sagemaker.send(new UpdateModelPackageCommand({ ...change, ModelApprovalStatus: "Approved" }));
    const { ModelApprovalStatus, ApprovalDescription, CreationTime, LastModifiedTime } = await describePackage(arn(2));
    assert.deepEqual([ModelApprovalStatus, ApprovalDescription], ["Approved", "looked at it"]);
    assert.ok(CreationTime !== undefined && LastModifiedTime !== undefined && CreationTime < LastModifiedTime);
    const [event] = await events(1);
    const { ModelPackageVersion, UpdatedModelPackageFields } = event?.["detail"] as Record<string, unknown>;
    assert.deepEqual(
      [ModelPackageVersion, UpdatedModelPackageFields],
      [2, ["ApprovalDescription", "ModelApprovalStatus"]],
    );
  });

  it("adds and removes metadata and leaves the rest", async () => {
    const change = { CustomerMetadataProperties: { seen: "yes" }, CustomerMetadataPropertiesToRemove: ["threshold"] };
    await clients.sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn(1), ...change }));
    const found = await describePackage(arn(1));
    assert.deepEqual(found.CustomerMetadataProperties, { seen: "yes" });
    assert.equal(found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl, "s3://b/m.tar.gz");
    await events(1);
  });

  it("lists by group, approval, name, time and order, page by page", async () => {
    assert.deepEqual(await list({ ModelPackageGroupName: group }), [1, 2, 3]);
    assert.deepEqual(await list({ ModelPackageGroupName: group, SortOrder: "Descending" }), [3, 2, 1]);
    assert.deepEqual(await list({ ModelApprovalStatus: "Approved", ModelPackageType: "Versioned" }), [1, 2]);
    assert.deepEqual(await list({ NameContains: "housing", SortBy: "Name", SortOrder: "Ascending" }), [1, 2, 3]);
    assert.deepEqual(await list({ NameContains: "elsewhere" }), []);
    assert.deepEqual(await list({ ModelPackageType: "Unversioned" }), []);
    assert.deepEqual(await list({ CreationTimeAfter: new Date(Date.now() + 60_000) }), []);
    assert.deepEqual(await list({ CreationTimeBefore: new Date(Date.now() + 60_000) }), [1, 2, 3]);
    const command = { ModelPackageGroupName: group, MaxResults: 2 };
    const { NextToken, ModelPackageSummaryList } = await clients.sagemaker.send(new ListModelPackagesCommand(command));
    assert.equal(ModelPackageSummaryList?.length, 2);
    assert.deepEqual(await list({ ...command, NextToken }), [3]);
  });

  it("refuses in SageMaker's words", async () => {
    const cases: [title: string, work: () => Promise<unknown>, message: RegExp][] = [
      ["another group", () => create({ ModelPackageGroupName: "absent" }), /Model Package Group arn:.*\/absent does not exist/],
      ["another status", () => create({ ModelApprovalStatus: "Maybe" as "Approved" }), /'Maybe' at 'ModelApprovalStatus'.*enum value set: \[Approved/],
      ["no object", () => create({ InferenceSpecification: { Containers: [{ ModelDataUrl: "model.tar.gz" }] } }), /'model.tar.gz' at 'InferenceSpecification.Containers.1.ModelDataUrl'/],
      ["another version", () => describePackage(arn(9)), /ModelPackage arn:.*\/9 does not exist/],
      ["no ARN", () => describePackage("lab"), /'lab' at 'ModelPackageName'.*ARN/],
      ["too many", () => list({ MaxResults: 1_000 }), /'1000' at 'MaxResults'/],
    ]; // prettier-ignore
    for (const [title, work, message] of cases)
      await assert.rejects(work(), { name: "ValidationException", message }, title);
    assert.deepEqual(await list({ ModelPackageGroupName: group }), [1, 2, 3]);
  });

  it("keeps accounts apart, and reads across them by ARN", async () => {
    const other = new SageMakerClient(settings(api.endpoint, "222222222222"));
    const own = new ListModelPackagesCommand({ ModelPackageGroupName: group });
    await assert.rejects(other.send(own), /222222222222:model-package-group\/lab-housing does not exist/);
    const { ModelPackageVersion } = await other.send(new DescribeModelPackageCommand({ ModelPackageName: arn(1) }));
    assert.equal(ModelPackageVersion, 1);
    other.destroy();
  });

  it("begins anew with a group that was made again", async () => {
    lab.recorded(groupType, "lab-again", { modelPackageGroupName: "lab-again" });
    assert.equal((await create({ ModelPackageGroupName: "lab-again" })).ModelPackageArn, arn(1, "lab-again"));
    const described = await clients.sagemaker.send(
      new DescribeModelPackageGroupCommand({ ModelPackageGroupName: "lab-again" }),
    );
    assert.equal(described.ModelPackageGroupStatus, "Completed");
    const cloud = new Cloud(lab.directory);
    const [resource] = cloud.list({ type: groupType }).filter(({ id }) => id === "lab-again");
    assert.ok(resource !== undefined && cloud.remove(resource));
    await assert.rejects(describePackage(arn(1, "lab-again")), /does not exist/);
    const { urn, inputs, outputs } = resource;
    const again = { urn, inputs, outputs, uniqueKey: undefined, handles: [], salt: 1, echoed: false };
    cloud.insert(resource, { ...again, createdAt: "2026-02-02T00:00:00Z" });
    cloud.close();
    await assert.rejects(describePackage(arn(1, "lab-again")), /does not exist/);
    assert.equal((await create({ ModelPackageGroupName: "lab-again" })).ModelPackageArn, arn(1, "lab-again"));
  });
});

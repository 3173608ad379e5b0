import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, contextWith, resource } from "./context.ts";
import { fn, functionArn, machine, machineArn, queue, queueArn, roleArn, roleFor } from "./data-resources.ts";

const spec = (type: string) => typeSpec(type) ?? assert.fail(`no table for ${type}`);
const outputsOf = (type: string, inputs: Properties, there: CloudResource[] = []): Properties => {
  const context = contextWith(there);
  const id = spec(type).id(inputs, context);
  return { id, ...spec(type).outputs?.(inputs, id, context) };
};

const ruleType = "aws:cloudwatch/eventRule:EventRule";
const targetType = "aws:cloudwatch/eventTarget:EventTarget";
const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const objectType = "aws:s3/bucketObjectv2:BucketObjectv2";
const notificationType = "aws:s3/bucketNotification:BucketNotification";
const scheduleType = "aws:scheduler/schedule:Schedule";
const rotationType = "aws:secretsmanager/secretRotation:SecretRotation";
const topicArn = `arn:aws:sns:eu-west-1:${account}:t`;
const url = `https://sqs.eu-west-1.amazonaws.com/${account}/q`;

describe("type tables: outputs of queues, events and alarms", () => {
  const expected: [type: string, inputs: Properties, outputs: Record<string, unknown>][] = [
    ["aws:sqs/queue:Queue", { name: "q" }, { id: url, url, arn: queueArn, sqsManagedSseEnabled: true }],
    ["aws:sqs/queue:Queue", { name: "q", kmsMasterKeyId: "k" }, { sqsManagedSseEnabled: false }],
    ["aws:sqs/queuePolicy:QueuePolicy", { queueUrl: url }, { id: url }],
    ["aws:sns/topic:Topic", { name: "t" }, { id: topicArn, arn: topicArn, owner: account, policy: /SourceOwner/ }],
    [
      "aws:sns/topicSubscription:TopicSubscription",
      { topic: topicArn, protocol: "email" },
      { id: /:t:[0-9a-f-]{36}$/, pendingConfirmation: true, confirmationWasAuthenticated: false, ownerId: account },
    ],
    [
      "aws:sns/topicSubscription:TopicSubscription",
      { topic: topicArn, protocol: "sqs" },
      { pendingConfirmation: false },
    ],
    [ruleType, { name: "r" }, { id: "r", arn: `arn:aws:events:eu-west-1:${account}:rule/r`, state: "ENABLED" }],
    [
      ruleType,
      { name: "r", eventBusName: `arn:aws:events:eu-west-1:${account}:event-bus/data` },
      { id: "data/r", arn: `arn:aws:events:eu-west-1:${account}:rule/data/r` },
    ],
    [targetType, { rule: "r", targetId: "x" }, { id: "r-x", targetId: "x" }],
    [targetType, { rule: "r", eventBusName: "data", targetId: "x" }, { id: "data-r-x" }],
    [targetType, { rule: "r" }, { targetId: /^terraform-[0-9a-f]{26}$/ }],
    [
      scheduleType,
      { name: "s" },
      { id: "default/s", arn: `arn:aws:scheduler:eu-west-1:${account}:schedule/default/s` },
    ],
    ["aws:scheduler/scheduleGroup:ScheduleGroup", { name: "g" }, { id: "g", state: "ACTIVE" }],
    [
      "aws:secretsmanager/secret:Secret",
      { name: "a/b" },
      { id: new RegExp(`^arn:aws:secretsmanager:eu-west-1:${account}:secret:a/b-\\w{6}$`), policy: "" },
    ],
    [
      "aws:secretsmanager/secretVersion:SecretVersion",
      { secretId: "s" },
      { id: /^s\|[0-9a-f-]{36}$/, versionId: /^[0-9a-f-]{36}$/, versionStages: ["AWSCURRENT"], arn: "s" },
    ],
    [alarmType, { name: "a" }, { id: "a", arn: `arn:aws:cloudwatch:eu-west-1:${account}:alarm:a` }],
    [compositeType, { alarmName: "c" }, { id: "c", arn: `arn:aws:cloudwatch:eu-west-1:${account}:alarm:c` }],
    [
      "aws:cloudwatch/dashboard:Dashboard",
      { dashboardName: "d" },
      { id: "d", dashboardArn: `arn:aws:cloudwatch::${account}:dashboard/d` },
    ],
    [
      "aws:athena/workgroup:Workgroup",
      { name: "w" },
      {
        arn: `arn:aws:athena:eu-west-1:${account}:workgroup/w`,
        configuration: {
          ...{
            enforceWorkgroupConfiguration: true,
            publishCloudwatchMetricsEnabled: true,
            requesterPaysEnabled: false,
          },
          engineVersion: { selectedEngineVersion: "AUTO", effectiveEngineVersion: "Athena engine version 3" },
        },
      },
    ],
    [
      objectType,
      { bucket: "b", key: "a/k", content: "x" },
      { id: "b/a/k", arn: "arn:aws:s3:::b/a/k", etag: "9dd4e461268c8034f5c8564e155c67a6", versionId: "" },
    ],
    [objectType, { bucket: "b", contentBase64: "eA==" }, { id: "b/subject", etag: "9dd4e461268c8034f5c8564e155c67a6" }],
    [objectType, { bucket: "b", kmsKeyId: "k" }, { serverSideEncryption: "aws:kms", storageClass: "STANDARD" }],
  ];
  for (const [type, inputs, outputs] of expected)
    it(`${type} of ${JSON.stringify(inputs)}`, () => {
      const found = outputsOf(type, inputs);
      for (const [property, value] of Object.entries(outputs)) {
        if (value instanceof RegExp) assert.match(String(found[property]), value, property);
        else assert.deepEqual(found[property], value, property);
      }
    });

  it("gives an object of a versioned bucket another version with other content", () => {
    const versioning = resource("aws:s3/bucketVersioning:BucketVersioning", "b", {
      bucket: "b",
      versioningConfiguration: { status: "Enabled" },
    });
    const version = (content: string) => outputsOf(objectType, { bucket: "b", content }, [versioning])["versionId"];
    assert.match(String(version("x")), /^[\w-]{32}$/);
    assert.equal(version("x"), version("x"));
    assert.notEqual(version("x"), version("y"));
  });
});

describe("type tables: what queues, events and alarms refuse", () => {
  const redrive = JSON.stringify({ deadLetterTargetArn: queueArn, maxReceiveCount: 3 });
  const target = { rule: "r", arn: machineArn, roleArn };
  const rule = resource(ruleType, "r", { name: "r" });
  const targets = Array.from({ length: 5 }, (_, index) => resource(targetType, `r-${index}`, { rule: "r" }));
  const bus = resource("aws:cloudwatch/eventBus:EventBus", "data", { name: "data" });
  const schedule = { target: { arn: machineArn, roleArn } };
  const notify = { bucket: "b", lambdaFunctions: [{ lambdaFunctionArn: functionArn, events: ["s3:ObjectCreated:*"] }] };
  const queued = { bucket: "b", queues: [{ queueArn, events: ["s3:ObjectCreated:*"] }] };
  const permission = (principal: string) =>
    resource("aws:lambda/permission:Permission", "f/s", { function: "f", principal });
  const open = resource("aws:sqs/queuePolicy:QueuePolicy", url, {
    queueUrl: url,
    policy: JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" } }] }),
  });
  const rotation = { secretId: "s", rotationLambdaArn: functionArn };
  const alarm = resource(alarmType, "a", { name: "a" });
  const cases: [type: string, inputs: Properties, there: CloudResource[], expected: RegExp | undefined][] = [
    ["aws:sqs/queue:Queue", { name: "x", redrivePolicy: redrive }, [queue()], undefined],
    ["aws:sqs/queue:Queue", { name: "x", redrivePolicy: redrive }, [], /Dead letter target does not exist/],
    ["aws:sqs/queue:Queue", { name: "x.fifo", redrivePolicy: redrive }, [queue()], /same type of queue/],
    ["aws:sqs/redrivePolicy:RedrivePolicy", { queueUrl: url, redrivePolicy: redrive }, [], /does not exist/],
    ["aws:sns/topicSubscription:TopicSubscription", { endpoint: queueArn }, [], /q does not exist/],
    [
      "aws:sns/topicSubscription:TopicSubscription",
      { endpoint: queueArn, redrivePolicy: redrive },
      [queue()],
      undefined,
    ],
    [ruleType, { name: "r", eventBusName: "data" }, [bus], undefined],
    [ruleType, { name: "r", eventBusName: "data" }, [], /Event bus data does not exist/],
    [targetType, target, [rule, machine(), roleFor("events.amazonaws.com")], undefined],
    [targetType, target, [machine()], /Rule r does not exist on EventBus default/],
    [targetType, { ...target, eventBusName: "data" }, [rule, machine()], /does not exist on EventBus data/],
    [targetType, target, [rule], /Provided Arn is not found/],
    [targetType, target, [rule, machine(), ...targets], /LimitExceeded/],
    [targetType, target, [rule, machine(), roleFor("states.amazonaws.com")], /cannot be assumed by principal/],
    [scheduleType, schedule, [machine(), roleFor("scheduler.amazonaws.com")], undefined],
    [scheduleType, schedule, [machine(), roleFor("events.amazonaws.com")], /must allow AWS EventBridge Scheduler/],
    [scheduleType, schedule, [], /not found/],
    [scheduleType, { ...schedule, groupName: "g" }, [machine()], /group g does not exist/],
    [notificationType, notify, [fn(), permission("s3.amazonaws.com")], undefined],
    [notificationType, notify, [fn(), permission("events.amazonaws.com")], /Unable to validate/],
    [notificationType, notify, [], /Unable to validate/],
    [notificationType, queued, [queue(), open], undefined],
    [notificationType, queued, [queue()], /Unable to validate/],
    [rotationType, rotation, [fn(), permission("secretsmanager.amazonaws.com")], undefined],
    [rotationType, rotation, [fn()], /cannot invoke the specified Lambda function/],
    [rotationType, rotation, [], /can't find the resource/],
    [compositeType, { alarmRule: 'ALARM("a")' }, [alarm], undefined],
    [compositeType, { alarmRule: "ALARM(a) OR OK(b)" }, [alarm], /do not exist: \[b\]/],
  ];
  for (const [type, inputs, there, expected] of cases)
    it(`${type} ${JSON.stringify(inputs)} ${expected?.source ?? "is taken"} (${there.map(({ id }) => id).join()})`, () => {
      const reason = spec(type).refuseCreate?.(inputs, contextWith(there));
      if (expected === undefined) assert.equal(reason, undefined);
      else assert.match(String(reason), expected);
    });
});

describe("type tables: what is kept while it is needed", () => {
  const bucket = resource("aws:s3/bucket:Bucket", "b", { bucket: "b" });
  const rule = resource(ruleType, "data/r", { name: "r", eventBusName: "data" });
  const used: [subject: CloudResource, user: CloudResource, expected: RegExp][] = [
    [bucket, resource(objectType, "b/k", { bucket: "b", key: "k" }), /BucketNotEmpty/],
    [rule, resource(targetType, "x", { rule: "r", eventBusName: "data" }), /since it has targets/],
    [resource("aws:cloudwatch/eventBus:EventBus", "data", { name: "data" }), rule, /since it has rules/],
    [resource(alarmType, "a", {}), resource(compositeType, "c", { alarmRule: 'NOT ALARM("a")' }), /depending on it: c/],
  ];
  for (const [subject, user, expected] of used)
    it(`${subject.type} is not deleted while ${user.type} needs it`, () => {
      const { inUse } = spec(subject.type);
      assert.match(String(inUse?.(subject, contextWith([subject, user]))), expected);
      assert.equal(inUse?.(subject, contextWith([subject])), undefined);
    });

  it("empties a bucket that may be destroyed by force", () => {
    const { inUse, cascade } = spec(bucket.type);
    const forced = { ...bucket, inputs: { bucket: "b", forceDestroy: true } };
    const there = ["b", "other"].map((name) => resource(objectType, `${name}/k`, { bucket: name }));
    assert.equal(inUse?.(forced, contextWith(there)), undefined);
    assert.deepEqual(cascade?.(forced, contextWith(there)), there.slice(0, 1));
  });

  it("says that values of secrets are secret", () =>
    assert.deepEqual(spec("aws:secretsmanager/secretVersion:SecretVersion").secretOutputs?.slice(0, 2), [
      "secretString",
      "secretBinary",
    ]));
});

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { packagePattern, publishedPattern, readyPattern } from "../../../components/model/triggers.ts";
import { policyOf } from "../../support/harness.ts";
import { arnOf, key, made, once, scope } from "./fixture.ts";

const retained = once(() => made());
const from = { environment: "staging", account: "333333333333" };
const taken = { promotion: { mode: "model", from } } as const;
const own = { promotion: { mode: "code" } } as const;
const queueArn = "arn:aws:sqs:us-east-1:111111111111:slipway-dev-model-dead-letters";

describe("components/model: which events matter", () => {
  it("every change of a model of the own group", () => {
    assert.deepEqual(packagePattern(scope, own), {
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Model Package State Change"],
      account: ["222222222222"],
      detail: { ModelPackageGroupName: ["slipway-dev-housing"] },
    });
  });

  it("what the environment before approved or rejected, where its models are taken over, and nobody else's", () => {
    assert.deepEqual(packagePattern(scope, taken), {
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Model Package State Change"],
      account: ["333333333333"],
      detail: { ModelPackageGroupName: ["slipway-staging-housing"], ModelApprovalStatus: ["Approved", "Rejected"] },
    });
  });

  it("the endpoint that is ready again, and the table that models learn from", () => {
    assert.deepEqual(readyPattern(scope).detail, {
      EndpointName: ["slipway-dev-housing"],
      EndpointStatus: ["IN_SERVICE"],
    });
    assert.deepEqual(publishedPattern, {
      source: ["slipway.data"],
      "detail-type": ["Dataset Published"],
      detail: { dataset: ["houses"] },
    });
  });
});

describe("components/model/ModelTriggers", () => {
  it("calls the function that deploys, tries for an hour, and keeps what it could not deliver", async () => {
    const [, { get }] = await retained();
    for (const rule of ["packages", "ready"]) {
      const { inputs, dependsOn } = get("aws:cloudwatch/eventTarget:EventTarget", `model-triggers-${rule}-target`);
      assert.equal(inputs.arn, arnOf("lambda", "function:slipway-dev-deploy-endpoint"));
      assert.deepEqual(inputs.retryPolicy, { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 24 });
      assert.deepEqual(inputs.deadLetterConfig, { arn: queueArn });
      assert.ok(dependsOn.includes(`aws:lambda/permission:Permission model-triggers-${rule}-permission`));
    }
  });

  it("lets exactly its own rule call the function", async () => {
    const [, { get }] = await retained();
    assert.deepEqual(get("aws:lambda/permission:Permission", "model-triggers-packages-permission").inputs, {
      action: "lambda:InvokeFunction",
      function: "slipway-dev-deploy-endpoint",
      principal: "events.amazonaws.com",
      sourceArn: arnOf("events", "rule/slipway-dev-model-packages"),
    });
  });

  it("trains when data is published, only where that is wanted", async () => {
    const [, { get }] = await made({ settings: { onPublished: true } });
    const { inputs } = get("aws:cloudwatch/eventTarget:EventTarget", "model-triggers-published-target");
    assert.equal(inputs.arn, arnOf("lambda", "function:slipway-dev-training-handler"));
    const rule = get("aws:cloudwatch/eventRule:EventRule", "model-triggers-published");
    assert.deepEqual(JSON.parse(String(rule.inputs.eventPattern)), publishedPattern);
  });

  const schedules: [title: string, settings: NonNullable<Parameters<typeof made>[0]>["settings"], state: string][] = [
    ["where that is wanted", {}, "ENABLED"],
    ["never, where it is not", { schedule: { expression: "rate(7 days)", enabled: false } }, "DISABLED"],
    ["never, where models come from another environment", taken, "DISABLED"],
  ];
  for (const [title, settings, state] of schedules) {
    it(`trains by itself ${title}`, async () => {
      const [, { get }] = await made({ settings: settings ?? {} });
      const { inputs } = get("aws:scheduler/schedule:Schedule", "model-triggers-schedule");
      assert.deepEqual(
        [inputs.state, inputs.scheduleExpression, inputs.scheduleExpressionTimezone],
        [state, "rate(7 days)", "UTC"],
      );
    });
  }

  it("schedules a call of the function that trains, by a role that may do just that", async () => {
    const [, { get }] = await retained();
    const { target } = get("aws:scheduler/schedule:Schedule", "model-triggers-schedule").inputs as {
      target: Record<string, unknown>;
    };
    const handler = arnOf("lambda", "function:slipway-dev-training-handler");
    assert.deepEqual([target.arn, target.input, target.deadLetterConfig], [handler, "{}", { arn: queueArn }]);
    const queue = arnOf("sqs", "slipway-dev-model-dead-letters");
    const statements = policyOf(get("aws:iam/rolePolicy:RolePolicy", "model-triggers-schedule-policy")).Statement;
    assert.deepEqual(
      statements.map(({ Sid, Action, Resource }) => [Sid, Action, Resource]),
      [
        ["CallFunction", ["lambda:InvokeFunction"], [handler]],
        ["SendDeadLetters", ["sqs:SendMessage"], [queue]],
        ["EncryptDeadLetters", ["kms:Decrypt", "kms:GenerateDataKey"], [key]],
      ],
    );
    assert.deepEqual(statements[2]?.Condition, { StringEquals: { "kms:EncryptionContext:aws:sqs:arn": queue } });
  });

  it("brings the endpoint up to date every day, by the word that it is ready", async () => {
    const [, { get }] = await retained();
    const { inputs } = get("aws:scheduler/schedule:Schedule", "model-triggers-upkeep");
    assert.deepEqual([inputs.state, inputs.scheduleExpression], ["ENABLED", "rate(1 day)"]);
    const { arn, input } = inputs.target as { arn: string; input: string };
    assert.equal(arn, arnOf("lambda", "function:slipway-dev-deploy-endpoint"));
    assert.deepEqual(JSON.parse(input), {
      source: "aws.sagemaker",
      "detail-type": "SageMaker Endpoint State Change",
      detail: { EndpointName: "slipway-dev-housing", EndpointStatus: "IN_SERVICE" },
    });
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "model-triggers-upkeep-policy"));
    assert.deepEqual(Statement[0]?.Resource, [arn]);
  });

  it("takes dead letters from its own rules alone", async () => {
    const [, { get }] = await retained();
    const statements = policyOf(get("aws:sqs/queuePolicy:QueuePolicy", "model-dead-letters-policy")).Statement;
    assert.deepEqual(
      statements.map(({ Sid, Condition }) => [Sid, Condition]),
      [
        ["DenyPlainHttp", { Bool: { "aws:SecureTransport": "false" } }],
        ["SendByRules", { ArnLike: { "aws:SourceArn": arnOf("events", "rule/slipway-dev-model-*") } }],
      ],
    );
  });
});

describe("components/model: promotion of models", () => {
  const to = { environment: "staging", account: "333333333333" };
  const next = "arn:aws:iam::333333333333:root";
  const offered = once(() => made({ settings: { promotion: { mode: "code", to } } }));
  const bucket = "arn:aws:s3:::slipway-dev-model-bucket-222222222222-us-east-1";

  it("shows the next account models and changes none", async () => {
    const [, { get }] = await offered();
    const policy = get("aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy", "model-training-models-policy");
    const group = "arn:aws:sagemaker:us-east-1:222222222222:model-package-group/slipway-dev-housing";
    const packages = "arn:aws:sagemaker:us-east-1:222222222222:model-package/slipway-dev-housing/*";
    assert.deepEqual(policyOf(policy, "resourcePolicy").Statement, [
      {
        Sid: "SeeGroup",
        Effect: "Allow",
        Principal: { AWS: [next] },
        Action: ["sagemaker:DescribeModelPackageGroup"],
        Resource: [group],
      },
      {
        Sid: "SeeModels",
        Effect: "Allow",
        Principal: { AWS: [next] },
        Action: ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
        Resource: [group, packages],
      },
    ]);
  });

  it("hands out models and their figures, and neither data nor code", async () => {
    const [, { get }] = await offered();
    const taken = policyOf(get("aws:s3/bucketPolicy:BucketPolicy", "model-buckets-model-policy")).Statement.at(-1);
    assert.deepEqual(taken, {
      Sid: "TakenOver",
      Effect: "Allow",
      Principal: { AWS: [next] },
      Action: ["s3:GetObject"],
      Resource: [`${bucket}/runs/*/model.tar.gz`, `${bucket}/runs/*/evaluation.json`],
    });
    const opened = policyOf(get("aws:kms/key:Key", "model-encryption-key")).Statement.at(-1);
    assert.deepEqual(
      [opened?.Sid, opened?.Principal, opened?.Action],
      ["OpenedToNextEnvironment", { AWS: [next] }, ["kms:Decrypt"]],
    );
    assert.deepEqual(opened?.Condition, { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } });
  });

  it("tells the next bus of what is approved, by a role that may do just that", async () => {
    const [, { get }] = await offered();
    const bus = "arn:aws:events:us-east-1:333333333333:event-bus/default";
    const { inputs, dependsOn } = get("aws:cloudwatch/eventTarget:EventTarget", "model-promotion-approved-target");
    assert.deepEqual([inputs.arn, inputs.deadLetterConfig], [bus, { arn: queueArn }]);
    assert.ok(dependsOn.includes("aws:iam/rolePolicy:RolePolicy model-promotion-policy"));
    const { Statement } = policyOf(get("aws:iam/rolePolicy:RolePolicy", "model-promotion-policy"));
    assert.deepEqual(
      Statement.map(({ Action, Resource }) => [Action, Resource]),
      [[["events:PutEvents"], [bus]]],
    );
    const rule = get("aws:cloudwatch/eventRule:EventRule", "model-promotion-approved");
    assert.deepEqual(JSON.parse(String(rule.inputs.eventPattern)), {
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Model Package State Change"],
      account: ["222222222222"],
      detail: { ModelPackageGroupName: ["slipway-dev-housing"], ModelApprovalStatus: ["Approved", "Rejected"] },
    });
  });

  it("hears of models from the environment before, and of nothing else", async () => {
    const [, { get }] = await made({ settings: taken });
    const bus = get("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "model-triggers-bus");
    assert.equal(bus.inputs.eventBusName, "default");
    assert.deepEqual(policyOf(bus).Statement, [
      {
        Sid: "HearOfModels",
        Effect: "Allow",
        Principal: { AWS: [next] },
        Action: ["events:PutEvents"],
        Resource: [arnOf("events", "event-bus/default")],
        Condition: {
          StringEquals: {
            "events:source": "aws.sagemaker",
            "events:detail-type": "SageMaker Model Package State Change",
          },
        },
      },
    ]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { ModelPipeline } from "../../../components/model/model-pipeline.ts";
import { type Run, policyOf } from "../../support/harness.ts";
import { args, made, once } from "./fixture.ts";
import { resources } from "./resources.ts";

const retained = once(() => made());
const destroyed = once(() => made({ lifetimes: { ...args.lifetimes, removal: "destroy" } }));

/** What comes and goes with a change of the settings. */
async function difference(change: Parameters<typeof made>[0]): Promise<{ more: string[]; less: string[] }> {
  const [, { list }] = await made(change);
  const there = list();
  return {
    more: there.filter((resource) => !resources.includes(resource)),
    less: resources.filter((resource) => !there.includes(resource)),
  };
}

const ofEndpoint = [
  "aws:cloudwatch/eventRule:EventRule model-triggers-ready",
  "aws:cloudwatch/eventTarget:EventTarget model-triggers-ready-target",
  "aws:cloudwatch/logGroup:LogGroup model-endpoint-logs",
  "aws:cloudwatch/metricAlarm:MetricAlarm model-alarms-endpoint-errors",
  "aws:cloudwatch/metricAlarm:MetricAlarm model-alarms-endpoint-latency",
  "aws:cloudwatch/metricAlarm:MetricAlarm model-alarms-endpoint-model-errors",
  "aws:iam/role:Role model-triggers-upkeep-role",
  "aws:iam/rolePolicy:RolePolicy model-triggers-upkeep-policy",
  "aws:lambda/permission:Permission model-triggers-ready-permission",
  "aws:sagemaker/endpoint:Endpoint model-endpoint-endpoint",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration model-endpoint-configuration",
  "aws:sagemaker/model:Model model-endpoint-model",
  "aws:scheduler/schedule:Schedule model-triggers-upkeep",
  "slipway:index:ModelEndpoint model-endpoint",
];
const ofNetwork = [
  "aws:ec2/securityGroup:SecurityGroup model-network-access",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule model-network-https",
  "slipway:index:ModelSubnets model-network",
];

describe("components/model/ModelPipeline: what it makes", () => {
  it("makes the training, the endpoint, what moves them and what watches over them", async () => {
    assert.deepEqual((await retained())[1].list(), resources);
  });

  it("makes the same in a preview, where nothing but inputs is known", async () => {
    const [, { list }] = await made({}, { preview: true });
    assert.deepEqual(list(), resources);
  });

  const table: [title: string, change: Parameters<typeof made>[0], more: string[], less: string[]][] = [
    ["without an endpoint", { settings: { endpoint: { kind: "none" } } }, [], ofEndpoint],
    ["outside the network", { settings: { vpc: false } }, [], ofNetwork],
    [
      "that trains whenever data is published",
      { settings: { onPublished: true } },
      [
        "aws:cloudwatch/eventRule:EventRule model-triggers-published",
        "aws:cloudwatch/eventTarget:EventTarget model-triggers-published-target",
        "aws:lambda/permission:Permission model-triggers-published-permission",
      ],
      [],
    ],
    [
      "that is tracked",
      { settings: { tracking: { size: "Small" } } },
      [
        "aws:iam/role:Role model-tracking-role",
        "aws:iam/rolePolicy:RolePolicy model-tracking-policy",
        "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer model-tracking-server",
        "slipway:index:Tracking model-tracking",
      ],
      [],
    ],
    [
      "with quotas and a Studio",
      { settings: { quotas: { "L-3F53BF0F": 1 }, studio: { users: ["ada", "grace"] } } },
      [
        "aws:iam/role:Role model-studio-role",
        "aws:iam/rolePolicy:RolePolicy model-studio-policy",
        "aws:sagemaker/domain:Domain model-studio-domain",
        "aws:sagemaker/userProfile:UserProfile model-studio-ada",
        "aws:sagemaker/userProfile:UserProfile model-studio-grace",
        "aws:servicequotas/serviceQuota:ServiceQuota model-quota-L-3F53BF0F",
        "slipway:index:Studio model-studio",
      ],
      [],
    ],
    [
      "that hands its models on",
      { settings: { promotion: { mode: "code", to: { environment: "staging", account: "333333333333" } } } },
      [
        "aws:cloudwatch/eventRule:EventRule model-promotion-approved",
        "aws:cloudwatch/eventTarget:EventTarget model-promotion-approved-target",
        "aws:iam/role:Role model-promotion-role",
        "aws:iam/rolePolicy:RolePolicy model-promotion-policy",
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy model-training-models-policy",
        "slipway:index:ModelPromotion model-promotion",
      ],
      [],
    ],
    [
      "that takes models over",
      { settings: { promotion: { mode: "model", from: { environment: "sandbox", account: "333333333333" } } } },
      ["aws:cloudwatch/eventBusPolicy:EventBusPolicy model-triggers-bus"],
      [],
    ],
  ];
  for (const [title, change, more, less] of table)
    it(`makes one ${title}`, async () => assert.deepEqual(await difference(change), { more, less }));
});

describe("components/model/ModelPipeline: what it keeps", () => {
  const guarded = ([, { resources: all }]: [ModelPipeline, Run]) =>
    [...new Set(all.filter(({ protect, custom }) => protect && custom).map(({ type }) => type))].sort();

  it("keeps what nobody can make again, exactly where the environment wants that", async () => {
    assert.deepEqual(guarded(await retained()), [
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:kms/key:Key",
      "aws:s3/bucket:Bucket",
      "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    ]);
    assert.deepEqual(guarded(await destroyed()), []);
  });

  it("keeps old code even where everything else goes", async () => {
    const [, done] = await destroyed();
    const stays = done.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ type }) => type);
    assert.deepEqual([...new Set(stays)], ["aws:s3/bucketObjectv2:BucketObjectv2"]);
  });

  it("opens its key to the account, its logs and its dead letters, and to nobody else", async () => {
    const [, { get }] = await retained();
    const key = get("aws:kms/key:Key", "model-encryption-key");
    const sids = policyOf(key).Statement.map(({ Sid }) => Sid);
    assert.deepEqual(sids, ["AdministeredByAccount", "UsedByCloudWatchLogs", "UsedForDeadLetters"]);
    assert.equal(get("aws:kms/alias:Alias", "model-encryption-alias").inputs.name, "alias/slipway/dev/model");
  });

  it("uploads code by its content, into a bucket that is set up", async () => {
    const [, { get, ofType }] = await retained();
    const keys = ofType("aws:s3/bucketObjectv2:BucketObjectv2").map(({ inputs }) => String(inputs.key));
    assert.deepEqual(keys.sort(), [
      `code/functions/deploy_endpoint/${"1".repeat(64)}.zip`,
      `code/functions/models_api/${"2".repeat(64)}.zip`,
      `code/functions/traffic_hook/${"3".repeat(64)}.zip`,
      `code/functions/training_handler/${"0".repeat(64)}.zip`,
      `code/layers/lakehouse/${"6".repeat(64)}.zip`,
      `code/layers/modelkit/${"5".repeat(64)}.zip`,
      `code/model/${"a".repeat(64)}.zip`,
    ]);
    const { dependsOn } = get("aws:s3/bucketObjectv2:BucketObjectv2", "model-code-training");
    for (const part of ["versioning", "encryption", "policy"])
      assert.ok(
        dependsOn.some((label) => label.endsWith(` model-buckets-model-${part}`)),
        part,
      );
  });

  it("forgets captured requests and access logs, and neither runs nor the registry", async () => {
    const [, { get }] = await retained();
    const rulesOf = (name: string) =>
      get("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", `model-buckets-${name}-lifecycle`).inputs
        .rules as { id: string; filter: { prefix?: string }; expiration?: { days?: number } }[];
    const expiring = (name: string) =>
      rulesOf(name)
        .filter(({ expiration }) => expiration?.days !== undefined)
        .map(({ id, filter, expiration }) => [id, filter.prefix, expiration?.days]);
    assert.deepEqual(expiring("model"), [["expire-captured-requests", "capture/", 90]]);
    assert.deepEqual(expiring("logs"), [["expire-access-logs", undefined, 90]]);
  });

  it("lets S3 write the access logs of this one bucket, and nobody in without TLS", async () => {
    const [, { get }] = await retained();
    const of = (name: string) =>
      policyOf(get("aws:s3/bucketPolicy:BucketPolicy", `model-buckets-${name}-policy`)).Statement;
    assert.deepEqual(
      of("logs").map(({ Sid }) => Sid),
      ["DenyPlainHttp", "DeliverAccessLogs"],
    );
    assert.deepEqual(
      of("model").map(({ Sid }) => Sid),
      ["DenyPlainHttp"],
    );
    assert.deepEqual(of("logs")[1]?.Condition, {
      StringEquals: { "aws:SourceAccount": "222222222222" },
      ArnEquals: { "aws:SourceArn": "arn:aws:s3:::slipway-dev-model-bucket-222222222222-us-east-1" },
    });
  });
});

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";

import { rankOf } from "../../../sandbox/live/table.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { account, region, resourceOf } from "./live-lab.ts";

const role = `arn:aws:iam::${account}:role/lab`;
const queueArn = `arn:aws:sqs:${region}:${account}:lab`;
export const topicArn = `arn:aws:sns:${region}:${account}:lab`;
const functionArn = `arn:aws:lambda:${region}:${account}:function:lab`;
export const machineArn = `arn:aws:states:${region}:${account}:stateMachine:lab`;
const statement = { Effect: "Allow", Principal: { Service: "glue.amazonaws.com" }, Action: "sts:AssumeRole" };
const trust = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const identity = JSON.stringify({ Version: "2012-10-17", Statement: [allow] });
const resourcePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...allow, Principal: "*" }] });
export const machine = (value: string) =>
  JSON.stringify({ StartAt: "P", States: { P: { Type: "Pass", Result: value, End: true } } });

export const handler = `import layered
def handler(event, context):
    return {"said": layered.WORD, "event": event}
`;

const of = (type: string, id: string, properties: Properties) => resourceOf(`aws:${type}`, id, properties);

/** One resource of every live type, fit together, in the order in which they can be made. */
export function everything(directory: string): CloudResource[] {
  const all = [...storage(directory), ...identities, ...glue, ...functions, ...gateway, ...messaging, ...events];
  return all.sort((a, b) => rankOf(a.type) - rankOf(b.type));
}

const code = zipSync({ "handler.py": Buffer.from(handler) });

function storage(directory: string): CloudResource[] {
  const file = join(directory, "code.zip");
  writeFileSync(file, code);
  const layer = join(directory, "layer.zip");
  writeFileSync(layer, zipSync({ "python/layered.py": Buffer.from("WORD = 'hello'\n") }));
  return [
    of("s3/bucket:Bucket", "lab-data", { bucket: "lab-data", forceDestroy: true }),
    of("s3/bucketVersioning:BucketVersioning", "lab-data", {
      bucket: "lab-data",
      versioningConfiguration: { status: "Enabled" },
    }),
    of("s3/bucketPolicy:BucketPolicy", "lab-data", { bucket: "lab-data", policy: resourcePolicy }),
    of("s3/bucketNotification:BucketNotification", "lab-data", { bucket: "lab-data", eventbridge: true }),
    of("s3/bucketObjectv2:BucketObjectv2", "o1", { bucket: "lab-data", key: "code.zip", source: { path: file } }),
    of("s3/bucketObject:BucketObject", "o2", { bucket: "lab-data", key: "layer.zip", source: { path: layer } }),
  ];
}

const identities: readonly CloudResource[] = [
  of("iam/role:Role", "lab", { name: "lab", assumeRolePolicy: trust }),
  of("iam/policy:Policy", "p", { name: "lab", arn: `arn:aws:iam::${account}:policy/lab`, policy: identity }),
  of("iam/rolePolicy:RolePolicy", "lab:inline", { role: "lab", name: "inline", policy: identity }),
  of("iam/rolePolicyAttachment:RolePolicyAttachment", "a", {
    role: "lab",
    policyArn: `arn:aws:iam::${account}:policy/lab`,
  }),
];

const glue: readonly CloudResource[] = [
  of("glue/catalogDatabase:CatalogDatabase", "db", { name: "lab_db" }),
  of("glue/catalogTable:CatalogTable", "t", {
    ...{ name: "orders", databaseName: "lab_db", partitionKeys: [{ name: "day", type: "date" }] },
    storageDescriptor: { location: "s3://lab-data/orders/", columns: [{ name: "id", type: "string" }] },
  }),
  of("glue/job:Job", "lab", {
    name: "lab",
    roleArn: role,
    command: { scriptLocation: "s3://lab-data/s.py" },
    timeout: 5,
  }),
];

const functions: readonly CloudResource[] = [
  of("lambda/layerVersion:LayerVersion", `${functionArn}:layer`, {
    ...{ layerName: "lab", version: "7", s3Bucket: "lab-data", s3Key: "layer.zip" },
  }),
  of("lambda/function:Function", "lab", {
    ...{
      name: "lab",
      role,
      runtime: "python3.13",
      handler: "handler.handler",
      timeout: 30,
      publish: true,
      version: "3",
      sourceCodeHash: createHash("sha256").update(code).digest("base64"),
    },
    ...{ s3Bucket: "lab-data", s3Key: "code.zip", layers: [`arn:aws:lambda:${region}:${account}:layer:lab:7`] },
  }),
  of("lambda/alias:Alias", "live", { name: "live", functionName: functionArn, functionVersion: "3" }),
  of("lambda/permission:Permission", "perm", {
    ...{ function: "lab", statementId: "events", action: "lambda:InvokeFunction", principal: "events.amazonaws.com" },
    qualifier: "live",
  }),
  of("sfn/stateMachine:StateMachine", machineArn, {
    name: "lab",
    arn: machineArn,
    definition: machine("a"),
    roleArn: role,
  }),
];

/** An API over the alias. */
const gateway: readonly CloudResource[] = [
  of("apigatewayv2/api:Api", "lab0api001", { name: "lab", protocolType: "HTTP" }),
  of("apigatewayv2/integration:Integration", "lab0int", {
    ...{ apiId: "lab0api001", integrationType: "AWS_PROXY", payloadFormatVersion: "2.0", integrationMethod: "POST" },
    integrationUri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}:live/invocations`,
  }),
  of("apigatewayv2/authorizer:Authorizer", "lab0aut", {
    ...{ apiId: "lab0api001", name: "ids", authorizerType: "JWT", identitySources: ["$request.header.Authorization"] },
    jwtConfiguration: { issuer: "https://id.example.com", audiences: ["lab"] },
  }),
  of("apigatewayv2/route:Route", "lab0rou", {
    ...{ apiId: "lab0api001", routeKey: "GET /models", target: "integrations/lab0int", authorizationType: "NONE" },
  }),
  of("apigatewayv2/stage:Stage", "lab0api001/$default", { apiId: "lab0api001", name: "$default", autoDeploy: true }),
];

const messaging: readonly CloudResource[] = [
  of("sqs/queue:Queue", "q", { name: "lab", visibilityTimeoutSeconds: 5 }),
  of("sqs/queuePolicy:QueuePolicy", "qp", {
    queueUrl: `https://sqs.${region}.amazonaws.com/${account}/lab`,
    policy: resourcePolicy,
  }),
  of("sns/topic:Topic", topicArn, { name: "lab", arn: topicArn }),
  of("sns/topicPolicy:TopicPolicy", topicArn, { arn: topicArn, policy: resourcePolicy }),
  of("sns/topicSubscription:TopicSubscription", "s", { topic: topicArn, protocol: "sqs", endpoint: queueArn }),
  of("secretsmanager/secret:Secret", "sec", { name: "lab/secret", description: "a secret" }),
  of("secretsmanager/secretVersion:SecretVersion", "sv", {
    ...{ secretId: `arn:aws:secretsmanager:${region}:${account}:secret:lab/secret-abc123`, secretString: "told" },
  }),
];

const events: readonly CloudResource[] = [
  of("cloudwatch/eventBus:EventBus", "bus", { name: "lab-bus" }),
  of("cloudwatch/eventRule:EventRule", "rule", {
    ...{
      name: "lab",
      eventPattern: JSON.stringify({ source: ["aws.s3"], detail: { object: { key: [{ prefix: "in/" }] } } }),
    },
  }),
  of("cloudwatch/eventTarget:EventTarget", "target", {
    ...{ rule: "lab", targetId: "machine", arn: machineArn, roleArn: role, input: `{"mode":"live"}` },
  }),
  of("scheduler/scheduleGroup:ScheduleGroup", "g", { name: "lab" }),
  of("scheduler/schedule:Schedule", "lab/s", {
    ...{
      name: "s",
      groupName: "lab",
      scheduleExpression: "rate(1 minute)",
      target: { arn: machineArn, roleArn: role },
    },
  }),
];

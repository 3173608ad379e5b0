/** What a live service is in production and what takes its place here. */
export interface LiveService {
  service: string;
  production: string;
  sandbox: string;
}

/** When a type is brought into the emulator. */
export interface LiveEntry {
  service: keyof typeof liveServices;
  /** Everything of lower ranks has to be there before. */
  rank: number;
  /** Whether such a resource starts the emulator. Others only follow when it runs: alone they do nothing. */
  starts?: true;
}

export const liveServices = {
  s3: {
    production: "Amazon S3",
    sandbox: "MiniStack, objects as local files; nothing is encrypted, policies are kept and not enforced",
  },
  iam: { production: "AWS IAM", sandbox: "MiniStack keeps roles and policies; nothing is enforced" },
  catalogue: {
    production: "AWS Glue Data Catalog",
    sandbox: "MiniStack's catalogue; no Lake Formation, permissions are not enforced",
  },
  spark: {
    production: "AWS Glue jobs: Spark on managed workers",
    sandbox: "the same script and library on a local Spark with two threads, on a local copy of the objects",
  },
  lambda: {
    production: "AWS Lambda",
    sandbox:
      "the same archive in a local Python process; versions keep their code, weights of an alias take turns; memory and permissions are not enforced",
  },
  apigateway: {
    production: "Amazon API Gateway",
    sandbox:
      "MiniStack, at <its address>/_aws/execute-api/<id of the API>; routes call their functions, nothing is throttled or logged",
  },
  states: {
    production: "AWS Step Functions",
    sandbox: "MiniStack's interpreter of the same definition; waits take a fiftieth of their time",
  },
  sns: {
    production: "Amazon SNS",
    sandbox: "MiniStack; messages reach queues and functions, nothing leaves this machine",
  },
  sqs: { production: "Amazon SQS", sandbox: "MiniStack" },
  events: {
    production: "Amazon EventBridge",
    sandbox: "MiniStack; patterns match and targets start, rules that go by the clock stay still",
  },
  scheduler: {
    production: "Amazon EventBridge Scheduler",
    sandbox: "MiniStack keeps schedules and never fires them",
  },
  secrets: { production: "AWS Secrets Manager", sandbox: "MiniStack; values in clear text in a local file" },
} as const;

/** Every type that comes to life. Light on purpose: each provider process reads it, and few of them meet the emulator. */
export const liveTable: Readonly<Record<string, LiveEntry>> = {
  "aws:s3/bucket:Bucket": { service: "s3", rank: 0 },
  "aws:s3/bucketVersioning:BucketVersioning": { service: "s3", rank: 1 },
  "aws:s3/bucketPolicy:BucketPolicy": { service: "s3", rank: 1 },
  "aws:s3/bucketObjectv2:BucketObjectv2": { service: "s3", rank: 2 },
  "aws:s3/bucketObject:BucketObject": { service: "s3", rank: 2 },
  "aws:iam/role:Role": { service: "iam", rank: 0 },
  "aws:iam/policy:Policy": { service: "iam", rank: 0 },
  "aws:iam/rolePolicy:RolePolicy": { service: "iam", rank: 1 },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { service: "iam", rank: 1 },
  "aws:sqs/queue:Queue": { service: "sqs", rank: 0 },
  "aws:sqs/queuePolicy:QueuePolicy": { service: "sqs", rank: 1 },
  "aws:sns/topic:Topic": { service: "sns", rank: 0 },
  "aws:sns/topicPolicy:TopicPolicy": { service: "sns", rank: 1 },
  "aws:sns/topicSubscription:TopicSubscription": { service: "sns", rank: 5 },
  "aws:secretsmanager/secret:Secret": { service: "secrets", rank: 0 },
  "aws:secretsmanager/secretVersion:SecretVersion": { service: "secrets", rank: 1 },
  "aws:cloudwatch/eventBus:EventBus": { service: "events", rank: 0 },
  "aws:cloudwatch/eventRule:EventRule": { service: "events", rank: 1 },
  "aws:cloudwatch/eventTarget:EventTarget": { service: "events", rank: 6 },
  "aws:scheduler/scheduleGroup:ScheduleGroup": { service: "scheduler", rank: 0 },
  "aws:scheduler/schedule:Schedule": { service: "scheduler", rank: 6 },
  "aws:s3/bucketNotification:BucketNotification": { service: "s3", rank: 6 },
  "aws:glue/catalogDatabase:CatalogDatabase": { service: "catalogue", rank: 1 },
  "aws:glue/catalogTable:CatalogTable": { service: "catalogue", rank: 2 },
  "aws:glue/job:Job": { service: "spark", rank: 3, starts: true },
  "aws:lambda/layerVersion:LayerVersion": { service: "lambda", rank: 3 },
  "aws:lambda/function:Function": { service: "lambda", rank: 4, starts: true },
  "aws:lambda/alias:Alias": { service: "lambda", rank: 5 },
  "aws:lambda/permission:Permission": { service: "lambda", rank: 6 },
  "aws:apigatewayv2/api:Api": { service: "apigateway", rank: 0 },
  "aws:apigatewayv2/integration:Integration": { service: "apigateway", rank: 1 },
  "aws:apigatewayv2/authorizer:Authorizer": { service: "apigateway", rank: 1 },
  "aws:apigatewayv2/route:Route": { service: "apigateway", rank: 2 },
  "aws:apigatewayv2/stage:Stage": { service: "apigateway", rank: 2 },
  "aws:sfn/stateMachine:StateMachine": { service: "states", rank: 5, starts: true },
};

export function rankOf(type: string): number {
  return liveTable[type]?.rank ?? 0;
}

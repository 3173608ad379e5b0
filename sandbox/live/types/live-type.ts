import type { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import type { GlueClient } from "@aws-sdk/client-glue";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SchedulerClient } from "@aws-sdk/client-scheduler";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SFNClient } from "@aws-sdk/client-sfn";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";

import type { CloudResource } from "../../types/type-spec.ts";

/** The SDK's clients for one account and region of the emulator; each is loaded when it is first asked for. */
export interface AccountClients {
  s3(): Promise<S3Client>;
  iam(): Promise<IAMClient>;
  lambda(): Promise<LambdaClient>;
  glue(): Promise<GlueClient>;
  sfn(): Promise<SFNClient>;
  sns(): Promise<SNSClient>;
  sqs(): Promise<SQSClient>;
  events(): Promise<EventBridgeClient>;
  scheduler(): Promise<SchedulerClient>;
  secrets(): Promise<SecretsManagerClient>;
  apis(): Promise<ApiGatewayV2Client>;
}

export interface LiveClients {
  of(resource: Pick<CloudResource, "account" | "region">): AccountClients;
  destroy(): void;
}

/** What an `ensure` may need to know besides the resource. */
export interface Circumstances {
  /** The resource as it was brought in last. */
  before?: CloudResource;
  /** Version at which CodeDeploy left an alias; undefined when it never moved it. */
  deployedVersion(alias: DeployedAlias): string | undefined;
}

export interface DeployedAlias {
  account: string;
  region: string;
  functionName: string;
  alias: string;
}

/** How resources of one type come to life in the emulator. Both functions may be repeated at any time. */
export interface LiveType {
  ensure(clients: AccountClients, resource: CloudResource, circumstances: Circumstances): Promise<unknown>;
  remove(clients: AccountClients, resource: CloudResource): Promise<unknown>;
}

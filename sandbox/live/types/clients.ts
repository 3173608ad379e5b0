import type { AccountClients, LiveClients } from "./live-type.ts";

interface Destroyable {
  destroy(): void;
}

/** Clients of every service for the accounts of one emulator; the access key is the account. */
export function makeClients(endpoint: string): LiveClients {
  const made = new Map<string, Promise<Destroyable>>();
  return {
    of: ({ account, region }) => accountClients(endpoint, account, region || "us-east-1", made),
    destroy: () => {
      for (const client of made.values()) void client.then((one) => one.destroy());
    },
  };
}

function accountClients(
  endpoint: string,
  account: string,
  region: string,
  made: Map<string, Promise<Destroyable>>,
): AccountClients {
  const credentials = { accessKeyId: account, secretAccessKey: "sandbox" };
  const settings = { endpoint, region, credentials, maxAttempts: 2 };
  const once = <C extends Destroyable>(service: string, make: () => Promise<C>): Promise<C> => {
    const key = `${service} ${account} ${region}`;
    const client = (made.get(key) as Promise<C> | undefined) ?? make();
    made.set(key, client);
    return client;
  };
  return {
    s3: () =>
      once("s3", async () => {
        const { S3Client } = await import("@aws-sdk/client-s3");
        return new S3Client({ ...settings, forcePathStyle: true });
      }),
    iam: () => once("iam", async () => new (await import("@aws-sdk/client-iam")).IAMClient(settings)),
    lambda: () => once("lambda", async () => new (await import("@aws-sdk/client-lambda")).LambdaClient(settings)),
    glue: () => once("glue", async () => new (await import("@aws-sdk/client-glue")).GlueClient(settings)),
    sfn: () => once("sfn", async () => new (await import("@aws-sdk/client-sfn")).SFNClient(settings)),
    sns: () => once("sns", async () => new (await import("@aws-sdk/client-sns")).SNSClient(settings)),
    sqs: () => once("sqs", async () => new (await import("@aws-sdk/client-sqs")).SQSClient(settings)),
    events: () =>
      once("events", async () => new (await import("@aws-sdk/client-eventbridge")).EventBridgeClient(settings)),
    scheduler: () =>
      once("scheduler", async () => new (await import("@aws-sdk/client-scheduler")).SchedulerClient(settings)),
    apis: () =>
      once("apis", async () => new (await import("@aws-sdk/client-apigatewayv2")).ApiGatewayV2Client(settings)),
    secrets: () =>
      once("secrets", async () => {
        const { SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
        return new SecretsManagerClient(settings);
      }),
  };
}

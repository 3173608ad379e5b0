import type * as Sdk from "@aws-sdk/client-s3";
import type { S3Location } from "./s3-location.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** How long a request may take and how often it is sent. The pauses between attempts are the SDK's, with jitter. */
export interface S3Limits {
  connectMs: number;
  requestMs: number;
  attempts: number;
}

export const defaultLimits: S3Limits = { connectMs: 3000, requestMs: 15_000, attempts: 5 };

/** Loads the SDK and makes a client for a place in S3. Keys of the given environment come before the SDK's own chain. */
export async function connectS3(
  { region, endpoint }: Pick<S3Location, "region" | "endpoint">,
  environment: Environment,
  { connectMs, requestMs, attempts }: S3Limits = defaultLimits,
): Promise<{ sdk: typeof Sdk; client: Sdk.S3Client }> {
  const sdk = await import("@aws-sdk/client-s3");
  const credentials = staticCredentials(environment);
  const client = new sdk.S3Client({
    region: region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "",
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: connectMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return { sdk, client };
}

/** Keys of the given environment; without them the SDK's own chain (profile, web identity, instance) decides. */
export function staticCredentials(environment: Environment): Sdk.S3ClientConfig["credentials"] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

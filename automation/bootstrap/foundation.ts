import type { GetBucketPolicyCommandOutput } from "@aws-sdk/client-s3";
import { ExitCode, SlipwayError } from "../errors.ts";
import { connectS3, defaultLimits, staticCredentials, type Environment } from "../store/s3-client.ts";
import { failureFrom, s3Error } from "../store/s3-failure.ts";
import type { Foundation } from "./addresses.ts";

/** What the cloud says about bucket and key. */
export interface FoundationFacts {
  versioning: string | undefined;
  /** Default encryption of the bucket. */
  encryption: { algorithm: string | undefined; key: string | undefined } | undefined;
  /** Whether all four kinds of public access are blocked. */
  publicAccessBlocked: boolean;
  /** The bucket's policy document. */
  policy: string | undefined;
  keyState: string | undefined;
  keyRotation: boolean;
}

/** Why state must not go there, one line each; empty when it may. */
export function foundationProblems({ keyArn }: Foundation, facts: FoundationFacts): string[] {
  const { versioning, encryption, policy } = facts;
  const keyId = keyArn.slice(keyArn.lastIndexOf("/") + 1);
  const byKey = encryption?.algorithm === "aws:kms" && encryption.key?.endsWith(keyId) === true;
  const rules: [boolean, string][] = [
    [versioning === "Enabled", `versioning is ${versioning ?? "off"}, expected Enabled`],
    [
      byKey,
      `default encryption is ${encryption?.algorithm ?? "off"} (${encryption?.key ?? "no key"}), expected ${keyArn}`,
    ],
    [facts.publicAccessBlocked, "public access is not blocked"],
    [policy !== undefined && deniesPlainHttp(policy), "its policy does not deny requests without TLS"],
    [facts.keyState === "Enabled", `the key is ${facts.keyState ?? "not there"}, expected Enabled`],
    [facts.keyRotation, "the key is not rotated"],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
}

interface Statement {
  Effect?: string;
  Condition?: { Bool?: Record<string, unknown> };
}

function deniesPlainHttp(policy: string): boolean {
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  return [statements]
    .flat()
    .some(({ Effect, Condition }) => Effect === "Deny" && String(Condition?.Bool?.["aws:SecureTransport"]) === "false");
}

/** Refuses (usage) a bucket or key that is not what state needs, naming all that is missing. */
export async function checkFoundation(foundation: Foundation, environment: Environment): Promise<void> {
  const problems = foundationProblems(foundation, await readFoundation(foundation, environment));
  if (problems.length === 0) return;
  throw new SlipwayError(ExitCode.usage, `The state bucket is not safe for state: ${problems.join("; ")}.`, {
    where: `s3://${foundation.bucket}`,
    changed: "bucket and key are there; the state of the operations stack is still local",
    next: "correct it (the operations stack declares all of it: something else has changed it), then ./slipway bootstrap again",
  });
}

async function readFoundation(
  { bucket, keyArn, region }: Foundation,
  environment: Environment,
): Promise<FoundationFacts> {
  const Bucket = bucket;
  const endpoint = environment["AWS_ENDPOINT_URL_S3"] || environment["AWS_ENDPOINT_URL"] || undefined;
  try {
    const { sdk, client } = await connectS3({ region, endpoint }, environment, { ...defaultLimits, attempts: 3 });
    const [versioning, encryption, blocked, policy, key] = await Promise.all([
      client.send(new sdk.GetBucketVersioningCommand({ Bucket })),
      unlessAbsent(client.send(new sdk.GetBucketEncryptionCommand({ Bucket }))),
      unlessAbsent(client.send(new sdk.GetPublicAccessBlockCommand({ Bucket }))),
      unlessAbsent<GetBucketPolicyCommandOutput>(client.send(new sdk.GetBucketPolicyCommand({ Bucket }))),
      readKey(keyArn, region, environment),
    ]);
    const rule = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
    const block = blocked?.PublicAccessBlockConfiguration;
    const blocks = [
      block?.BlockPublicAcls,
      block?.BlockPublicPolicy,
      block?.IgnorePublicAcls,
      block?.RestrictPublicBuckets,
    ];
    return {
      versioning: versioning.Status,
      encryption: rule && { algorithm: rule.SSEAlgorithm, key: rule.KMSMasterKeyID },
      publicAccessBlocked: blocks.every((each) => each === true),
      policy: policy?.Policy,
      ...key,
    };
  } catch (error) {
    throw s3Error("read", `s3://${bucket}`, bucket, error);
  }
}

/** A setting that was never made is answered with 404. A bucket that is not there is no setting. */
async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { status, name } = failureFrom(error);
    if (status === 404 && name !== "NoSuchBucket") return undefined;
    throw error;
  }
}

async function readKey(
  KeyId: string,
  region: string,
  environment: Environment,
): Promise<Pick<FoundationFacts, "keyState" | "keyRotation">> {
  const sdk = await import("@aws-sdk/client-kms");
  const endpoint = environment["AWS_ENDPOINT_URL_KMS"] || environment["AWS_ENDPOINT_URL"] || undefined;
  const credentials = staticCredentials(environment);
  const client = new sdk.KMSClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const [described, rotation] = await Promise.all([
    client.send(new sdk.DescribeKeyCommand({ KeyId })),
    client.send(new sdk.GetKeyRotationStatusCommand({ KeyId })),
  ]);
  return { keyState: described.KeyMetadata?.KeyState, keyRotation: rotation.KeyRotationEnabled === true };
}

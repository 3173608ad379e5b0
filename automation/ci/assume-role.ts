import { fromWebToken } from "@aws-sdk/credential-providers";
import { ExitCode, SlipwayError } from "../errors.ts";
import { claimsOf, identityToken, tokenSource } from "./identity-token.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Longest time that trust policies give a session. */
const sessionSeconds = 3_600;

/** A role of an account, and the region in which it is asked for. */
export interface RoleRequest {
  role: string;
  region: string;
}

/** What SDKs take from a program that they start. https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
export interface ProcessCredentials {
  Version: 1;
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: string;
}

/** Refuses what is no role or region, most of all the empty text of a variable that nobody has made. */
export function checkRole({ role, region }: RoleRequest): RoleRequest {
  const next = "`./slipway up operations` makes the variables that hold it.";
  if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/u.test(role))
    throw new SlipwayError(ExitCode.usage, `--role: got ${JSON.stringify(role)}, expected the ARN of a role.`, {
      next,
    });
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/u.test(region))
    throw new SlipwayError(ExitCode.usage, `--region: got ${JSON.stringify(region)}, expected an AWS region.`, {
      next,
    });
  return { role, region };
}

/** Takes a role on as the job that runs. @throws SlipwayError (credentials) that says what the job's token claims */
export async function assumeRole(
  { role, region }: RoleRequest,
  environment: Environment,
  signal: AbortSignal,
): Promise<ProcessCredentials> {
  const token = await identityToken(tokenSource(environment), signal);
  const credentials = await fromWebToken({
    ...{ webIdentityToken: token, roleArn: role, roleSessionName: sessionName(environment) },
    ...{ durationSeconds: sessionSeconds, clientConfig: { region, ...endpointOf(environment) } },
  })().catch((error: unknown) => {
    throw notTrusted(role, token, error);
  });
  const { accessKeyId, secretAccessKey, sessionToken = "", expiration } = credentials;
  return {
    ...{ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken },
    Expiration: (expiration ?? new Date(0)).toISOString(),
  };
}

function endpointOf(environment: Environment): { endpoint?: string } {
  const endpoint = environment["AWS_ENDPOINT_URL_STS"] || environment["AWS_ENDPOINT_URL"];
  return endpoint ? { endpoint } : {};
}

/** What CloudTrail shows: the run that somebody can open. */
const sessionName = (environment: Environment): string =>
  `slipway-${environment["GITHUB_RUN_ID"] ?? "0"}-${environment["GITHUB_RUN_ATTEMPT"] ?? "1"}`
    .replaceAll(/[^\w+=,.@-]/gu, "-")
    .slice(0, 64);

function notTrusted(role: string, token: string, cause: unknown): SlipwayError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const claims = Object.entries(claimsOf(token)).map(([name, value]) => `${name} = ${value}`);
  return new SlipwayError(ExitCode.credentials, `AWS does not let this job take on ${role}: ${said}`, {
    where: claims.length === 0 ? role : `the job's token: ${claims.join(", ")}`,
    next: "Compare that with the role's trust policy: docs/delivery-identity.md.",
    cause,
  });
}

import { staticCredentials } from "../store/s3-client.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { tool, type ToolContext, toolError, tryTool } from "./tool.ts";

/** Host of a private registry of AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const ECR = /^\d{12}\.dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/u;

const hostOf = (repository: string): string => repository.split("/", 1)[0] ?? "";

/**
 * Signs Docker in where a registry is one of AWS, with the credentials at hand; any other is as the person has signed in. The way out
 * has to be taken in any case: the password would be good for hours.
 */
export async function signIn(context: ToolContext, repository: string): Promise<() => Promise<void>> {
  const host = hostOf(repository);
  const region = ECR.exec(host)?.groups?.["region"];
  if (region === undefined) return () => Promise.resolve();
  const password = await ecrPassword(context, region);
  await tool(context, "docker", ["login", "--username", "AWS", "--password-stdin", host], { input: password });
  // Ctrl-C ends the pushing, not the signing out.
  const leaving = { ...context, signal: AbortSignal.timeout(10_000) };
  return async () => void (await tryTool(leaving, "docker", ["logout", host]));
}

async function ecrPassword({ environment, signal }: ToolContext, region: string): Promise<string> {
  const { ECRClient, GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const credentials = staticCredentials(environment);
  const endpoint = environment["AWS_ENDPOINT_URL"];
  const client = new ECRClient({
    region,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint ? { endpoint } : {}),
  });
  try {
    const answer = await client.send(new GetAuthorizationTokenCommand(), { abortSignal: signal });
    const token = answer.authorizationData?.[0]?.authorizationToken;
    if (token === undefined) throw new Error("no token in the answer");
    return Buffer.from(token, "base64").toString("utf8").replace(/^AWS:/u, "");
  } catch (cause) {
    if (signal.aborted) throw new SlipwayError(ExitCode.cancelled, "Signing in was stopped.", { cause });
    throw new SlipwayError(ExitCode.credentials, `AWS gives no password for its registry: ${(cause as Error).name}.`, {
      where: `ecr:GetAuthorizationToken in ${region}`,
      next: "sign in as somebody who may push, e.g. with AWS_PROFILE; in a workflow that is the role `slipway-publish`",
      cause,
    });
  } finally {
    client.destroy();
  }
}

/** Digest of an image that a registry has under a tag; undefined where it has none. */
export async function digestOfTag(context: ToolContext, image: string): Promise<string | undefined> {
  const args = ["buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", image];
  const result = await tryTool(context, "docker", args);
  if (result.exitCode === 0) return digestIn(result.stdout, image);
  if (/not found|manifest unknown/iu.test(result.stderr)) return undefined;
  throw toolError("docker", args, result);
}

function digestIn(text: string, image: string): string {
  const digest = /"digest":\s*"(?<digest>sha256:[0-9a-f]{64})"/u.exec(text)?.groups?.["digest"];
  if (digest !== undefined) return digest;
  throw new SlipwayError(ExitCode.resourceFailed, "The registry says no digest of an image that it has.", {
    where: image,
    next: "see that `docker buildx version` is 0.12 or newer",
  });
}

/** Copies an image as it is, digest included, to a tag of another repository. */
export async function copyImage(context: ToolContext, from: string, to: string): Promise<void> {
  await tool(context, "docker", ["buildx", "imagetools", "create", "--tag", to, from]);
}

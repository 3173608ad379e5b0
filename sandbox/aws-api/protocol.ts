import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

import type { Properties } from "../types/type-spec.ts";

/** Whom a request speaks for: its credential scope says so, as nothing is signed for real in the sandbox. */
export interface Scope {
  account: string;
  region: string;
}

/** An error in the form of AWS's services. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the answer. */
  readonly details: Properties;

  constructor(
    code: string,
    message: string,
    { status = 400, details = {} }: { status?: number; details?: Properties } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** One operation: the members of a request in, those of the answer out. */
export type Operation = (input: Properties, scope: Scope) => Properties | Promise<Properties>;
export type Operations = Readonly<Record<string, Operation>>;

/** SageMaker's limit of a request to an endpoint; nothing else that is answered here is larger. */
const maxBodyBytes = 6 * 1024 * 1024;
const credential = /Credential=([^/,\s]+)\/\d{8}\/([a-z0-9-]+)\/[a-z0-9.-]+\/aws4_request/;

/**
 * Account and region of a request: the access key is the account, as the emulator has it.
 *
 * @throws AwsError where the request has no signature, or one of another key.
 */
export function scopeOf({ authorization = "" }: IncomingHttpHeaders): Scope {
  const [, account = "", region = ""] = credential.exec(authorization) ?? [];
  if (account === "")
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", { status: 403 });
  if (/^\d{12}$/.test(account)) return { account, region };
  const message =
    "The security token included in the request is invalid: in the sandbox the access key is the number of the account.";
  throw new AwsError("UnrecognizedClientException", message);
}

/** The body of a request. @throws AwsError when it is too large. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes)
      throw new AwsError("RequestEntityTooLargeException", `at most ${maxBodyBytes} bytes`, { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The members of a JSON body. @throws AwsError where it is none. */
export function membersOf(body: Buffer): Properties {
  try {
    const members = JSON.parse(body.toString("utf8") || "{}") as unknown;
    if (typeof members === "object" && members !== null && !Array.isArray(members)) return members as Properties;
  } catch {
    // Said below.
  }
  throw new AwsError("SerializationException", "The body of the request is no JSON object.");
}

/** What does here what the platform asks AWS for. */
const instead: Readonly<Record<string, string>> = {
  "SageMaker.StartPipelineExecution":
    "SageMaker Pipelines do not run in the sandbox: `./slipway model run <environment> --sandbox` takes the same definition through local processes.",
};

/** Name of the operation, after the service: `X-Amz-Target: SageMaker.DescribeEndpoint`. @throws AwsError for an unknown one. */
export function operationOf(target: string, services: Readonly<Record<string, Operations>>): Operation {
  const [service = "", name = ""] = target.split(".");
  const operations = services[service];
  const answered = (names: readonly string[]) => [...names].sort().join(", ");
  if (operations === undefined) {
    const message = `The sandbox answers ${answered(Object.keys(services))} here, not "${service}".`;
    throw new AwsError("UnknownOperationException", message);
  }
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation !== undefined) return operation;
  const does = instead[target] ?? `Of ${service} it answers: ${answered(Object.keys(operations))}.`;
  throw new AwsError("UnknownOperationException", `The sandbox does not answer ${service}.${name}. ${does}`);
}

/** ARN in the partition of the region. */
export function arnOf({ account, region }: Scope, service: string, resource: string): string {
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** Seconds since the epoch, as AWS's JSON has times. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1_000;
}

/** An object without its undefined members: an answer leaves out what is not there. */
export function present(members: Properties): Properties {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

import { ExitCode, SlipwayError } from "../errors.ts";

/** The parts of an SDK error that decide what it means. */
export interface S3Failure {
  name: string;
  message: string;
  /** HTTP status; undefined when no answer came. */
  status: number | undefined;
  /** How often the request was sent. */
  attempts: number;
}

export function failureFrom(error: unknown): S3Failure {
  const {
    name = "Error",
    message = "",
    $metadata,
  } = error as Partial<Error> & {
    $metadata?: { httpStatusCode?: number; attempts?: number };
  };
  // Node puts one error for each address that was tried into an AggregateError without a message.
  const inner = (error as { errors?: Error[] }).errors?.[0]?.message;
  const text = message || inner || name;
  return { name, message: text, status: $metadata?.httpStatusCode, attempts: $metadata?.attempts ?? 1 };
}

const CREDENTIALS =
  /^(?:CredentialsProviderError|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken(?:Exception)?|InvalidToken|TokenRefreshRequired|InvalidClientTokenId|UnrecognizedClientException)$/u;

interface Explanation {
  code: ExitCode;
  what: string;
  next: string;
}

function explain({ name, message, status }: S3Failure, bucket: string): Explanation {
  if (CREDENTIALS.test(name))
    return {
      code: ExitCode.credentials,
      what: `the credentials were not accepted (${message})`,
      next: "log in to the operations account (aws sso login, or AWS_PROFILE), then run the same command again",
    };
  if (name === "NoSuchBucket")
    return {
      code: ExitCode.notFound,
      what: `there is no bucket ${bucket}`,
      next: "correct SLIPWAY_STORE, or make the bucket with ./slipway bootstrap",
    };
  if (status === 403)
    return {
      code: ExitCode.credentials,
      what: `access was denied (${message})`,
      next: `give this role s3:GetObject, s3:PutObject and s3:ListBucket on ${bucket} and the use of its key`,
    };
  if (name === "PermanentRedirect" || status === 301)
    return {
      code: ExitCode.usage,
      what: "the bucket is in another region",
      next: "name the bucket's region in SLIPWAY_STORE (?region=…)",
    };
  if (/region is missing/iu.test(message))
    return { code: ExitCode.usage, what: "no region is set", next: "add ?region=… to SLIPWAY_STORE or set AWS_REGION" };
  if (status === undefined)
    return {
      code: ExitCode.unexpected,
      what: `it cannot be reached (${message})`,
      next: "check the network and the endpoint, then run the same command again",
    };
  return { code: ExitCode.unexpected, what: `${name}: ${message}`, next: "run the same command again" };
}

/** A request that was refused or had no answer. `written` is said of a write whose answer is missing. */
export function s3Error(operation: "read" | "write", location: string, bucket: string, error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error;
  const failure = failureFrom(error);
  const { code, what, next } = explain(failure, bucket);
  const lost = operation === "write" && (failure.status === undefined || failure.status >= 500);
  return new SlipwayError(code, `The store could not be ${operation === "read" ? "read" : "written"}: ${what}.`, {
    where: location,
    changed: lost ? "unknown: no answer came, so this one document may or may not be written" : "nothing in the store",
    next,
    cause: error,
  });
}

/** Conditional writes of others kept getting in between. */
export function s3Busy(location: string): SlipwayError {
  return new SlipwayError(ExitCode.timeout, "The store stayed busy with writes of others to the same document.", {
    where: location,
    changed: "nothing in the store",
    next: "run the same command again",
  });
}

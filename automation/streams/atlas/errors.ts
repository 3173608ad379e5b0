import { ExitCode, SlipwayError } from "../../errors.ts";
import { redact } from "../../promotion/redact.ts";

/** What is known of a call that failed. */
export interface AtlasFailure {
  /** Method and path below the address, e.g. `POST /groups/…/processor`. */
  call: string;
  /** Host of the address. */
  host: string;
  /** Of the answer; 0 where none came. */
  status: number;
  /** Atlas' own code, e.g. `STREAM_PROCESSOR_NOT_FOUND`. */
  errorCode?: string | undefined;
  /** What Atlas says of it, or what became of the connection. */
  detail: string;
  /** Seconds after which Atlas wants to be asked again. */
  retryAfter?: number | undefined;
  /** How often it was tried. */
  attempts?: number | undefined;
  /** An earlier attempt may have been taken. */
  repeated?: boolean | undefined;
  cause?: unknown;
}

/** A call of the Admin API that failed for good. It names no secret: those are taken out of whatever Atlas wrote. */
export class AtlasError extends SlipwayError {
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly detail: string;
  readonly retryAfter: number | undefined;
  /** An earlier attempt of the same request may have been taken. */
  readonly repeated: boolean;

  constructor(failure: AtlasFailure) {
    const { call, host, status, errorCode, attempts = 1 } = failure;
    const detail = redact(failure.detail);
    const tried = attempts > 1 ? ` after ${attempts} attempts` : "";
    const answer = status === 0 ? "did not answer" : `answered ${status}${errorCode ? ` ${errorCode}` : ""}`;
    super(exitCodeOf(status), `Atlas ${answer}${tried}: ${detail}`, {
      ...{ where: `${call} at ${host}`, next: nextOf(status), cause: failure.cause },
    });
    this.status = status;
    this.errorCode = errorCode;
    this.detail = detail;
    this.retryAfter = failure.retryAfter;
    this.repeated = failure.repeated === true;
  }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return ExitCode.credentials;
  return status === 404 ? ExitCode.notFound : ExitCode.resourceFailed;
}

function nextOf(status: number): string {
  if (status === 401) return "Check MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or the pair of API keys.";
  if (status === 403)
    return "Give the service account the role Project Stream Processing Owner, and this address a place in its access list.";
  if (status === 404) return "Check project, workspace and name: ./slipway streams status <environment>";
  if (status === 429) return "Run it again later: Atlas takes only so many calls a minute.";
  return status === 0 || status >= 500
    ? "Run the same command again; https://status.mongodb.com says more."
    : "Correct what is named, then run it again.";
}

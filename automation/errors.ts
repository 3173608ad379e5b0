/**
 * Exit codes of every command. They are part of the public contract: a code never changes its meaning.
 * 0 to 9 follow the numbering that the Pulumi CLI declares; 21 and above are Slipway's own.
 */
export const ExitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  credentials: 3,
  resourceFailed: 4,
  policy: 5,
  notFound: 6,
  unexpectedChanges: 7,
  cancelled: 8,
  timeout: 9,
  leaseHeld: 21,
  stalePlan: 22,
  gateRefused: 23,
  outsideWindow: 24,
  frozen: 25,
  verificationFailed: 26,
  rollbackFailed: 27,
  /** The work was done and could not be told where it was asked to be: a comment, a check, a fragment. */
  notTold: 28,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface SlipwayErrorDetails {
  /** File, key, stack or resource the message is about, e.g. `Pulumi.dev.yaml: slipway:network.cidr`. */
  where?: string;
  /** What had already been changed when the error came up. Defaults to nothing having been changed. */
  changed?: string;
  /** The command or edit that goes on from here. */
  next?: string;
  cause?: unknown;
}

/** An error meant for a person: no stack trace, always a way on. Anything else that is thrown is a defect of Slipway. */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly code: ExitCode;
  readonly where: string | undefined;
  readonly changed: string | undefined;
  readonly next: string | undefined;

  constructor(code: ExitCode, message: string, details: SlipwayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.changed = details.changed;
    this.next = details.next;
  }
}

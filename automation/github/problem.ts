/** What kept a request to GitHub from being done. */
export type ProblemKind =
  /** The token is not known. */
  | "unauthorised"
  /** The token may not do that; it may only read, for instance. */
  | "forbidden"
  | "missing"
  /** GitHub understood and refused. */
  | "refused"
  /** GitHub wants us to wait for longer than we may. */
  | "limited"
  /** GitHub failed, was out of reach, or answered with something else than its API does. */
  | "broken";

/** A request that was not done, or of which nobody knows whether it was. No token is ever part of it. */
export class GitHubProblem extends Error {
  override readonly name = "GitHubProblem";
  readonly kind: ProblemKind;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;

  constructor(kind: ProblemKind, message: string, status: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
  }
}

const kinds: Readonly<Record<number, ProblemKind>> = {
  401: "unauthorised",
  403: "forbidden",
  404: "missing",
  429: "limited",
};

/** The kind of problem that a status stands for. */
export const kindOf = (status: number): ProblemKind => kinds[status] ?? (status >= 500 ? "broken" : "refused");

import { ExitCode, SlipwayError } from "../../errors.ts";
import type { RegisterRequest } from "../local/arguments.ts";
import type { Decision, ModelVersion, Status } from "./documents.ts";
import type { Evaluation } from "./evaluation.ts";

/** A model on its way into a registry. */
export interface Registration {
  /** The step's own request, as SageMaker takes it. */
  request: RegisterRequest;
  now: Date;
}

/** What became of a registration. */
export interface RegisteredVersion {
  version: ModelVersion;
  /** False where this very model was registered before: it stays what it is, whatever was decided about it since. */
  created: boolean;
  arn: string;
}

/** Versions of one model: a folder, or a package group of SageMaker. */
export interface ModelRegistry {
  /** For messages. */
  readonly location: string;
  readonly group: string;
  register(registration: Registration): Promise<RegisteredVersion>;
  /** Every version, the oldest first. */
  list(): Promise<ModelVersion[]>;
  /** @throws SlipwayError (not found) */
  get(version: number): Promise<ModelVersion>;
  /** @throws SlipwayError (not found) */
  decide(version: number, decision: Decision): Promise<ModelVersion>;
  /** Who said what about a version, the first first. */
  decisions(version: number): Promise<Decision[]>;
  /** Waits until services see a version as it is; false where they do not within a while. */
  visible(version: ModelVersion, signal: AbortSignal): Promise<boolean>;
  /** What was measured. Parts that are not there any more are left out. */
  evaluation(version: ModelVersion): Promise<Evaluation>;
}

/** The error for a version that there is not. */
export function noVersion(version: number, known: readonly number[], where: string): SlipwayError {
  return new SlipwayError(ExitCode.notFound, `There is no version ${version} of the model.`, {
    where,
    next:
      known.length === 0
        ? "Train one: ./slipway model run"
        : `Use one of: ${known.join(", ")} (./slipway model list shows them).`,
  });
}

/** Whether two versions are the same model: same bytes from the same data and code, measured and held against the same. */
export function sameModel(
  a: Omit<ModelVersion, "version" | "status">,
  b: Omit<ModelVersion, "version" | "status">,
): boolean {
  return (
    a.artifact.sha256 === b.artifact.sha256 &&
    a.lineage.data === b.lineage.data &&
    a.lineage.code === b.lineage.code &&
    a.threshold.metric === b.threshold.metric &&
    a.threshold.minimum === b.threshold.minimum &&
    JSON.stringify(Object.entries(a.metrics).sort()) === JSON.stringify(Object.entries(b.metrics).sort())
  );
}

/** Whether a version reaches what it had to. */
export const reaches = ({ metrics, threshold }: Pick<ModelVersion, "metrics" | "threshold">): boolean =>
  (metrics[threshold.metric] ?? -Infinity) >= threshold.minimum;

export interface Wish {
  status: Exclude<Status, "PendingManualApproval">;
  /** Why; an override has one. */
  reason?: string | undefined;
  override?: string | undefined;
}

/** Pure: whether a version may become what somebody wishes, and what is then recorded; undefined where it is that already. */
export function decisionFor(
  version: ModelVersion,
  wish: Wish,
  by: string,
  at: Date,
  where: string,
): Decision | undefined {
  if (version.status === wish.status) return undefined;
  const refusal = wish.status === "Approved" ? refusalOf(version) : undefined;
  if (refusal !== undefined && wish.override === undefined)
    throw new SlipwayError(ExitCode.gateRefused, `Version ${version.version} cannot be approved: ${refusal}.`, {
      where,
      changed: "nothing",
      next: `Train a better one, or go on against it: ./slipway model approve ${version.version} --override "<reason>"`,
    });
  const reason = wish.override ?? wish.reason;
  const override = refusal !== undefined;
  return { status: wish.status, by, at: at.toISOString(), ...(reason === undefined ? {} : { reason }), override };
}

function refusalOf(version: ModelVersion): string | undefined {
  const { metric, minimum } = version.threshold;
  if (!reaches(version))
    return `its ${metric} is ${version.metrics[metric] ?? "not known"}, and has to be at least ${minimum}`;
  return version.status === "Rejected" ? "it was rejected" : undefined;
}

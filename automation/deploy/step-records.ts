import { hostname } from "node:os";
import { ExitCode, type SlipwayError } from "../errors.ts";
import type { DeployRequest, Session } from "./session.ts";
import { subjectOf } from "./subject.ts";

/** Notes that a person stopped a step between engine and verification. */
export async function recordInterrupted(
  { record, by, context }: Pick<Session, "record" | "by" | "context">,
  request: DeployRequest,
  seconds: number,
): Promise<void> {
  const startedAt = new Date(context.now().getTime() - seconds * 1000).toISOString();
  await record({ ...subjectOf(request), by, kind: "interrupted", verb: request.verb, host: hostname(), startedAt });
}

interface FailedStep {
  name: string;
  kind: string;
  seconds: number;
  message: string;
  error: SlipwayError;
}

/** Notes that such a step did not get there, as a check that did not pass. */
export async function recordStepFailed(
  { record, by }: Pick<Session, "record" | "by">,
  request: DeployRequest,
  { error, ...step }: FailedStep,
): Promise<void> {
  const checks = [{ ...step, passed: false }];
  const verdict = { ...subjectOf(request), by, seconds: step.seconds, checks, ...(await request.beforeVerdict?.()) };
  await record({ ...verdict, kind: "failed", stage: "verify", error: error.message });
}

/** Notes that a service would not be asked. A lost lease is no failure of the deployment: whoever holds it now records. */
export async function recordStepRefused(
  { record, by }: Pick<Session, "record" | "by">,
  request: DeployRequest,
  { error, seconds }: { error: SlipwayError; seconds: number },
): Promise<void> {
  if (error.code === ExitCode.leaseHeld) return;
  await record({ ...subjectOf(request), by, kind: "failed", stage: "deploy", seconds, error: error.message });
}

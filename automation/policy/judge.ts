import type { Context } from "../context.ts";
import { failureOf } from "../deploy/failure.ts";
import { engineEnvironment, runEngine, type RunLimits } from "../deploy/run-engine.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { OperationResult } from "../engine/operation.ts";
import type { PlanSubject } from "../plans/inputs.ts";
import { manifestFile, type Workspace } from "../workspace.ts";
import { findingsOf, type Finding } from "./findings.ts";
import { hasPack } from "./pack.ts";

/** What is to be judged: a program, the release that it deploys, and how far to look. */
export type Judged = PlanSubject & RunLimits & { variables?: Readonly<Record<string, string>> };

/**
 * What the policy pack has against what a program declares. A preview: nothing is changed.
 * @throws SlipwayError where there is no pack, or where the preview failed for another reason.
 */
export async function judgeStack(context: Context, workspace: Workspace, judged: Judged): Promise<Finding[]> {
  if (!hasPack(judged.workDir))
    throw new SlipwayError(ExitCode.notFound, "There is no policy pack in this checkout.", { where: "policy/engine" });
  const result = await look(context, workspace, judged);
  if (result.outcome !== "succeeded" && result.code !== ExitCode.policy)
    throw failureOf(judged.stack, "policy check", result);
  return findingsOf(result.summary.policyViolations);
}

/**
 * Asks the pack before an update, which would only be stopped half-way through.
 * @throws SlipwayError (policy) with every mandatory finding; nothing was changed.
 */
export async function refuseViolations(
  context: Context,
  workspace: Workspace,
  verb: string,
  judged: Judged,
): Promise<void> {
  if (!hasPack(judged.workDir)) return;
  const result = await look(context, workspace, judged);
  if (result.outcome !== "succeeded") throw failureOf(judged.stack, verb, result);
}

async function look(context: Context, workspace: Workspace, judged: Judged): Promise<OperationResult> {
  const { stack, workDir, release, variables, ...limits } = judged;
  const manifest = release && (await manifestFile(workspace, release));
  return runEngine(context, workspace, {
    kind: "preview",
    ...{ stack, workDir, policy: true, unseen: true },
    environment: { ...engineEnvironment(workspace, manifest), ...variables },
    ...limits,
  });
}

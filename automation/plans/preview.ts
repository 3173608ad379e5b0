import { readFile } from "node:fs/promises";
import type { Context } from "../context.ts";
import { engineEnvironment, runEngine, type RunLimits } from "../deploy/run-engine.ts";
import type { EngineEvent } from "../engine/events.ts";
import type { OperationResult } from "../engine/operation.ts";
import { manifestFile, type Workspace } from "../workspace.ts";
import { sealEnvelope, type PlanEnvelope } from "./envelope.ts";
import { collectInputs, type PlanSubject } from "./inputs.ts";
import { withScratchPlan } from "./plan-file.ts";

/** How long a saved plan may be used: long enough for somebody elsewhere to read it, short enough to be remembered. */
export const PLAN_LIFETIME_MS = 24 * 60 * 60_000;

export interface PlannedPreview {
  result: OperationResult;
  /** Absent when the preview did not succeed. */
  envelope: PlanEnvelope | undefined;
}

/**
 * A preview with the plan it makes, under its digest. The inputs of a plan `toSave` are all taken before the engine starts: what changes
 * while it runs then makes the plan stale and never the other way round. Otherwise they are taken beside it, for speed.
 */
export function previewPlan(
  context: Context,
  workspace: Workspace,
  subject: PlanSubject & RunLimits & { toSave: boolean; onEvent?: (event: EngineEvent) => void },
): Promise<PlannedPreview> {
  const { stack, workDir, release, targets, timeoutMs, toSave, onEvent } = subject;
  return withScratchPlan(workspace.directory, async (file) => {
    const collecting = collectInputs(workspace, subject);
    // What is wrong with the stack is the engine's to tell; this is looked at when the engine is content.
    collecting.catch(() => undefined);
    if (toSave) await collecting;
    const manifest = release && (await manifestFile(workspace, release));
    const result = await runEngine(context, workspace, {
      kind: "preview",
      stack,
      workDir,
      environment: engineEnvironment(workspace, manifest),
      savePlan: file,
      policy: true,
      ...(targets === undefined ? {} : { targets }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    if (result.outcome !== "succeeded") return { result, envelope: undefined };
    const [inputs, plan] = await Promise.all([collecting, readFile(file, "utf8")]);
    const envelope = sealEnvelope({
      ...{ stack, inputs, plan, targets },
      ...{ now: context.now(), lifetime: PLAN_LIFETIME_MS },
    });
    return { result, envelope };
  });
}

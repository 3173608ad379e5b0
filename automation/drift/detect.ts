import type { IgnoreRule } from "../../config/drift.ts";
import type { Context } from "../context.ts";
import { failureOf } from "../deploy/failure.ts";
import { engineEnvironment, runEngine } from "../deploy/run-engine.ts";
import { readStackState, type StackState } from "../engine/checkpoint.ts";
import type { EngineEvent, StepMetadata } from "../engine/events.ts";
import type { OperationResult } from "../engine/operation.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { stateDigest } from "../plans/state-digest.ts";
import { readInflight } from "../promotion/inflight.ts";
import type { Release } from "../release/manifest.ts";
import { manifestFile, type Workspace } from "../workspace.ts";
import { classify, type Classified } from "./findings.ts";
import { manifestsDrift } from "./manifests.ts";
import { streamsDrift } from "./streams.ts";

/** The stack and the code it is compared with. */
export interface DriftSubject {
  stack: string;
  workDir: string;
  /** What stands there; with neither, a working tree was deployed. */
  release: Release | undefined;
  commit?: string;
}

export interface DriftOptions {
  rules: readonly IgnoreRule[];
  timeoutMs?: number;
}

export interface StackDrift extends Classified {
  stack: string;
  commit: string | undefined;
  /** Resources that were looked at. */
  resources: number;
  seconds: number;
}

/** Somebody who deploys meanwhile would be taken for drift; once more is enough, for then it is their turn to answer. */
const ATTEMPTS = 2;

/**
 * Looks for drift and changes nothing: a refresh that only shows, and a preview of the program, beside each other, neither of which
 * takes the stack's lock. A state that changed meanwhile makes both worthless, so it is looked at again. Throws a SlipwayError
 * (`leaseHeld`) while somebody deploys, and what either run of the engine failed with.
 */
export async function detectDrift(
  context: Context,
  workspace: Workspace,
  subject: DriftSubject,
  options: DriftOptions,
): Promise<StackDrift> {
  const started = performance.now();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    await refuseWhileBusy(workspace, subject.stack, context.now());
    const state = await stateOf(workspace, subject);
    if (state.resources.length === 0 && state.pending.length === 0) return nothingThere(subject);
    const found = await look(context, workspace, subject, options);
    if (stateDigest(await stateOf(workspace, subject)) !== stateDigest(state)) continue;
    const { findings, noise } = classify({ ...found, pending: state.pending, rules: options.rules });
    return {
      findings: [
        ...findings,
        ...(await manifestsDrift(workspace, subject.stack)),
        ...(await streamsDrift(context, workspace, subject.stack, state)),
      ],
      noise,
      stack: subject.stack,
      commit: subject.commit,
      resources: state.resources.length,
      seconds: Math.round(performance.now() - started) / 1000,
    };
  }
  throw new SlipwayError(ExitCode.leaseHeld, `${subject.stack} was changed twice while it was looked at.`, {
    where: subject.stack,
    next: `./slipway drift ${subject.stack} when nobody deploys to it.`,
  });
}

const nothingThere = ({ stack }: DriftSubject): StackDrift => ({
  ...{ stack, findings: [], noise: [], commit: undefined, resources: 0, seconds: 0 },
});

const stateOf = (workspace: Workspace, { stack, workDir }: DriftSubject): Promise<StackState> =>
  readStackState(workspace.cli, { stack, workDir, environment: workspace.environment });

/** A lease that ran out belongs to a driver that is gone: what it left behind is for this to find. */
async function refuseWhileBusy({ store }: Workspace, stack: string, now: Date): Promise<void> {
  const running = await readInflight(store, stack);
  if (running === undefined || Date.parse(running.marker.expiresAt) <= now.getTime()) return;
  const { verb, host, startedAt } = running.marker;
  throw new SlipwayError(ExitCode.leaseHeld, `${stack} is being changed: ${verb} on ${host} since ${startedAt}.`, {
    where: stack,
    next: `./slipway drift ${stack} when it has ended.`,
  });
}

async function look(context: Context, workspace: Workspace, subject: DriftSubject, { timeoutMs }: DriftOptions) {
  const { stack, workDir, release } = subject;
  const manifest = release && (await manifestFile(workspace, release));
  const common = {
    ...{ stack, workDir, unseen: true, environment: engineEnvironment(workspace, manifest) },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const fold = refreshFold();
  const runs = await Promise.allSettled([
    runEngine(context, workspace, { ...common, kind: "refresh", previewOnly: true, onEvent: fold.add }),
    runEngine(context, workspace, { ...common, kind: "preview" }),
  ]);
  const [, preview] = runs.map((run) => succeeded(stack, run));
  if (preview === undefined) throw new Error("the preview has no result");
  return { refreshed: fold.metadata(), preview: preview.summary };
}

function succeeded(stack: string, run: PromiseSettledResult<OperationResult>): OperationResult {
  if (run.status === "rejected") throw run.reason;
  if (run.value.outcome !== "succeeded") throw failureOf(stack, "drift", run.value);
  return run.value;
}

/** Keeps the last word of a refresh on each resource. */
export function refreshFold(): { add(event: EngineEvent): void; metadata(): StepMetadata[] } {
  const last = new Map<string, StepMetadata>();
  return {
    add: ({ resOutputsEvent }) => {
      if (resOutputsEvent) last.set(resOutputsEvent.metadata.urn, resOutputsEvent.metadata);
    },
    metadata: () => [...last.values()],
  };
}

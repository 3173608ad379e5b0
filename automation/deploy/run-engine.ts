import type { Context } from "../context.ts";
import type { EngineEvent } from "../engine/events.ts";
import type { Operation, OperationResult } from "../engine/operation.ts";
import { runRecovering } from "../engine/recovering.ts";
import { createStack, stackExists } from "../engine/stack.ts";
import { assertStillHolding } from "../lease/holding.ts";
import { policyOptions } from "../policy/pack.ts";
import { createProgress } from "../report/progress.ts";
import { readSettings } from "../stack-settings.ts";
import { artifactFolder, type Workspace } from "../workspace.ts";

/** What the caller decides about a run; the rest follows from context and workspace. */
export type EngineRun = {
  create?: boolean;
  unseen?: boolean;
  /** Hold it to the policy pack of the checkout whose program runs. */
  policy?: boolean;
} & Omit<Operation, "logDirectory" | "signal" | "terminate" | "report" | "configFile" | "policyPacks">;

/** Bounds a caller may set on a run. */
export interface RunLimits {
  targets?: string[];
  timeoutMs?: number;
}

/** Variables for the engine and the program; the manifest decides which digests are deployed, the folder has their bytes. */
export const engineEnvironment = (workspace: Workspace, manifest: string | undefined): Record<string, string> => ({
  ...workspace.environment,
  ...(manifest === undefined
    ? {}
    : { SLIPWAY_RELEASE: manifest, SLIPWAY_ARTIFACTS: artifactFolder(workspace).location }),
});

/** An update that is held to a plan looks at it first: that is not yet what happens. */
const isLook = ({ resourcePreEvent: before, resOutputsEvent: after }: EngineEvent): boolean =>
  before?.planning === true || after?.planning === true;

/** Runs the engine once and shows it while it runs, unless it is to stay `unseen`. */
export async function runEngine(context: Context, workspace: Workspace, run: EngineRun): Promise<OperationResult> {
  await refuseWrongSettings(workspace, run);
  const cli = await workspace.cli();
  const { create = false, unseen = false, policy = false, ...operation } = run;
  const configFile = await sandboxStack(workspace, run);
  if (run.kind !== "preview") await workspace.sandbox?.prepareLive((line) => context.console.info(line));
  if (create && workspace.sandbox === undefined && !(await stackExists(cli, operation)))
    await createStack(cli, { ...operation, ...secretsProviderOf(workspace) });
  const progress = unseen
    ? undefined
    : await createProgress({
        console: context.console,
        title: `${run.kind} ${run.stack}`,
        preview: run.kind === "preview",
      });
  try {
    assertStillHolding();
    return await runRecovering(cli, {
      ...operation,
      ...(policy ? policyOptions(run) : {}),
      ...(configFile === undefined ? {} : { configFile }),
      logDirectory: workspace.logDirectory,
      onEvent: (event) => {
        run.onEvent?.(event);
        if (run.plan === undefined || !isLook(event)) progress?.onEvent(event);
      },
      signal: context.signal,
      terminate: context.terminate,
      report: (line) => context.console.info(line),
    });
  } finally {
    progress?.close();
    context.console.debug(`Pulumi CLI starts: ${cli.starts}`);
  }
}

/** `SLIPWAY_SECRETS_PROVIDER`: what the secrets of a new stack are encrypted with. Without it the CLI asks for a passphrase. */
const secretsProviderOf = ({ environment }: Workspace): { secretsProvider?: string } => {
  const secretsProvider = environment["SLIPWAY_SECRETS_PROVIDER"];
  return secretsProvider ? { secretsProvider } : {};
};

/** In the sandbox every stack of the checkout exists, and the tracked stack file is never written. */
async function sandboxStack({ sandbox }: Workspace, run: EngineRun): Promise<string | undefined> {
  if (sandbox === undefined) return undefined;
  // Environments read the operations stack; an empty one makes the program say what to bring up first.
  await Promise.all([sandbox.ensureStack(run.stack), sandbox.ensureStack("operations")]);
  return sandbox.configFile(run.stack, run.workDir);
}

/** A mistake in the stack file is found before an engine starts. A worktree's file belongs to that commit's own schema. */
async function refuseWrongSettings({ root }: Workspace, { kind, stack, workDir }: EngineRun): Promise<void> {
  if (workDir !== root || (kind !== "preview" && kind !== "up")) return;
  await readSettings(root, stack);
}

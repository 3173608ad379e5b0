import type { Context } from "../context.ts";
import { lastManifests } from "../deploy/manifests.ts";
import { runChecks, verificationError } from "../deploy/verification.ts";
import { type StackOutputs } from "../../config/outputs.ts";
import { driftSubjects } from "../drift/subjects.ts";
import { checksLines } from "../report/deployment.ts";
import { currentRelease } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { Deployed } from "../verify/check-kind.ts";
import { outputsAsTheyStand } from "../stack-outputs.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  const outputs = await outputsAsTheyStand(workspace, stack);
  const patience = count(options, "timeout");
  const checks = await runChecks(context, workspace, {
    outputs,
    deployed: await deployedTo(workspace, stack, outputs),
    patienceMs: patience === undefined ? undefined : patience * 1000,
  });
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const error = verificationError(stack, failed);
    throw Object.assign(error, { changed: undefined });
  }
  return done({ stack, checks }, checksLines(stack, checks).join("\n"));
}

/** What stands there by the ledger. The commit it came from is checked out only for a check that asks for its files. */
async function deployedTo(workspace: Workspace, stack: string, outputs: StackOutputs): Promise<Deployed> {
  const records = await readLedger(workspace.store, stack);
  const release = currentRelease(records)?.release;
  const branch = outputs.kind === "environment" ? outputs.manifests?.branch : undefined;
  const manifests = branch === undefined ? undefined : lastManifests(records, branch);
  const root = async () => (await driftSubjects(workspace, [stack], { here: false }))[0]?.workDir ?? workspace.root;
  return { release, root, ...(manifests === undefined ? {} : { manifests }) };
}

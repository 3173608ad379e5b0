import { join } from "node:path";
import { worktreeOf } from "../git/worktree.ts";
import { currentRelease } from "../promotion/folds.ts";
import { readLedger } from "../promotion/ledger.ts";
import { loadRelease } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";
import type { DriftSubject } from "./detect.ts";

/**
 * What each stack is compared with: the commit that was deployed to it, with its release, so that a branch that is ahead of an
 * environment is no drift; this checkout where a working tree was deployed or where it is asked for. One after the other, for two
 * stacks may share a commit's worktree.
 */
export async function driftSubjects(
  workspace: Workspace,
  stacks: readonly string[],
  { here }: { here: boolean },
): Promise<DriftSubject[]> {
  const subjects: DriftSubject[] = [];
  for (const stack of stacks) subjects.push(await subjectOf(workspace, stack, here));
  return subjects;
}

async function subjectOf(workspace: Workspace, stack: string, here: boolean): Promise<DriftSubject> {
  const checkout = { stack, workDir: workspace.root, release: undefined };
  if (here) return checkout;
  const current = currentRelease(await readLedger(workspace.store, stack));
  if (current?.commit === undefined) return checkout;
  const release = current.release === undefined ? undefined : await loadRelease(workspace.store, current.release);
  // Beside the worktrees of deployments: looking must never replace one that a deployment is using.
  const folder = join(workspace.worktreeDirectory, "drift");
  const { commit } = current;
  return { stack, workDir: await worktreeOf(workspace.root, folder, commit), release, commit };
}

import type { Context } from "../context.ts";
import { resolveCommit } from "../git/commits.ts";
import { buildRelease, type BuildResult } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";

/** The one release of a commit, built if this is the first time anybody asks. */
export async function releaseAt(context: Context, workspace: Workspace, ref: string): Promise<BuildResult> {
  const commit = await resolveCommit(workspace.root, ref);
  const result = await buildRelease({ root: workspace.root, commit, store: workspace.store, now: context.now() });
  if (result.created)
    context.console.info(`built release ${result.release.id.slice(0, 12)} of commit ${commit.slice(0, 12)}`);
  return result;
}

import { buildRelease, releaseForCommit } from "../release/build.ts";
import type { Context } from "../context.ts";
import { resolveCommit } from "../git/commits.ts";
import type { Release } from "../release/manifest.ts";
import type { Workspace } from "../workspace.ts";

/** The one release of a commit, built if this is the first time anybody asks. */
export async function releaseAt(
  context: Context,
  workspace: Workspace,
  ref: string,
): Promise<{ release: Release; built: boolean }> {
  const commit = await resolveCommit(workspace.root, ref);
  const existing = await releaseForCommit(workspace.store, commit);
  if (existing) return { release: existing, built: false };
  context.console.info(`building the release of ${commit.slice(0, 12)}`);
  const release = await buildRelease({ root: workspace.root, commit, store: workspace.store, now: context.now });
  return { release, built: true };
}

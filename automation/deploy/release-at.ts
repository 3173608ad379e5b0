import type { Context } from "../context.ts";
import { resolveCommit } from "../git/commits.ts";
import type { ImageIdentity } from "../release/image-builds.ts";
import { buildRelease, type BuildResult } from "../release/releases.ts";
import type { Workspace } from "../workspace.ts";

/** The sandbox has no registry: there an image is what it would be built from. */
export const imagesOf = ({ sandbox }: Pick<Workspace, "sandbox">): ImageIdentity =>
  sandbox === undefined ? "built" : "sources";

/** The one release of a commit, built if this is the first time anybody asks. */
export async function releaseAt(context: Context, workspace: Workspace, ref: string): Promise<BuildResult> {
  const commit = await resolveCommit(workspace.root, ref);
  const { root, store } = workspace;
  const result = await buildRelease({ root, commit, store, now: context.now(), images: imagesOf(workspace) });
  if (result.created)
    context.console.info(`built release ${result.release.id.slice(0, 12)} of commit ${commit.slice(0, 12)}`);
  return result;
}

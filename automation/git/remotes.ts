import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";

/** Makes a bare repository in a directory; one that is there already stays as it is. */
export async function initBareRemote(directory: string): Promise<void> {
  if (existsSync(join(directory, "HEAD"))) return;
  await mkdir(directory, { recursive: true });
  // Templates bring hooks of this machine along; a stand-in remote has none.
  await git(directory, ["init", "--quiet", "--bare", "--template=", "--initial-branch=main"]);
}

/** Makes a branch of the remote name a commit, whatever it named before. For stand-in remotes: hooks do not run. */
export async function pushCommit(root: string, remote: string, commit: string, branch: string): Promise<void> {
  const options = ["--quiet", "--force", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"];
  await git(root, ["push", ...options, "--end-of-options", remote, `${commit}:refs/heads/${branch}`]);
}

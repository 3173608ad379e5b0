import type { Context } from "../context.ts";
import { releaseAt } from "../deploy/release-at.ts";
import { releaseLines } from "../report/release.ts";
import { openWorkspace } from "../workspace.ts";
import { done, text, type CommandResult } from "./result.ts";

export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const { release, created: built } = await releaseAt(context, workspace, text(options, "commit") ?? "HEAD");
  return done({ built, release }, releaseLines(release, built).join("\n"));
}

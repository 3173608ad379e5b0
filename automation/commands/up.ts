import type { Context } from "../context.ts";
import { operationsStack } from "../bootstrap/site.ts";
import { deploy, refuseBypass, type DeployRequest } from "../deploy/deploy.ts";
import { imagesOf, releaseAt } from "../deploy/release-at.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { dirtyFiles, headCommit } from "../git/commits.ts";
import { bindPlan } from "../plans/bind.ts";
import { releaseForCommit } from "../release/releases.ts";
import { deployJson, deployText } from "../report/deployment.ts";
import { plural } from "../report/text.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  refuseBypass(workspace, stack);
  const plan = await savedPlan(context, workspace, stack, options);
  await askFirst(context, stack, flag(options, "yes"));
  const report = await deploy(context, workspace, {
    verb: "up",
    stack,
    workDir: workspace.root,
    ...(await subjectOfTree(context, workspace, stack)),
    create: flag(options, "create"),
    verify: options["verify"] !== false,
    policy: "ask",
    ...runOptions(options),
    ...plan,
  });
  return done(deployJson(report), deployText(context.console, report));
}

/** What `--plan` says, already compared with what it was made from. */
async function savedPlan(
  context: Context,
  workspace: Workspace,
  stack: string,
  options: Record<string, unknown>,
): Promise<Pick<DeployRequest, "plan" | "targets">> {
  const file = text(options, "plan");
  if (file === undefined) return {};
  if (options["target"] !== undefined)
    throw new SlipwayError(ExitCode.usage, "--target does not go with --plan: the plan knows its resources.", {
      next: `./slipway preview ${stack} --target <urn> --save-plan FILE plans for some resources only.`,
    });
  const plan = await bindPlan(workspace, { stack, workDir: workspace.root }, { file, now: context.now });
  const { targets } = plan.envelope;
  return { plan, ...(targets === undefined ? {} : { targets }) };
}

/**
 * What a checkout is deployed as: a clean one is its commit's release; anything else is only the working tree and cannot be promoted.
 * The operations account runs nothing of a release, and comes first of all: until it is there, no image can be pushed and so no release made.
 */
export async function subjectOfTree(
  context: Context,
  workspace: Workspace,
  stack: string,
): Promise<Pick<DeployRequest, "release" | "commit">> {
  const dirty = await dirtyFiles(workspace.root);
  if (dirty.length === 0) {
    if (stack !== operationsStack || imagesOf(workspace) === "sources")
      return { release: (await releaseAt(context, workspace, "HEAD")).release };
    const commit = await headCommit(workspace.root);
    return { release: await releaseForCommit(workspace.store, commit), commit };
  }
  context.console.warn(
    `${plural(dirty.length, "file")} differ from HEAD (${dirty[0]} …): this working tree is no release and cannot be promoted`,
  );
  return { release: undefined };
}

/** A real cloud is not changed before a person at a terminal has said so. */
export async function askFirst(context: Context, stack: string, yes: boolean): Promise<void> {
  if (yes || context.sandbox || context.confirm === undefined) return;
  if (await context.confirm(`This changes ${stack} in its cloud account.`, stack)) return;
  throw new SlipwayError(ExitCode.cancelled, `Nothing was done: ${stack} was not confirmed.`, {
    next: `./slipway preview ${stack} shows what would change.`,
  });
}

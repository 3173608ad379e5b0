import { durationMs } from "../../config/promotion-schema.ts";
import type { Context } from "../context.ts";
import { deploy } from "../deploy/deploy.ts";
import { ephemeralSettings, stackOf, takeAccount, writeStackFile } from "../ephemeral/stacks.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { headCommit } from "../git/commits.ts";
import { currentActor } from "../git/identity.ts";
import { deployJson, deployText } from "../report/deployment.ts";
import { moment } from "../report/time.ts";
import { openWorkspace } from "../workspace.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";
import { askFirst, subjectOfTree } from "./up.ts";

/** `ephemeral up <number>`: brings this checkout up as the stack of a pull request, for a time that begins anew each time. */
export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const stack = stackOf(args[0]);
  const settings = await ephemeralSettings(context.root);
  const workspace = await openWorkspace(context);
  await askFirst(context, stack, flag(options, "yes"));
  const claim = await takeAccount(workspace, settings, {
    ...{ stack, now: context.now(), timeToLive: timeToLive(options) ?? settings.timeToLive },
    by: await currentActor(workspace.root, workspace.environment),
    commit: await headCommit(workspace.root),
  });
  await writeStackFile(workspace.root, claim, settings);
  // What fails half-way stays claimed, so that it is found and deleted.
  const report = await deploy(context, await openWorkspace(context), {
    ...{ verb: "up", stack, workDir: workspace.root, create: true, verify: options["verify"] !== false },
    policy: "ask",
    ...(await subjectOfTree(context, workspace, stack)),
    ...runOptions(options),
  });
  const until = `${stack} lives in account ${claim.account} until ${moment(claim.expiresAt)}`;
  return done({ ...deployJson(report), claim }, `${deployText(context.console, report)}\n${until}`);
}

function timeToLive(options: Record<string, unknown>): number | undefined {
  const given = text(options, "timeToLive");
  if (given === undefined) return undefined;
  const value = durationMs(given) ?? 0;
  if (value > 0 && value <= 720 * 3_600_000) return value;
  throw new SlipwayError(ExitCode.usage, `--time-to-live: got "${given}", expected a duration up to 30d, e.g. 8h.`);
}

import type { Context } from "../context.ts";
import { promote, type PromoteReport } from "../deploy/promote.ts";
import { resolveTarget } from "../deploy/promotion-target.ts";
import { deployJson, deployText } from "../report/deployment.ts";
import { gateLines } from "../report/gates.ts";
import { short } from "../report/release.ts";
import { openWorkspace } from "../workspace.ts";
import { askFirst } from "./up.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const target = await resolveTarget(workspace, {
    environment: args[0],
    commit: text(options, "commit"),
    release: text(options, "release"),
    tag: text(options, "tag"),
    remote: text(options, "remote"),
  });
  const dryRun = flag(options, "dryRun");
  if (!dryRun) await askFirst(context, target.environment.name, flag(options, "yes"));
  const report = await promote(context, workspace, { ...target, dryRun, ...runOptions(options) });
  return done(promoteJson(report), promoteText(context, report));
}

function promoteJson(report: PromoteReport): Record<string, unknown> {
  const { environment, commit, gates, tag, deployment, outcome } = report;
  return { environment, commit, outcome, gates, tag: tag ?? null, ...(deployment ? deployJson(deployment) : {}) };
}

function promoteText(context: Context, report: PromoteReport): string {
  const { environment, release, outcome, gates, deployment } = report;
  if (outcome === "already-there")
    return `${environment} already runs release ${short(release.id)}, verified: nothing changed`;
  if (outcome === "dry-run") return [...gateLines(context.console, gates), "dry run: nothing changed"].join("\n");
  return deployment ? deployText(context.console, deployment) : "";
}

import type { Context } from "../context.ts";
import { promote, type PromoteReport } from "../deploy/promote.ts";
import { resolveTarget } from "../deploy/promotion-target.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { overriddenGates, type OverrideRequest } from "../promotion/gates/override.ts";
import { refusals } from "../promotion/gates.ts";
import { deployJson, deployText } from "../report/deployment.ts";
import { gateLines } from "../report/gates.ts";
import { short } from "../report/release.ts";
import { plural } from "../report/text.ts";
import { openWorkspace } from "../workspace.ts";
import { askFirst } from "./up.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

export async function run(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const override = overrideOption(options);
  const target = await resolveTarget(workspace, {
    environment: args[0],
    commit: text(options, "commit"),
    release: text(options, "release"),
    tag: tagOption(options),
    branch: text(options, "fromBranch"),
    remote: text(options, "remote"),
    automatic: flag(options, "automatic"),
  });
  const dryRun = flag(options, "dryRun");
  if (!dryRun) await askFirst(context, target.environment.name, flag(options, "yes"));
  const limits = runOptions(options);
  const planFile = text(options, "plan");
  const report = await promote(context, workspace, {
    ...target,
    dryRun,
    ...limits,
    ...(override ? { override } : {}),
    ...(planFile ? { planFile } : {}),
  });
  return { exitCode: report.exitCode, json: promoteJson(report), text: promoteText(context, report) };
}

/** `--tag` and `--from-tag` are one option with two names. An empty variable of a workflow is no tag. */
function tagOption(options: Record<string, unknown>): string | undefined {
  const given = ["fromTag", "tag"].map((name) => options[name]).filter((value) => typeof value === "string");
  if (given.some((value) => value === ""))
    throw new SlipwayError(ExitCode.usage, "--from-tag: got an empty name, expected that of a tag.", {
      next: 'slipway promote --from-tag "$GITHUB_REF_NAME", in a workflow that a tag starts',
    });
  if (new Set(given).size > 1)
    throw new SlipwayError(ExitCode.usage, "--tag and --from-tag name two different tags.", {
      next: "Give one of them.",
    });
  return given[0];
}

function overrideOption(options: Record<string, unknown>): OverrideRequest | undefined {
  const { override: reason, gate: gates } = options;
  const named = Array.isArray(gates) ? gates.map(String) : undefined;
  if (typeof reason === "string") return { reason, ...(named === undefined ? {} : { gates: named }) };
  if (named === undefined) return undefined;
  throw new SlipwayError(ExitCode.usage, "--gate says what --override is about, and there is no --override.", {
    next: '--override "<what is wrong, and why it cannot wait>"',
  });
}

function promoteJson(report: PromoteReport): Record<string, unknown> {
  const { environment, commit, release, gates, tag, tagMovedOn, deployment, outcome } = report;
  return {
    environment,
    commit,
    release: release?.id ?? null,
    outcome,
    gates,
    overridden: overriddenGates(gates),
    tag: tag ?? null,
    tagMovedOn: tagMovedOn ?? null,
    ...(deployment ? deployJson(deployment) : {}),
  };
}

function promoteText(context: Context, report: PromoteReport): string {
  const { environment, release, outcome, gates, deployment, tagMovedOn } = report;
  if (outcome === "already-there")
    return `${environment} already runs release ${short(release?.id ?? "")}, verified: nothing changed`;
  if (outcome === "dry-run") return [...gateLines(context.console, gates), dryRunLine(report)].join("\n");
  const lines = deployment ? [deployText(context.console, deployment)] : [];
  const overridden = overriddenGates(gates);
  if (overridden.length > 0) lines.push(`  overridden: ${overridden.join(", ")}`);
  if (tagMovedOn)
    lines.push(`  the tag ${tagMovedOn.tag} was moved meanwhile: slipway promote --from-tag ${tagMovedOn.tag}`);
  return lines.join("\n");
}

function dryRunLine({ environment, gates }: PromoteReport): string {
  const refused = refusals(gates).length;
  const verdict = refused === 0 ? "would be promoted" : `${plural(refused, "gate")} of ${gates.length} would refuse it`;
  return `dry run for ${environment}: ${verdict}; nothing changed`;
}

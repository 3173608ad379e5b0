import type { Context } from "../context.ts";
import { deploy, type DeployReport } from "../deploy/deploy.ts";
import { promote } from "../deploy/promote.ts";
import { resolveTarget } from "../deploy/promotion-target.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { dirtyFiles } from "../git/commits.ts";
import type { Release } from "../release/manifest.ts";
import { releaseAt } from "../deploy/release-at.ts";
import { statusTable } from "../report/status.ts";
import { short } from "../report/release.ts";
import { duration } from "../report/time.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";
import { statusRows } from "./status.ts";

interface Step {
  environment: string;
  changed: boolean;
  seconds: number;
}

/** The whole way a release goes, in the sandbox only. Run again, it finds everything in place and says so. */
export async function run(context: Context): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  await refuseUnlessDemonstrable(workspace);
  const started = performance.now();
  const { release } = await releaseAt(context, workspace, "HEAD");
  const steps = [
    await bringUp(context, workspace, "operations", release),
    await bringUp(context, workspace, "dev", release),
    ...(await promoteAll(context, workspace, release)),
  ];
  const rows = await statusRows(workspace);
  const changed = steps.some((step) => step.changed);
  const took = duration((performance.now() - started) / 1000);
  const verdict = changed
    ? `Release ${short(release.id)} went from dev to prod by moving a tag, verified at every stop (${took}).`
    : `Release ${short(release.id)} stands everywhere already: nothing changed (${took}).`;
  const notice = `This was a simulation in ${workspace.directory}: ./slipway sandbox status lists what is simulated and how.`;
  const table = statusTable(context.console, rows, context.now());
  return done(
    { changed, release: release.id, steps, environments: rows },
    ["", ...table, "", verdict, notice].join("\n"),
  );
}

async function refuseUnlessDemonstrable(workspace: Workspace): Promise<void> {
  if (workspace.sandbox === undefined)
    throw new SlipwayError(ExitCode.usage, "The demo brings up four accounts and runs in the sandbox only.", {
      next: "./slipway demo --sandbox, or npm start",
    });
  const dirty = await dirtyFiles(workspace.root);
  if (dirty.length > 0)
    throw new SlipwayError(
      ExitCode.usage,
      `A release is built from a commit, and these files are in none: ${dirty.slice(0, 5).join(", ")}.`,
      {
        where: workspace.root,
        next: "git commit or git stash --include-untracked, then npm start",
      },
    );
}

async function bringUp(context: Context, workspace: Workspace, stack: string, release: Release): Promise<Step> {
  heading(context, `${stack}: bring it up`);
  const report = await deploy(context, workspace, {
    verb: "up",
    stack,
    workDir: workspace.root,
    release,
    create: true,
    verify: true,
  });
  return stepOf(report);
}

const stepOf = (report: DeployReport): Step => ({
  environment: report.stack,
  changed: report.recorded,
  seconds: report.seconds,
});

/** Tags move on a remote of the sandbox's own: nothing of the user's repository is touched. */
async function promoteAll(context: Context, workspace: Workspace, release: Release): Promise<Step[]> {
  const remote = workspace.policy.remote;
  const steps: Step[] = [];
  for (const { name, upstream } of workspace.policy.environments) {
    if (upstream === undefined) continue;
    heading(context, `${name}: promote what ${upstream} has verified`);
    const target = await resolveTarget(workspace, {
      environment: name,
      commit: release.commit,
      release: undefined,
      tag: undefined,
      remote,
    });
    const started = performance.now();
    const report = await promote(context, workspace, { ...target, dryRun: false });
    const seconds = Math.round(performance.now() - started) / 1000;
    if (report.outcome === "already-there") context.console.info("  already there and verified: nothing to do");
    steps.push(report.deployment ? stepOf(report.deployment) : { environment: name, changed: false, seconds });
  }
  return steps;
}

const heading = (context: Context, text: string) => context.console.info(context.console.colors.bold(`\n${text}`));

import type { Context } from "../context.ts";
import { goodWay, type Step } from "../demo/good-way.ts";
import { badRelease } from "../demo/bad-release.ts";
import { modelLine, trainModel } from "../demo/model.ts";
import { releaseAt } from "../deploy/release-at.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { dirtyFiles } from "../git/commits.ts";
import { runJson, type RunReport } from "../report/model-run.ts";
import { short } from "../report/release.ts";
import { statusTable } from "../report/status.ts";
import { duration } from "../report/time.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";
import { statusRows } from "./status.ts";

/**
 * The whole way a release goes, in the sandbox only: up to staging, then a bad release that staging sends back, then the good one on
 * to prod. Run again, it finds everything in place and says so.
 */
export async function run(context: Context): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  await refuseUnlessDemonstrable(workspace);
  const started = performance.now();
  const { release } = await releaseAt(context, workspace, "HEAD");
  const way = goodWay(context, workspace, release);
  const steps = [await way.bringUp("operations"), await way.bringUp("dev")];
  const model = await trainModel(context, workspace, "dev");
  steps.push(await way.promote("staging"));
  if (steps.some(({ changed }) => changed)) {
    steps.push(...(await badRelease(context, workspace, release)));
    steps.push(await way.bringUp("dev"));
  }
  steps.push(await way.promote("prod"));
  const rows = await statusRows(workspace);
  const changed = steps.some((step) => step.changed);
  const took = duration((performance.now() - started) / 1000);
  const verdict = changed
    ? `Release ${short(release.id)} went from dev to prod by moving a tag, verified at every stop; a bad one came as far as staging and was sent back (${took}).`
    : `Release ${short(release.id)} stands everywhere already: nothing changed (${took}).`;
  const notice = [
    `This was a simulation in ${workspace.directory}: ./slipway sandbox status lists what is simulated and how.`,
    "./slipway sandbox serve prod brings up the services once more and says where to look at them.",
  ].join("\n");
  const table = statusTable(context.console, rows, context.now());
  return done(
    { changed, release: release.id, steps, environments: rows, model: model === undefined ? null : runJson(model) },
    ["", ...table, "", ...proofLines(steps, model), verdict, notice].join("\n"),
  );
}

/** What services said, what went through the pipelines, and which model came out: the last word of each environment. */
function proofLines(steps: readonly Step[], model: RunReport | undefined): string[] {
  const last = new Map<string, string>();
  for (const { environment, pipelines, services } of steps) {
    if (services.length > 0) last.set(`services in ${environment}`, services.map(({ detail }) => detail).join(", "));
    for (const { name, detail } of pipelines) last.set(`${name} in ${environment}`, detail);
  }
  if (model !== undefined) last.set(`model in ${model.environment ?? "dev"}`, modelLine(model));
  return last.size === 0 ? [] : [...[...last].map(([what, detail]) => `${what}: ${detail}`), ""];
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
      { where: workspace.root, next: "git commit or git stash --include-untracked, then npm start" },
    );
}

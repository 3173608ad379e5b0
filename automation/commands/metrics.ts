import { resolve } from "node:path";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { deploymentLog } from "../metrics/attempts.ts";
import { commitGraph } from "../metrics/commit-graph.ts";
import { measure, type WindowView } from "../metrics/four-keys.ts";
import { readLedger } from "../promotion/ledger.ts";
import { metricsJson, metricsText } from "../report/metrics.ts";
import { knownStack, openWorkspace, stacksInOrder, type Workspace } from "../workspace.ts";
import { projectName } from "./project.ts";
import { done, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";
import { writeWhole } from "./whole-file.ts";

const defaultDays = 90;
const mostDays = 36_500;

export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const named = text(options, "environment");
  const environments = named === undefined ? stacksInOrder(workspace) : [knownStack(workspace, named)];
  const days = count(options, "days") ?? defaultDays;
  if (days > mostDays)
    throw new SlipwayError(ExitCode.usage, `--days: got ${days}, expected at most ${mostDays}.`, {
      next: "Ask for fewer days; the figures of an environment begin with its first record anyway.",
    });
  const now = context.now();
  const views = await measureAll(workspace, environments, days, now);
  const file = text(options, "html");
  if (file !== undefined) await writePage(workspace, file, { days, views, now });
  const metrics = views.map((view) => view.metrics);
  const lines = metricsText(context.console, metrics, days, now);
  if (file !== undefined) lines.push(`page written to ${file}`);
  return done(
    { days, environments: metricsJson(metrics), ...(file === undefined ? {} : { html: resolve(file) }) },
    lines.join("\n"),
  );
}

async function measureAll(
  workspace: Workspace,
  environments: readonly string[],
  days: number,
  now: Date,
): Promise<WindowView[]> {
  const logs = await Promise.all(
    environments.map(async (name) => deploymentLog(name, await readLedger(workspace.store, name))),
  );
  const commits = logs.flatMap(({ attempts }) => attempts.flatMap(({ commit }) => commit ?? []));
  const graph = await commitGraph(workspace.root, commits);
  return logs.map((log) => measure(log, graph, days, now.getTime()));
}

async function writePage(
  workspace: Workspace,
  file: string,
  page: { days: number; views: readonly WindowView[]; now: Date },
): Promise<string> {
  // Only who wants the page pays for loading its charts.
  const { metricsPage } = await import("../report/metrics-page.ts");
  const content = metricsPage({ project: await projectName(workspace.root), ...page });
  return writeWhole(file, content, "Name a file that this user may write, e.g. --html metrics.html.");
}

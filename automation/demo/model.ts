import type { Context } from "../context.ts";
import { runInSandbox } from "../model/run/reported.ts";
import { number } from "../report/model-number.ts";
import { runText, type RunReport } from "../report/model-run.ts";
import { duration } from "../report/time.ts";
import type { Workspace } from "../workspace.ts";
import { heading } from "./good-way.ts";

/** Trains a model in an environment of the sandbox; undefined where that only remembers what stands in it. */
export async function trainModel(
  context: Context,
  workspace: Workspace,
  environment: string,
): Promise<RunReport | undefined> {
  const again = `./slipway model run ${environment}`;
  heading(context, `${environment}: ${again}`);
  const { console } = context;
  const reason = workspace.sandbox?.tools.pythonState(workspace.environment).reason;
  if (reason !== undefined) {
    console.info(`  no model is trained: ${environment} is only simulated (${reason})`);
    return undefined;
  }
  const report = await runInSandbox(context, workspace, environment, { parameters: {}, cache: true, again });
  // The steps were told while they went.
  const lines = runText(console, report);
  for (const line of lines.slice(lines.indexOf("") + 1)) console.info(`  ${line}`);
  return report;
}

/** "version 1 Approved, r2 0.91556 of at least 0.6 (9.2 s)". */
export function modelLine({ version, seconds, steps }: RunReport): string {
  if (version === undefined) return "no version was registered";
  const { metric, minimum } = version.threshold;
  const value = version.metrics[metric];
  const cached = steps.filter(({ status }) => status === "cached").length;
  return (
    `version ${version.version} ${version.status}, ${metric} ${value === undefined ? "-" : number(value)} of at least ` +
    `${number(minimum)} (${duration(seconds)}${cached > 0 ? `, ${cached} steps from the cache` : ""})`
  );
}

import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { addressOf } from "../load/address.ts";
import { judgeLoad } from "../load/judge.ts";
import { pace } from "../load/pace.ts";
import { loadJson, loadText } from "../report/load.ts";
import { outputsAsTheyStand } from "../stack-outputs.ts";
import { readSettings } from "../stack-settings.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { flag, text, type CommandResult } from "./result.ts";

type Options = Record<string, unknown>;

/** `load <environment>`: an even load on one service for a short time, held against limits. */
export async function run(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const rate = numberOf(options, "rate", 10, 500);
  const seconds = numberOf(options, "seconds", 10, 300);
  const limits = {
    p99Ms: numberOf(options, "p99", 1000, 60_000),
    errorRate: numberOf(options, "errors", 1, 100, 0) / 100,
  };
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  await refuseProd(workspace, stack, flag(options, "prod"));
  const wanted = { service: text(options, "service"), url: text(options, "url") };
  const checks = wanted.url === undefined ? (await outputsAsTheyStand(workspace, stack)).checks : [];
  const url = addressOf(checks, stack, wanted);
  context.console.info(`${stack}: ${rate * seconds} requests to ${url}, ${rate} a second`);
  const at = context.now().toISOString();
  const judged = judgeLoad(await pace({ url, rate, seconds, signal: context.signal }), limits);
  const key = `load/${stack}/${at.replaceAll(":", "-")}.json`;
  const report = { stack, url, rate, seconds, limits, at, key, ...judged };
  await workspace.store.put(key, `${JSON.stringify(report)}\n`);
  return {
    exitCode: judged.breaches.length > 0 ? ExitCode.unexpectedChanges : ExitCode.done,
    json: loadJson(report),
    text: loadText(context, report),
  };
}

/** A whole number within bounds: what is asked for by mistake has to stay small. */
function numberOf(options: Options, name: string, fallback: number, most: number, least = 1): number {
  const given = text(options, name);
  if (given === undefined) return fallback;
  if (/^\d{1,6}$/.test(given) && Number(given) >= least && Number(given) <= most) return Number(given);
  throw new SlipwayError(
    ExitCode.usage,
    `--${name}: got "${given}", expected a whole number from ${least} to ${most}.`,
  );
}

async function refuseProd({ root }: Workspace, stack: string, meant: boolean): Promise<void> {
  const { environment } = await readSettings(root, stack);
  if (environment !== "prod" || meant) return;
  throw new SlipwayError(ExitCode.usage, `${stack} serves customers: load on it has to be meant.`, {
    where: `Pulumi.${stack}.yaml`,
    next: `./slipway load ${stack} --prod, or another environment`,
  });
}

import { resolve } from "node:path";
import { suggest } from "../../config/suggest.ts";
import { advise as adviceFor, type AdviceOptions } from "../../streams/engine/advise/advise.ts";
import { hourlyPrices, pricedRegions, type Prices } from "../../streams/engine/catalogue/prices.ts";
import type { StreamProject } from "../../streams/engine/files/project.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { adviceJson, adviceText } from "../report/streams-advice.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { readPrices, readStats } from "../streams/stats-file.ts";
import { text, type CommandResult } from "./result.ts";
import { versions } from "./streams-diff.ts";
import { knownEnvironment } from "./streams-lint.ts";

/** `streams advise`: which tier each processor needs, why, and what it costs; by its files, and by figures of what runs where given. */
export async function advise(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const { project, before, base } = await projects(context, options);
  const environment = knownEnvironment(project, text(options, "environment"));
  const prices = await readPrices(text(options, "prices"));
  const region = knownRegion(prices, text(options, "region") ?? "us-east-1");
  const stats = text(options, "stats");
  const asked: AdviceOptions = {
    ...{ prices, region, environment: environment === undefined ? undefined : project.environments.get(environment) },
    ...(stats === undefined ? {} : { stats: await readStats(resolve(stats)) }),
  };
  warnOfStrangers(context, project, asked);
  const advice = adviceFor(project, asked);
  const report = { region, prices, environment, base, advice, before: before && adviceFor(before, asked) };
  return {
    exitCode: advice.some(({ problems }) => problems.length > 0) ? ExitCode.policy : ExitCode.done,
    json: adviceJson(report),
    text: adviceText(context.console, report).join("\n"),
  };
}

/** The folder as it lies here, and what it is compared with where somebody asks. */
async function projects(context: Context, options: Record<string, unknown>) {
  if (text(options, "base") === undefined) {
    const { project } = await readStreamFolder(folderOf(context.root, text(options, "folder")));
    return { project, before: undefined, base: undefined };
  }
  const { before, after, base } = await versions(context, options);
  return { project: after, before, base };
}

function knownRegion(prices: Prices, region: string): string {
  if (hourlyPrices(prices, region) !== undefined) return region;
  const known = pricedRegions(prices).sort();
  const like = suggest(region, known);
  throw new SlipwayError(ExitCode.usage, `No price is known for the region ${JSON.stringify(region)}.`, {
    next: like === undefined ? `Use one of: ${known.join(", ")}.` : `did you mean ${like}?`,
  });
}

/** Figures that no processor of the folder has would be passed over in silence. */
function warnOfStrangers(context: Context, project: StreamProject, { stats }: AdviceOptions): void {
  const names = new Set(project.processors.map(({ name }) => name));
  for (const name of stats?.keys() ?? [])
    if (!names.has(name)) context.console.warn(`figures of ${JSON.stringify(name)}, which is no processor here`);
}

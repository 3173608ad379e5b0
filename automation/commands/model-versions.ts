import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { compare, type Comparison } from "../model/compare.ts";
import type { ModelRegistry } from "../model/registry/registry.ts";
import { compareJson, compareText } from "../report/model-compare.ts";
import { listJson, listText } from "../report/model-list.ts";
import { versionNumber, withRegistry } from "./model-options.ts";
import { done, text, type CommandResult } from "./result.ts";
import { writeWhole } from "./whole-file.ts";

type Options = Record<string, unknown>;

/** `model list [environment]`: every version, the newest first. */
export async function list(
  context: Context,
  [environment]: readonly string[],
  options: Options,
): Promise<CommandResult> {
  return withRegistry(context, environment, options, async (registry) => {
    const versions = await registry.list();
    const json = {
      action: "list",
      environment: environment ?? null,
      registry: registry.location,
      versions: listJson(versions),
    };
    if (versions.length === 0)
      return done(json, `no version is registered in ${registry.location}; ./slipway model run makes one`);
    return done(json, listText(context.console, versions, context.now()).join("\n"));
  });
}

/** `model compare A B [environment]`: two versions side by side, also as a picture or a page. */
export async function compareVersions(
  context: Context,
  [a, b, environment]: readonly string[],
  options: Options,
): Promise<CommandResult> {
  const numbers = [versionNumber(a, "compare: the first version"), versionNumber(b, "compare: the second version")];
  return withRegistry(context, environment, options, async (registry) => {
    const [sideA, sideB] = await Promise.all(numbers.map((number) => sideOf(registry, number)));
    if (sideA === undefined || sideB === undefined) throw new Error("two numbers make two sides");
    const comparison = compare(sideA, sideB);
    const written = await writeFiles(context, registry, comparison, options);
    const lines = [...compareText(context.console, comparison), ...written.map((file) => `written to ${file}`)];
    const json = { action: "compare", environment: environment ?? null, ...compareJson(comparison), files: written };
    return done(json, lines.join("\n"));
  });
}

async function sideOf(registry: ModelRegistry, number: number) {
  const version = await registry.get(number);
  return { version, evaluation: await registry.evaluation(version) };
}

const elsewhere = "Name a file that this user may write, e.g. --html models.html.";

async function writeFiles(
  context: Context,
  { group }: ModelRegistry,
  comparison: Comparison,
  options: Options,
): Promise<string[]> {
  const [svg, page] = [text(options, "svg"), text(options, "html")];
  const written: string[] = [];
  if (svg !== undefined) {
    const { plotSvg } = await import("../report/model-plot.ts");
    const { a, b } = comparison;
    const sides = [a, b].filter(({ evaluation }) => evaluation.predictions.length > 0);
    if (sides.length === 0) throw nothingToDraw(a.version.version, b.version.version);
    const title = `${group}: version ${a.version.version} and version ${b.version.version}`;
    written.push(await writeWhole(svg, plotSvg(sides, title), elsewhere));
  }
  if (page !== undefined) {
    const { modelPage } = await import("../report/model-page.ts");
    written.push(await writeWhole(page, modelPage({ group, comparison, now: context.now() }), elsewhere));
  }
  return written;
}

const nothingToDraw = (a: number, b: number) =>
  new SlipwayError(ExitCode.notFound, `The predictions of versions ${a} and ${b} are not there any more.`, {
    where: "--svg",
    next: "Compare versions whose evaluation is still kept, or leave out --svg.",
  });

import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { comparisonJson, comparisonText } from "../report/streams-compare.ts";
import { baselinesOf, chosenBaseline } from "../streams/observe/baselines.ts";
import { type Bands, type Comparison, compareProfiles, defaultBands } from "../streams/observe/compare.ts";
import type { Profile } from "../streams/observe/profile.ts";
import { flag, text, type CommandResult } from "./result.ts";
import { openObserved } from "./streams-place.ts";
import { measured, recordsOf, runningId } from "./streams-profile.ts";

type Options = Record<string, unknown>;

/** `streams compare`: measures what runs, and holds it against a baseline. */
export async function compare(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const bands = bandsOf(options);
  const observed = await openObserved(context, args, options);
  const environment = recordsOf(observed);
  const running = await runningId(observed);
  // Whether there is anything to compare with is known before anything is measured.
  const all = await baselinesOf(observed.workspace.store, environment);
  const chosen = chosenBaseline(all, { against: text(options, "against"), running, environment });
  const { report } = await measured(context, observed, options);
  const comparisons = report.measured.map(({ processor, profile }) => ({
    ...compared(chosen.profiles[processor], profile, bands),
    processor,
  }));
  const told = { ...report, baseline: chosen, running, comparisons };
  return {
    exitCode: verdict(comparisons, flag(options, "strict")),
    json: comparisonJson(told),
    text: comparisonText(context.console, told).join("\n"),
  };
}

function compared(baseline: Profile | undefined, current: Profile, bands: Partial<Bands>): Comparison {
  if (baseline !== undefined) return compareProfiles(baseline, current, { bands });
  const reasons = ["it has no baseline: it is new since then"];
  const { problem, processor } = current;
  if (problem !== null) return { processor, verdict: "worse", metrics: [], reasons: [problem] };
  return { processor, verdict: "inconclusive", metrics: [], reasons };
}

function verdict(comparisons: readonly Comparison[], strict: boolean): ExitCode {
  const bad = comparisons.some((one) => one.verdict === "worse" || (strict && one.verdict === "inconclusive"));
  return bad ? ExitCode.unexpectedChanges : ExitCode.done;
}

/** `--band name=number`, any number of times. */
function bandsOf(options: Options): Partial<Bands> {
  const given = options["band"];
  const bands: Partial<Bands> = {};
  for (const entry of Array.isArray(given) ? given.map(String) : []) {
    const [, name = "", number = ""] = /^([A-Za-z]+)=(\d+(?:\.\d+)?)$/.exec(entry) ?? [];
    if (!isBand(name))
      throw new SlipwayError(ExitCode.usage, `--band: got "${entry}", expected <name>=<number>.`, {
        next: `Names are: ${Object.keys(defaultBands).join(", ")}.`,
      });
    bands[name] = Number(number);
  }
  return bands;
}

const isBand = (name: string): name is keyof Bands => Object.hasOwn(defaultBands, name);

import { type Prices, hourlyPrices, hoursPerMonth } from "../catalogue/prices.ts";
import { largerTier, tierAbove, tierAtLeast } from "../catalogue/tiers.ts";
import type { Policy, Tier } from "../files/documents.ts";
import type { Environment, Processor, StreamProject } from "../files/project.ts";
import { type StageUse, subjectOf } from "../lint/subject.ts";
import { tiersIn } from "../lint/tiers.ts";
import { type Requirement, cumulative, parallelismOf, requirementsOf } from "./floor.ts";
import { type Measured, type Sample, enoughSamples, measured } from "./measured.ts";

export interface AdviceOptions extends AdviceGround {
  prices: Prices;
  /** Region that is paid for. */
  region: string;
}

/** What advice about tiers stands on, where nobody asks for its price. */
export interface AdviceGround {
  /** Samples of what runs, by processor. */
  stats?: ReadonlyMap<string, readonly Sample[]>;
  /** Environment whose default and largest tier count. */
  environment?: Environment | undefined;
}

/** Which tier a processor needs, why, and what it costs. */
export interface Advice {
  processor: string;
  /** What the files rule out: no smaller tier starts it. Undefined where no tier does. */
  floor: Tier | undefined;
  recommended: Tier | undefined;
  /** What the files say today; undefined where the advisor decides. */
  set: Tier | undefined;
  autoscaling: { minTier: Tier; maxTier: Tier } | undefined;
  /** `high` where it was measured long enough; `low` where only limits speak and something holds state. */
  confidence: "high" | "medium" | "low";
  reasons: string[];
  problems: string[];
  parallelism: number;
  measured: Measured | undefined;
  costPerMonth: number | undefined;
}

/** Advises on every processor of a folder. */
export function advise(project: StreamProject, options: AdviceOptions): Advice[] {
  const { prices, region } = options;
  return project.processors.map((processor) => {
    const advice = adviseProcessor(processor, project, project.policies.get(processor.name)?.value, options);
    return { ...advice, costPerMonth: costOf(prices, region, advice.recommended) };
  });
}

/** Advises on one processor, by its files and by what was measured of it. */
export function adviseProcessor(
  processor: Processor,
  project: StreamProject,
  policy: Policy | undefined,
  { stats, environment }: AdviceGround,
): Omit<Advice, "costPerMonth"> {
  const { uses } = subjectOf(processor, project, new Map(), []);
  const requirements = requirementsOf(uses, policy);
  const floor = floorOf(requirements);
  const today = tiersIn(policy, environment);
  const samples = stats?.get(processor.name) ?? [];
  const figures = measured(samples, today?.least);
  const wanted = figures === undefined ? floor : floor && figures.tier && largerTier(floor, figures.tier);
  const maxTier = environment?.config?.maxTier;
  return {
    ...{ processor: processor.name, floor, recommended: wanted, set: today?.least, measured: figures },
    parallelism: cumulative(parallelismOf(uses)),
    autoscaling: wanted === undefined || floor === undefined ? undefined : boundsOf(floor, wanted, maxTier),
    confidence: confidenceOf(uses, figures),
    reasons: [
      ...requirements.map(requirementReason),
      ...measuredReasons(figures, today?.least),
      ...stateReasons(uses, figures),
    ],
    problems: problemsOf({
      requirements,
      floor,
      wanted,
      today,
      maxTier,
      figures,
      environment: environment?.name,
      samples,
      uses,
    }),
  };
}

/** The largest of the smallest tiers; one that no tier can do leaves nothing to advise. */
function floorOf(requirements: readonly Requirement[]): Tier | undefined {
  return requirements.reduce<Tier | undefined>((floor, { tier }) => floor && tier && largerTier(floor, tier), "SP2");
}

/** One step of room above what is wanted, within what the workspace allows. */
function boundsOf(floor: Tier, wanted: Tier, maxTier: Tier | undefined): Advice["autoscaling"] {
  const above = tierAbove(wanted) ?? wanted;
  const top = maxTier !== undefined && !tierAtLeast(maxTier, above) ? maxTier : above;
  return tierAtLeast(top, floor) ? { minTier: floor, maxTier: top } : undefined;
}

/** What a tier costs in an average month; undefined where no price is known. */
export function costOf(prices: Prices, region: string, tier: Tier | undefined): number | undefined {
  const hourly = tier === undefined ? undefined : hourlyPrices(prices, region)?.[tier];
  return hourly === undefined ? undefined : Math.round(hourly * hoursPerMonth * 100) / 100;
}

const holdsState = (uses: readonly StageUse[]) =>
  uses.some(({ spec, name }) => spec?.role === "window" || name === "$cachedLookup");

function confidenceOf(uses: readonly StageUse[], figures: Measured | undefined): Advice["confidence"] {
  if (figures !== undefined) return figures.samples >= enoughSamples ? "high" : "medium";
  return holdsState(uses) ? "low" : "medium";
}

const requirementReason = ({ reason, tier }: Requirement) =>
  `${reason}: ${tier ?? "no tier"}${tier === undefined ? "" : " or above"}`;

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MB`;

function measuredReasons(figures: Measured | undefined, current: Tier | undefined): string[] {
  if (figures === undefined) return [];
  const { samples, memoryP95, share, band, tier } = figures;
  const of = share === undefined ? "" : `, ${Math.round(share * 100)} % of ${current ?? ""} (${band ?? ""})`;
  return [
    `95 % of ${samples} samples use at most ${megabytes(memoryP95)}${of}: ${tier ?? "no tier"} holds that with room`,
  ];
}

function stateReasons(uses: readonly StageUse[], figures: Measured | undefined): string[] {
  if (figures !== undefined) return [];
  const stateful = uses.filter(({ spec, name }) => spec?.role === "window" || name === "$cachedLookup");
  return stateful.map(
    ({ name }) => `${name} holds state whose size no file says: give --stats, or let autoscaling find it`,
  );
}

interface Facts {
  requirements: readonly Requirement[];
  floor: Tier | undefined;
  wanted: Tier | undefined;
  today: ReturnType<typeof tiersIn>;
  maxTier: Tier | undefined;
  figures: Measured | undefined;
  environment: string | undefined;
  samples: readonly Sample[];
  uses: readonly StageUse[];
}

/** What stops a processor from starting, or will stop it. */
function problemsOf({
  requirements,
  floor,
  wanted,
  today,
  maxTier,
  figures,
  environment,
  samples,
  uses,
}: Facts): string[] {
  const counted = samples.at(-1)?.addedParallelism;
  // Between 70 and 80 % there is time to watch: only what would fail is a problem.
  const needed = figures?.band === "raise" ? wanted : floor;
  const own = cumulative(parallelismOf(uses));
  const problems: (string | false | undefined)[] = [
    ...requirements.filter(({ tier }) => tier === undefined).map(({ reason }) => `no tier allows ${reason}`),
    figures !== undefined && figures.tier === undefined && `no tier holds ${megabytes(figures.memoryP95)} with room`,
    needed !== undefined &&
      today !== undefined &&
      !tierAtLeast(today.most, needed) &&
      `${today.most} is set, ${needed} is needed`,
    wanted !== undefined &&
      maxTier !== undefined &&
      !tierAtLeast(maxTier, wanted) &&
      `${environment ?? "the workspace"} starts nothing above ${maxTier}, ${wanted} is needed`,
    counted !== undefined &&
      counted !== own &&
      `Atlas counts a parallelism of ${counted}, the file ${own}: another version runs`,
  ];
  return problems.filter((problem) => typeof problem === "string");
}

import { type Requirement, offered, parallelismOf, requirementsOf } from "../advise/floor.ts";
import { largestParallelism } from "../catalogue/stages.ts";
import { stateLimit, tierAtLeast } from "../catalogue/tiers.ts";
import { type Policy, type Tier, tiers } from "../files/documents.ts";
import type { Environment } from "../files/project.ts";
import { type Finding, findingAt } from "../finding.ts";
import { type ProjectRule, type Rule, type Subject, found } from "./subject.ts";

/** Tiers that a processor may run on in an environment: one, or those between its bounds. None where the advisor decides. */
export function tiersIn(
  policy: Policy | undefined,
  environment: Environment | undefined,
): { least: Tier; most: Tier } | undefined {
  const bounds = policy?.autoscaling;
  if (bounds !== undefined) return { least: bounds.minTier, most: bounds.maxTier };
  const tier = policy?.tier ?? environment?.config?.defaultTier;
  return tier === undefined || tier === "auto" ? undefined : { least: tier, most: tier };
}

const policyOf = ({ project, processor }: Subject) => project.policies.get(processor.name);

/** Requirements of the files against the tiers that are set, environment by environment; each is said once. */
const tooSmall: Rule = function* (subject) {
  const policy = policyOf(subject)?.value;
  for (const requirement of requirementsOf(subject.uses, policy)) {
    if (requirement.tier === undefined) {
      yield tooMuch(subject, requirement);
      continue;
    }
    const needed = requirement.tier;
    const places = subject.environments.length === 0 ? [undefined] : subject.environments;
    const short = places.flatMap((environment) => {
      const set = tiersIn(policy, environment);
      return set === undefined || tierAtLeast(set.least, needed) ? [] : [{ environment, tier: set.least }];
    });
    const [first] = short;
    if (first === undefined) continue;
    const where =
      policy?.tier === undefined && policy?.autoscaling === undefined ? ` (${first.environment?.name ?? ""})` : "";
    yield found(subject, requirement.path, {
      rule: `tiers/${requirement.rule}`,
      message: `${requirement.reason}; ${offered(requirement.rule, first.tier)}${where}`,
      why: "Atlas refuses to start the processor",
      fix: `run it on ${needed} or above: "tier" in policies/${subject.processor.name}.json`,
    });
  }
};

function tooMuch(subject: Subject, { rule, reason, path }: Requirement): Finding {
  return found(subject, path, {
    ...{ rule: `tiers/${rule}`, message: `${reason}: no tier has that` },
    ...{ why: "Atlas refuses to start the processor", fix: "ask for less" },
  });
}

/** Two pages of Atlas' documentation do not agree about `$lookup`. */
const lookupParallelism: Rule = function* (subject) {
  for (const { stage, parallelism, path } of parallelismOf(subject.uses))
    if (stage === "$lookup" && parallelism > 16 && parallelism <= largestParallelism)
      yield found(subject, path, {
        ...{ rule: "tiers/lookup-parallelism", severity: "warning", message: `a parallelism of ${parallelism}` },
        why: "Atlas documents 64 as the most in one place, and 16 in another",
        fix: "try it in a workspace first, or use at most 16",
      });
};

/** Tiers that are set above what the workspace starts. */
const aboveMaximum: Rule = function* (subject) {
  const policy = policyOf(subject);
  if (policy === undefined) return;
  for (const { name, config } of subject.environments) {
    const set = tiersIn(policy.value, undefined);
    const most = config?.maxTier;
    if (set === undefined || most === undefined || tierAtLeast(most, set.most)) continue;
    const path = policy.value.autoscaling === undefined ? ["tier"] : ["autoscaling", "maxTier"];
    yield findingAt(policy, path, {
      ...{ rule: "tiers/max-tier", message: `${set.most} is above the largest tier of ${name}, ${most}` },
      ...{
        why: "the workspace's maxTierSize stops it from starting",
        fix: `use ${most} at the most, or raise MAX_TIER`,
      },
    });
  }
};

/** A threshold of memory that no processor reaches: it fails before. */
const deafThreshold: Rule = function* (subject) {
  const policy = policyOf(subject);
  for (const { name, thresholds } of subject.environments) {
    const expected = policy?.value.expect?.memoryMb;
    if (
      policy !== undefined &&
      expected !== undefined &&
      thresholds?.memory_mb !== undefined &&
      expected > thresholds.memory_mb
    )
      yield findingAt(policy, ["expect", "memoryMb"], {
        ...{
          rule: "policies/expectation",
          message: `${expected} MB are expected, and ${name} allows ${thresholds.memory_mb}`,
        },
        ...{ why: "the threshold would be broken by what is normal", fix: "raise memory_mb, or expect less" },
      });
    const set = tiersIn(policy?.value, undefined);
    if (
      policy !== undefined &&
      expected !== undefined &&
      set !== undefined &&
      expected * 1024 ** 2 > stateLimit(set.most)
    )
      yield findingAt(policy, ["expect", "memoryMb"], {
        ...{ rule: "policies/memory", message: `${expected} MB of state are more than ${set.most} holds` },
        ...{ why: "above 80 % of its memory a processor fails", fix: "use a larger tier" },
      });
  }
};

const bounds: ProjectRule = function* ({ policies }) {
  for (const policy of policies.values()) {
    const { autoscaling, tier } = policy.value;
    if (autoscaling === undefined) continue;
    const { minTier, maxTier } = autoscaling;
    if (!tierAtLeast(maxTier, minTier))
      yield findingAt(policy, ["autoscaling"], {
        ...{ rule: "policies/bounds", message: `minTier ${minTier} is above maxTier ${maxTier}` },
        ...{ why: "there is no tier between them", fix: "exchange the two" },
      });
    else if (tier !== undefined && tier !== "auto" && !(tierAtLeast(tier, minTier) && tierAtLeast(maxTier, tier)))
      yield findingAt(policy, ["tier"], {
        ...{ rule: "policies/bounds", message: `tier ${tier} is not between ${minTier} and ${maxTier}` },
        ...{ why: "Atlas does not start a processor outside of its bounds", fix: "start it inside of them" },
      });
  }
};

/** The tier of a whole environment against its own maximum, where no processor has to say anything. */
const environmentMaximum: ProjectRule = function* (_project, environments) {
  for (const { config } of environments) {
    const { defaultTier, maxTier } = config ?? {};
    if (config === undefined || defaultTier === undefined || defaultTier === "auto" || maxTier === undefined) continue;
    if (tiers.indexOf(defaultTier) > tiers.indexOf(maxTier))
      yield {
        ...{ rule: "tiers/max-tier", severity: "error", file: config.file, line: config.lines["DEFAULT_TIER"] ?? 1 },
        ...{ column: 1, path: "", message: `DEFAULT_TIER ${defaultTier} is above MAX_TIER ${maxTier}` },
        ...{
          why: "the workspace's maxTierSize stops every processor",
          fix: `use ${maxTier} at the most, or raise MAX_TIER`,
        },
      };
  }
};

export const tierRules: readonly Rule[] = [tooSmall, lookupParallelism, aboveMaximum, deafThreshold];
export const tierPolicies: readonly ProjectRule[] = [bounds, environmentMaximum];

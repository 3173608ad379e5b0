import { adviseProcessor } from "../streams/engine/advise/advise.ts";
import { tierAtLeast } from "../streams/engine/catalogue/tiers.ts";
import { definitionDigest } from "../streams/engine/diff/digest.ts";
import type { Policy, Thresholds, Tier } from "../streams/engine/files/documents.ts";
import type { Environment, Processor, StreamProject } from "../streams/engine/files/project.ts";
import type { ProcessorOutput, Rollout } from "./streams-outputs.ts";

/** What applies to every processor of an environment. */
export interface ProcessorGround {
  project: StreamProject;
  environment: Environment;
  /** How changes take over, but for processors whose policy says otherwise. */
  rollout: "in-place" | "blue-green";
  maxTier: Tier;
  /** Whether the workspace has a region to go to. */
  failover: boolean;
}

/** How a processor is run: its definition, and what policy, environment and advisor say. */
export type ProcessorPlan = ProcessorOutput;

/** One processor as the environment is to run it, and what stands against that. */
export function planProcessor(
  processor: Processor,
  ground: ProcessorGround,
): { plan: ProcessorPlan | undefined; problems: string[] } {
  const { name, pipelineText, dlq } = processor;
  const policy = ground.project.policies.get(name)?.value ?? {};
  const tiers = tiersOf(processor, policy, ground);
  const problems = problemsOf(name, policy, tiers, ground);
  if (tiers === undefined) return { plan: undefined, problems };
  const plan: ProcessorPlan = {
    digest: definitionDigest({ pipelineText, dlq }),
    rollout: rolloutOf(policy, ground.rollout),
    state: policy.state ?? "STARTED",
    ...tiers,
    failover: policy.failover ?? false,
    pipeline: pipelineText,
    ...(dlq !== undefined && { dlq }),
    thresholds: thresholdsOf(ground.environment.thresholds),
    ...(policy.expect !== undefined && { expect: policy.expect }),
    ...(policy.kafkaPartitions !== undefined && { kafkaPartitions: policy.kafkaPartitions }),
  };
  return { plan, problems };
}

/** A policy says how a change takes over where changes do not happen in place; where they do, they do for all. */
export function rolloutOf({ rollout }: Policy, strategy: ProcessorGround["rollout"]): Rollout {
  return strategy === "in-place" ? "in-place" : (rollout ?? strategy);
}

interface Tiers {
  /** Where it starts; where there are bounds, Atlas moves it from there. */
  tier: Tier;
  autoscaling?: { minTier: Tier; maxTier: Tier };
}

/** Never left to the workspace: what it starts on by default may change, and with it what runs. */
function tiersOf(processor: Processor, policy: Policy, ground: ProcessorGround): Tiers | undefined {
  const { project, environment, maxTier } = ground;
  const { autoscaling } = policy;
  const set = policy.tier ?? environment.config?.defaultTier ?? "auto";
  if (autoscaling !== undefined)
    return {
      tier: policy.tier === undefined || policy.tier === "auto" ? autoscaling.minTier : policy.tier,
      autoscaling,
    };
  if (set !== "auto") return { tier: set };
  const {
    recommended,
    autoscaling: bounds,
    confidence,
  } = adviseProcessor(processor, project, policy, {
    environment: environment.config && { ...environment, config: { ...environment.config, maxTier } },
  });
  if (recommended === undefined) return undefined;
  // Where no file says how much state it holds, Atlas finds out.
  const moves = confidence === "low" && bounds !== undefined && tierAtLeast(maxTier, recommended);
  return { tier: recommended, ...(moves && { autoscaling: bounds }) };
}

function thresholdsOf(thresholds: Thresholds | undefined): ProcessorPlan["thresholds"] {
  const { $schema: _, ...limits } = thresholds ?? {};
  return limits;
}

function problemsOf(name: string, policy: Policy, tiers: Tiers | undefined, ground: ProcessorGround): string[] {
  const most = tiers?.autoscaling?.maxTier ?? tiers?.tier;
  const problems: (string | false)[] = [
    tiers === undefined && `processor ${name}: no tier can run it, as ./slipway streams advise says.`,
    most !== undefined &&
      !tierAtLeast(ground.maxTier, most) &&
      `processor ${name}: needs ${most}, and the workspace starts nothing above ${ground.maxTier} (maxTier).`,
    policy.failover === true &&
      !ground.failover &&
      `processor ${name}: policies/${name}.json asks for failover, and slipway:streams.failoverRegions names no region for it.`,
  ];
  return problems.filter((problem) => problem !== false);
}

import { largestParallelism } from "../catalogue/stages.ts";
import { failoverTier, smallestTier, tierLimits } from "../catalogue/tiers.ts";
import type { Policy, Tier } from "../files/documents.ts";
import type { JsonPath } from "../json/document.ts";
import { type StageUse, member } from "../lint/subject.ts";

/** Something that a tier must have for a processor to start at all. */
export interface Requirement {
  rule: "parallelism" | "kafka-partitions" | "initial-sync" | "iceberg" | "cache" | "failover";
  /** The smallest tier that has it; undefined where none has. */
  tier: Tier | undefined;
  reason: string;
  /** Where in the processor's file it comes from; the whole file where its policy says so. */
  path: JsonPath;
}

/** A stage that works in parallel, and by how much. */
export interface ParallelStage {
  stage: string;
  parallelism: number;
  path: JsonPath;
}

const parallelStages = new Set(["$lookup", "$merge", "$emit", "$externalFunction"]);

/** Stages of a pipeline that set a parallelism above one, as Atlas counts them. */
export function parallelismOf(uses: readonly StageUse[]): ParallelStage[] {
  return uses.flatMap(({ name, operand, path }) => {
    const keys = name === "$source" ? ["initialSync", "parallelism"] : ["parallelism"];
    const parallelism = name === "$source" || parallelStages.has(name) ? member(operand, ...keys) : undefined;
    return typeof parallelism === "number" && parallelism > 1
      ? [{ stage: name, parallelism, path: [...path, ...keys] }]
      : [];
  });
}

/** Cumulative parallelism: what stages have above one, together. */
export const cumulative = (stages: readonly ParallelStage[]) =>
  stages.reduce((sum, { parallelism }) => sum + parallelism - 1, 0);

/** Everything that rules out small tiers, by the files alone. Nothing is guessed here: each is a limit that Atlas documents. */
export function requirementsOf(
  uses: readonly StageUse[],
  policy: Pick<Policy, "failover" | "kafkaPartitions"> = {},
): Requirement[] {
  const source = uses.find(({ name }) => name === "$source");
  return [
    ...parallelRequirement(uses),
    ...(source === undefined ? [] : sourceRequirements(source, policy.kafkaPartitions)),
    ...uses.flatMap(stageRequirements),
    ...(policy.failover === true
      ? [
          {
            rule: "failover" as const,
            tier: failoverTier,
            reason: `failover takes part from ${failoverTier} on`,
            path: [],
          },
        ]
      : []),
  ];
}

function parallelRequirement(uses: readonly StageUse[]): Requirement[] {
  const stages = parallelismOf(uses);
  const total = cumulative(stages);
  const [largest] = [...stages].sort((a, b) => b.parallelism - a.parallelism);
  if (largest === undefined) return [];
  const parts = stages.map(({ stage, parallelism }) => `${stage} ${parallelism}`).join(", ");
  const reason = `a cumulative parallelism of ${total} (${parts}; each counts what it has above one)`;
  const tier =
    largest.parallelism > largestParallelism ? undefined : smallestTier(({ parallelism }) => parallelism >= total);
  return [{ rule: "parallelism", tier, reason, path: largest.path }];
}

function sourceRequirements({ operand, path }: StageUse, partitions: number | undefined): Requirement[] {
  const topic = member(operand, "topic");
  const collections = member(operand, "coll");
  const synced = Array.isArray(collections) ? collections.length : 1;
  const sync: Requirement = {
    rule: "initial-sync",
    tier: smallestTier(({ initialSyncCollections }) => initialSyncCollections >= synced),
    reason: `an initial sync of ${synced} collections`,
    path: [...path, "initialSync"],
  };
  const kafka: Requirement = {
    rule: "kafka-partitions",
    tier: smallestTier(({ kafkaPartitions }) => kafkaPartitions >= (partitions ?? 0)),
    reason: `${partitions ?? 0} partitions to read`,
    path: [...path, "topic"],
  };
  return [
    ...(member(operand, "initialSync", "enable") === true && synced > 1 ? [sync] : []),
    ...(topic !== undefined && partitions !== undefined ? [kafka] : []),
  ];
}

/** Share of a workspace's memory that a cache of lookups may take. */
const cacheShare = 0.125;

function stageRequirements({ name, operand, path }: StageUse): Requirement[] {
  const cache = member(operand, "maxMemUsageBytes");
  if (name === "$cachedLookup" && typeof cache === "number") {
    const tier = smallestTier(({ memoryGb }) => memoryGb * 1024 ** 3 * cacheShare >= cache);
    const reason = `a cache of ${Math.round(cache / 1024 ** 2)} MB, which may be ${cacheShare * 100} % of the memory`;
    return [{ rule: "cache", tier, reason, path: [...path, "maxMemUsageBytes"] }];
  }
  if (name !== "$iceberg") return [];
  return [{ rule: "iceberg", tier: smallestTier(({ icebergTables }) => icebergTables > 0), reason: "$iceberg", path }];
}

/** What a tier offers of what is required, for people. */
export function offered(rule: Requirement["rule"], tier: Tier): string {
  const { parallelism, kafkaPartitions, initialSyncCollections, memoryGb } = tierLimits[tier];
  const offers: Readonly<Record<Requirement["rule"], string>> = {
    parallelism: `${tier} allows ${parallelism}`,
    "kafka-partitions": `${tier} reads ${kafkaPartitions}`,
    "initial-sync": `${tier} syncs ${initialSyncCollections}`,
    iceberg: `${tier} has no $iceberg`,
    cache: `${tier} has ${memoryGb} GB`,
    failover: `${tier} takes no part`,
  };
  return offers[rule];
}

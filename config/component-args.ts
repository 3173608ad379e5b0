import { deliveryMetrics, streamMetrics } from "./metrics.ts";
import type { EnvironmentSettings, OperationsSettings, Settings } from "./schema.ts";
import type { StreamsDefinition } from "./streams.ts";

/** What every stack says of itself. */
export function identity({ account, environment }: Settings) {
  return { contract: 1 as const, environment, account: account.id, region: account.region };
}

export function operationsArgs({ account, environmentAccounts, repositories, scanning = "basic" }: OperationsSettings) {
  return { account: account.id, region: account.region, environmentAccounts, repositories, scanning };
}

/** Arguments of the foundation; which client the cluster trusts is the role that the stack assumes. */
export function foundationArgs({ account, environment, network, cluster, profile }: EnvironmentSettings) {
  const { interfaceEndpoints, logTypes, deletionProtection, nodes } = profile;
  const { logRetentionDays, keyDeletionDays, removal } = profile.lifetimes;
  return {
    environment,
    account: account.id,
    region: account.region,
    network: { ...network, interfaceEndpoints },
    cluster: { ...cluster, logTypes, deletionProtection, nodes, clientRoleArn: account.assumeRole },
    ...{ logRetentionDays, keyDeletionDays, removal },
  };
}

/** Arguments of the data pipeline that settings decide; datasets and code come from the release. */
export function dataArgs({ account, environment, data, profile, observability }: EnvironmentSettings) {
  const { lifetimes } = profile;
  const { enabled: _, ...settings } = data;
  const publishers = (["budgets", "anomalies"] as const).filter((who) =>
    who === "budgets" ? observability.budget : observability.anomalies,
  );
  return { environment, account: account.id, region: account.region, settings, lifetimes, publishers };
}

/** Arguments of the model pipeline that settings decide; code and images come from the release. */
export function modelArgs({ account, environment, model, profile }: EnvironmentSettings) {
  const { logRetentionDays, keyDeletionDays, removal } = profile.lifetimes;
  const { enabled: _, ...settings } = model;
  const lifetimes = { logRetentionDays, keyDeletionDays, removal };
  return { environment, account: account.id, region: account.region, settings, lifetimes };
}

/** Arguments of stream processing, from what settings, program and release say together. */
export function streamsArgs({ profile }: EnvironmentSettings, definition: StreamsDefinition) {
  return { ...definition, removal: profile.lifetimes.removal };
}

/** Arguments of observability that settings decide; what there is to observe comes from the pipelines. */
export function observabilityArgs({ account, environment, profile, observability }: EnvironmentSettings) {
  const { logRetentionDays, keyDeletionDays, removal } = profile.lifetimes;
  const { deliveryMetrics: told, ...settings } = observability;
  const lifetimes = { logRetentionDays, keyDeletionDays, removal };
  const delivery = told ? deliveryMetrics : undefined;
  return { environment, account: account.id, region: account.region, settings, delivery, streamMetrics, lifetimes };
}

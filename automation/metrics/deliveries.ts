import type { MetricDatum } from "@aws-sdk/client-cloudwatch";
import { deliveryMetrics } from "../../config/metrics.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { deploymentLog, type DeploymentLog } from "./attempts.ts";
import { deliveriesOf, type CommitGraph } from "./lead-time.ts";

/** What one deployment adds to the four keys. */
export interface DeliveryEvent {
  environment: string;
  /** Deployments that ended; one that was interrupted says nothing about a change. */
  deployments: number;
  /** Those that went wrong, and earlier ones that turn out to have gone wrong. */
  failures: number;
  rollbacks: number;
  /** Seconds, one for each change that arrived. */
  leadTimes: number[];
  /** Seconds, one for each outage that is over. */
  recoveries: number[];
}

/**
 * What records add to the figures of an environment: the difference between what they come to with and without. So CloudWatch and
 * `slipway metrics` count by the same rules.
 * @param since Sequence of the first record that is new.
 * @returns undefined where they add nothing.
 */
export function deliveryEvent(
  environment: string,
  records: readonly LedgerRecord[],
  since: number,
  graph: CommitGraph,
): DeliveryEvent | undefined {
  const before = deploymentLog(
    environment,
    records.filter(({ sequence }) => sequence < since),
  );
  const after = deploymentLog(environment, records);
  const event = {
    environment,
    deployments: endedIn(after) - endedIn(before),
    failures: Math.max(failedIn(after) - failedIn(before), 0),
    rollbacks: after.rollbacks.length - before.rollbacks.length,
    leadTimes: arrivals(before, after, graph),
    recoveries: after.outages.flatMap(({ startedAt, restoredAt }, at) =>
      restoredAt === undefined || before.outages[at]?.restoredAt !== undefined ? [] : [(restoredAt - startedAt) / 1000],
    ),
  };
  const { deployments, failures, rollbacks, leadTimes, recoveries } = event;
  return deployments + failures + rollbacks + leadTimes.length + recoveries.length === 0 ? undefined : event;
}

const endedIn = ({ attempts }: DeploymentLog) => attempts.filter(({ outcome }) => outcome !== "interrupted").length;
const failedIn = ({ attempts }: DeploymentLog) => attempts.filter(({ outcome }) => outcome === "failed").length;

function arrivals(before: DeploymentLog, after: DeploymentLog, graph: CommitGraph): number[] {
  const known = new Set(deliveriesOf(before.attempts, graph).changes.map(({ commit }) => commit));
  const { changes } = deliveriesOf(after.attempts, graph);
  return changes.filter(({ commit }) => !known.has(commit)).map(({ seconds }) => seconds);
}

/** As CloudWatch takes it. No failure is a figure too: without it there is no rate. */
export function deliveryData({ environment, ...event }: DeliveryEvent, at: Date): MetricDatum[] {
  const common = { Dimensions: [{ Name: "Environment", Value: environment }], Timestamp: at };
  const count = (MetricName: string, Value: number): MetricDatum => ({ ...common, MetricName, Value, Unit: "Count" });
  const seconds = (MetricName: string, values: readonly number[]): MetricDatum[] =>
    chunks(values, mostValues).map((Values) => ({ ...common, MetricName, Values, Unit: "Seconds" }));
  return [
    count(deliveryMetrics.deployments, event.deployments),
    count(deliveryMetrics.failures, event.failures),
    ...(event.rollbacks > 0 ? [count(deliveryMetrics.rollbacks, event.rollbacks)] : []),
    ...seconds(deliveryMetrics.leadTime, event.leadTimes),
    ...seconds(deliveryMetrics.recovery, event.recoveries),
  ];
}

/** CloudWatch takes no more values of one metric at once. */
const mostValues = 150;

function chunks(values: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) => values.slice(at * size, (at + 1) * size));
}

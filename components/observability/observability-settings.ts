import type * as pulumi from "@pulumi/pulumi";
import type { Severity } from "../data/state-machine/pipeline-definition.ts";

/** Channels by severity; several severities may go to one. */
export type Channels = Readonly<Partial<Record<Severity, string>>>;

export interface ChatSettings {
  slack?: { workspace: string; channels: Channels } | undefined;
  teams?: { tenant: string; team: string; channels: Channels } | undefined;
}

/** How an environment is observed. What is absent is off. */
export interface ObservabilitySettings {
  chat?: ChatSettings;
  /** Warnings at these percentages of what the account may cost in a month. */
  budget?: { monthlyUsd: number; percentages: readonly number[] };
  /** Warnings of costs that are out of the ordinary by at least this much. */
  anomalies?: { minimumUsd: number };
  /** Addresses that are asked from outside, by name, and whether the inference API's list of models is among them. */
  checks?: { everyMinutes: number; models: boolean; urls: Readonly<Record<string, string>> };
}

/** ARNs of topics by severity. */
export type Topics = Readonly<Record<Severity, pulumi.Input<string>>>;

/** Namespace and names of the metrics that the driver writes of deliveries. */
export type DeliveryMetricNames = Readonly<
  Record<"namespace" | "deployments" | "failures" | "rollbacks" | "leadTime" | "recovery", string>
>;

/** The same of stream processors. */
export type StreamMetricNames = Readonly<
  Record<"namespace" | "throughput" | "latency" | "memory" | "deadLetters", string>
>;

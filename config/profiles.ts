import type { DeliverySettings, ServiceProfile } from "./delivery-schema.ts";
import { type ModelProfile, modelDefaults as model } from "./model-profile.ts";
import { type StreamsProfile, streamsDefaults as streams } from "./streams-profile.ts";

/** Environments that run workloads, in promotion order. */
export const environmentNames = ["dev", "staging", "prod"] as const;
export type EnvironmentName = (typeof environmentNames)[number];

export const natStrategies = ["none", "single", "perAz"] as const;
export type NatStrategy = (typeof natStrategies)[number];

export interface EnvironmentProfile {
  azCount: number;
  nat: NatStrategy;
  /** Interface endpoints keep image pulls, logs and tokens off the NAT gateways; each costs per zone and hour. */
  interfaceEndpoints: readonly string[];
  /** Kubernetes control-plane logs to keep. */
  logTypes: readonly ("api" | "audit" | "authenticator" | "controllerManager" | "scheduler")[];
  /** AWS refuses to delete the cluster while this is on. */
  deletionProtection: boolean;
  /** Two of each platform part that runs in the cluster. */
  highlyAvailable: boolean;
  /**
   * How long things stay. `removal` is what Pulumi does with stateful resources that leave the program. `supersededDays` is how far
   * back published data can be taken: in prod long enough for a month's end to find what is wrong with it.
   */
  lifetimes: {
    logRetentionDays: number;
    keyDeletionDays: number;
    supersededDays: number;
    removal: "retain" | "destroy";
  };
  nodes: {
    capacity: "ON_DEMAND" | "SPOT";
    instanceTypes: readonly string[];
    min: number;
    desired: number;
    max: number;
  };
  services: ServiceProfile;
  data: DataProfile;
  model: ModelProfile;
  streams: StreamsProfile;
}

/** How the data pipeline of an environment runs where its stack file does not say otherwise. */
export interface DataProfile {
  /** Whether there is one at all. */
  enabled: boolean;
  /** When it starts by itself, in UTC. */
  schedule: { expression: string; enabled: boolean };
  /** Start for each delivered object as well. */
  objectTrigger: boolean;
  tableFormat: "parquet" | "iceberg";
  crawlers: boolean;
  workers: { type: string; count: number };
  /** Spare capacity is cheaper and may start late. */
  executionClass: "FLEX" | "STANDARD";
  /** After which a job run is given up. */
  timeoutMinutes: number;
  /** Between two looks at a job run. */
  pollSeconds: number;
  /** What one query may read. */
  scanLimitGb: number;
  /** Days after which data moves to infrequent access. Without it, never. */
  infrequentDays?: number;
  /** An execution longer than this, more quarantined rows or a lower score than these shares: an alarm. */
  alarms: { durationMinutes: number; quarantineRate: number; qualityScore: number };
  /** Mail addresses by severity. */
  subscribers: { info: readonly string[]; warning: readonly string[]; critical: readonly string[] };
}

const nightly = "cron(0 3 * * ? *)";

/** The data pipeline as an environment has it that says nothing else. */
const data = {
  enabled: true,
  schedule: { expression: nightly, enabled: true },
  objectTrigger: true,
  tableFormat: "parquet",
  crawlers: false,
  workers: { type: "G.1X", count: 2 },
  executionClass: "STANDARD",
  pollSeconds: 10,
  subscribers: { info: [], warning: [], critical: [] },
} satisfies Partial<DataProfile>;

/** Half an hour for a tenth of the pods, ten minutes for half of them, then all; back as soon as answers fail. */
const carefully: DeliverySettings = {
  strategy: "canary",
  canaryPercentage: 10,
  canaryDuration: "30m",
  steps: [{ weight: 50, pause: "10m" }],
  analysis: { maxErrorRate: 0.01, interval: "1m", failures: 3 },
};

const allLogTypes = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/** The one place that says how the environments differ: dev is cheap, staging has prod's shape at dev's cost, prod is safe. */
export const profiles: Readonly<Record<EnvironmentName, EnvironmentProfile>> = {
  dev: {
    azCount: 2,
    nat: "single",
    interfaceEndpoints: [],
    logTypes: ["audit", "authenticator"],
    deletionProtection: false,
    highlyAvailable: false,
    lifetimes: { logRetentionDays: 7, keyDeletionDays: 7, supersededDays: 7, removal: "destroy" },
    nodes: { capacity: "SPOT", instanceTypes: ["m7i.large", "m6i.large"], min: 1, desired: 2, max: 4 },
    services: { replicas: 1, delivery: { strategy: "rolling" } },
    data: {
      ...data,
      schedule: { expression: nightly, enabled: false },
      executionClass: "FLEX",
      timeoutMinutes: 15,
      scanLimitGb: 10,
      alarms: { durationMinutes: 30, quarantineRate: 0.2, qualityScore: 0.9 },
    },
    model: {
      ...model,
      vpc: false,
      endpoint: { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 },
      // A serverless endpoint that nobody asked for a while starts anew.
      alarms: { errorsPerMinute: 5, latencyMs: 5000 },
      api: { ...model.api, shift: { kind: "all-at-once" } },
    },
    streams,
  },
  staging: {
    azCount: 3,
    nat: "single",
    interfaceEndpoints: [],
    logTypes: ["api", "audit", "authenticator"],
    deletionProtection: false,
    highlyAvailable: false,
    lifetimes: { logRetentionDays: 30, keyDeletionDays: 7, supersededDays: 7, removal: "destroy" },
    nodes: { capacity: "ON_DEMAND", instanceTypes: ["m7i.large"], min: 2, desired: 2, max: 6 },
    services: { replicas: 2, delivery: carefully },
    data: {
      ...data,
      timeoutMinutes: 30,
      scanLimitGb: 50,
      alarms: { durationMinutes: 45, quarantineRate: 0.1, qualityScore: 0.95 },
    },
    model: {
      ...model,
      endpoint: {
        kind: "instances",
        instanceType: "ml.t2.medium",
        count: 1,
        terminationMinutes: 5,
        capturePercentage: 100,
      },
    },
    streams,
  },
  prod: {
    azCount: 3,
    nat: "perAz",
    interfaceEndpoints: ["ecr.api", "ecr.dkr", "sts", "logs", "ec2", "eks-auth", "kms"],
    logTypes: allLogTypes,
    deletionProtection: true,
    highlyAvailable: true,
    lifetimes: { logRetentionDays: 90, keyDeletionDays: 30, supersededDays: 30, removal: "retain" },
    nodes: { capacity: "ON_DEMAND", instanceTypes: ["m7i.xlarge"], min: 3, desired: 3, max: 12 },
    services: { replicas: 3, delivery: carefully, autoscalingMax: 12 },
    data: {
      ...data,
      workers: { type: "G.1X", count: 4 },
      timeoutMinutes: 60,
      pollSeconds: 15,
      scanLimitGb: 500,
      infrequentDays: 90,
      alarms: { durationMinutes: 90, quarantineRate: 0.05, qualityScore: 0.98 },
    },
    model: {
      ...model,
      endpoint: {
        kind: "instances",
        instanceType: "ml.m5.large",
        count: 2,
        canary: { percentage: 10, minutes: 30 },
        terminationMinutes: 10,
        capturePercentage: 20,
      },
      schedule: { expression: "rate(7 days)", enabled: true },
      alarms: { errorsPerMinute: 0, latencyMs: 500 },
    },
    streams: {
      ...streams,
      rollout: "blue-green",
      maxTier: "SP50",
      alerts: { ...streams.alerts, dlqMessages: 10, kafkaLag: 10_000, changeStreamLagSeconds: 120 },
    },
  },
};

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
  /** How long things stay. `removal` is what Pulumi does with stateful resources that leave the program. */
  lifetimes: { logRetentionDays: number; keyDeletionDays: number; removal: "retain" | "destroy" };
  nodes: {
    capacity: "ON_DEMAND" | "SPOT";
    instanceTypes: readonly string[];
    min: number;
    desired: number;
    max: number;
  };
}

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
    lifetimes: { logRetentionDays: 7, keyDeletionDays: 7, removal: "destroy" },
    nodes: { capacity: "SPOT", instanceTypes: ["m7i.large", "m6i.large"], min: 1, desired: 2, max: 4 },
  },
  staging: {
    azCount: 3,
    nat: "single",
    interfaceEndpoints: [],
    logTypes: ["api", "audit", "authenticator"],
    deletionProtection: false,
    highlyAvailable: false,
    lifetimes: { logRetentionDays: 30, keyDeletionDays: 7, removal: "destroy" },
    nodes: { capacity: "ON_DEMAND", instanceTypes: ["m7i.large"], min: 2, desired: 2, max: 6 },
  },
  prod: {
    azCount: 3,
    nat: "perAz",
    interfaceEndpoints: ["ecr.api", "ecr.dkr", "sts", "logs", "ec2", "eks-auth", "kms"],
    logTypes: allLogTypes,
    deletionProtection: true,
    highlyAvailable: true,
    lifetimes: { logRetentionDays: 90, keyDeletionDays: 30, removal: "retain" },
    nodes: { capacity: "ON_DEMAND", instanceTypes: ["m7i.xlarge"], min: 3, desired: 3, max: 12 },
  },
};

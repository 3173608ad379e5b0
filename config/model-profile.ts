import type { PipelineSettings } from "../model/pipeline/settings.ts";
import type { Compute } from "../model/pipeline/types.ts";

/** What answers predictions beside the services in the cluster. */
export type EndpointProfile =
  | { kind: "none" }
  | { kind: "serverless"; memoryMb: number; maxConcurrency: number }
  | {
      kind: "instances";
      instanceType: string;
      count: number;
      /** A new model takes this share of the machines for so long, then all of them. Without it, all at once. */
      canary?: { percentage: number; minutes: number };
      /** How long the old machines run on. */
      terminationMinutes: number;
      /** Share of requests, in percent, that are kept together with their answers. */
      capturePercentage: number;
    };

/** How the model pipeline of an environment runs where its stack file does not say otherwise. */
export interface ModelProfile extends Pick<
  PipelineSettings,
  "approval" | "metric" | "threshold" | "hyperparameters" | "tuning"
> {
  /** Whether there is one at all. */
  enabled: boolean;
  compute: { preprocess: Compute; train: Compute; evaluate: Compute };
  /** Days for which steps with the same inputs are not run again. */
  cacheDays: number;
  /** Whether jobs and endpoint are in the private subnets. */
  vpc: boolean;
  endpoint: EndpointProfile;
  /** When training starts by itself, in UTC. */
  schedule: { expression: string; enabled: boolean };
  /** Train whenever the data pipeline publishes as well. */
  onPublished: boolean;
  /** Failures within a minute, or a latency of one request in a hundred, above these: an alarm, and no further deployment. */
  alarms: { errorsPerMinute: number; latencyMs: number };
  /** Who may ask the inference API, and how its function takes new versions on. */
  api: {
    authorization: "iam" | "none";
    shift: { kind: "canary" | "linear"; percentage: number; minutes: number } | { kind: "all-at-once" };
  };
  /** Where models come from: trained here by promoted code, or in the environment before; and who takes them over from here. */
  promotion: { to?: NextPlace | undefined } & ({ mode: "code" } | { mode: "model"; from: NextPlace });
  /** A server of MLflow; it costs by the hour. */
  tracking?: { size: "Small" | "Medium" | "Large" };
  /** Service quotas of SageMaker by code. */
  quotas: Readonly<Record<string, number>>;
  /** A Studio domain and its people. */
  studio?: { users: readonly string[] };
}

interface NextPlace {
  environment: string;
  account: string;
}

/** Any of the steps is done in minutes on a small machine; what takes an hour hangs. */
const small: Compute = { instanceType: "ml.m5.large", volumeGb: 10, timeoutMinutes: 60 };

/** The model pipeline as an environment has it that says nothing else. Only prod trains on its own; seven days, as people expect it. */
export const modelDefaults = {
  enabled: true,
  approval: "auto",
  metric: "r2",
  threshold: 0.6,
  hyperparameters: { algorithm: "ridge", alpha: 1, trees: 100, depth: 8 },
  compute: { preprocess: small, train: small, evaluate: small },
  cacheDays: 30,
  vpc: true,
  schedule: { expression: "rate(7 days)", enabled: false },
  onPublished: false,
  alarms: { errorsPerMinute: 0, latencyMs: 1000 },
  api: { authorization: "iam", shift: { kind: "canary", percentage: 10, minutes: 30 } },
  promotion: { mode: "code" },
  quotas: {},
} satisfies Partial<ModelProfile>;

import type { Compute } from "../../model/pipeline/types.ts";
import { type PipelineSettings, validateTraining } from "../../model/pipeline/settings.ts";
import { problem } from "../shared/validation.ts";
import type { Authorization } from "./inference/inference-gateway.ts";
import type { ShiftSettings } from "./inference/shift.ts";

/** A new model takes a share of the endpoint's capacity for a while, then all of it. */
export interface EndpointCanary {
  percentage: number;
  minutes: number;
}

/** What answers predictions beside the services in the cluster. */
export type EndpointSettings =
  | { kind: "none" }
  | { kind: "serverless"; memoryMb: number; maxConcurrency: number }
  | {
      kind: "instances";
      instanceType: string;
      count: number;
      /** Absent, a new model takes over all at once, as soon as its machines are well. */
      canary?: EndpointCanary | undefined;
      /** How long the old machines run on. */
      terminationMinutes: number;
      /** Share of requests, in percent, that are kept together with their answers. 0 for none. */
      capturePercentage: number;
    };

/** Where models come from: trained here by promoted code, or trained and approved in the environment before. */
export type PromotionSettings = {
  /** The environment that takes over what is approved here. */
  to?: { environment: string; account: string } | undefined;
} & ({ mode: "code" } | { mode: "model"; from: { environment: string; account: string } });

/** How one environment trains, decides about and serves models. */
export interface ModelSettings extends Pick<PipelineSettings, "approval" | "metric" | "threshold" | "hyperparameters"> {
  tuning?: PipelineSettings["tuning"] | undefined;
  compute: { preprocess: Compute; train: Compute; evaluate: Compute };
  /** Days for which steps with the same inputs are not run again. */
  cacheDays?: number | undefined;
  /** Whether jobs and endpoint are in the environment's private subnets. */
  vpc: boolean;
  endpoint: EndpointSettings;
  /** When training starts by itself, in UTC. */
  schedule: { expression: string; enabled: boolean };
  /** Train whenever the data pipeline publishes. */
  onPublished: boolean;
  alarms: {
    /** Answers of the endpoint that may fail within a minute. */
    errorsPerMinute: number;
    /** Milliseconds that all but one in a hundred predictions must stay below. */
    latencyMs: number;
  };
  /** The API in front of the endpoint. */
  api: { authorization: Authorization; shift: ShiftSettings };
  promotion: PromotionSettings;
  /** A server of MLflow that trainings report to. Absent, there is none. */
  tracking?: { size: "Small" | "Medium" | "Large" } | undefined;
  /** Service quotas of SageMaker by code. */
  quotas: Readonly<Record<string, number>>;
  /** A Studio domain for these people. Absent, there is none. */
  studio?: { users: readonly string[] } | undefined;
}

const instanceType = /^ml\.[a-z0-9-]+\.[a-z0-9]+$/;

function whole(field: string, value: number, least: number, most: number): string[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [problem(field, value, `a whole number from ${least} to ${most}`, "Correct it.")];
}

function typed(field: string, value: string): string[] {
  return instanceType.test(value) ? [] : [problem(field, value, "an instance type such as ml.m5.large", "Correct it.")];
}

function endpointProblems(endpoint: EndpointSettings): string[] {
  if (endpoint.kind === "none") return [];
  if (endpoint.kind === "serverless") {
    const { memoryMb, maxConcurrency } = endpoint;
    const sizes = [1024, 2048, 3072, 4096, 5120, 6144];
    const known = sizes.includes(memoryMb);
    return [
      ...(known ? [] : [problem("endpoint.memoryMb", memoryMb, `one of ${sizes.join(", ")}`, "Correct it.")]),
      ...whole("endpoint.maxConcurrency", maxConcurrency, 1, 200),
    ];
  }
  const { count, canary, terminationMinutes, capturePercentage } = endpoint;
  const problems = [
    ...typed("endpoint.instanceType", endpoint.instanceType),
    ...whole("endpoint.count", count, 1, 100),
    ...whole("endpoint.terminationMinutes", terminationMinutes, 0, 60),
    ...whole("endpoint.capturePercentage", capturePercentage, 0, 100),
  ];
  if (canary === undefined) return problems;
  problems.push(...whole("endpoint.canary.percentage", canary.percentage, 1, 50));
  problems.push(...whole("endpoint.canary.minutes", canary.minutes, 1, 60));
  // A share of one machine is the whole machine.
  if (count < 2)
    problems.push(problem("endpoint.count", count, "at least 2 with a canary", "Raise it or drop canary."));
  return problems;
}

function promotionProblems(environment: string, promotion: PromotionSettings): string[] {
  const places = [
    ...(promotion.mode === "model" ? [["promotion.from", promotion.from] as const] : []),
    ...(promotion.to === undefined ? [] : [["promotion.to", promotion.to] as const]),
  ];
  return places.flatMap(([field, place]) => [
    ...(place.environment === environment
      ? [problem(`${field}.environment`, place.environment, "another environment", "Name the one next to this.")]
      : []),
    ...(/^\d{12}$/.test(place.account)
      ? []
      : [problem(`${field}.account`, place.account, "an account id of 12 digits", "Correct it.")]),
  ]);
}

function computeProblems(name: string, { instanceType: type, volumeGb, timeoutMinutes }: Compute): string[] {
  const field = `compute.${name}`;
  return [
    ...typed(`${field}.instanceType`, type),
    ...whole(`${field}.volumeGb`, volumeGb, 1, 16_384),
    ...whole(`${field}.timeoutMinutes`, timeoutMinutes, 1, 1440),
  ];
}

function startProblems({ schedule, cacheDays, alarms }: ModelSettings): string[] {
  const known = /^(cron|rate|at)\(.+\)$/.test(schedule.expression);
  return [
    ...(known ? [] : [problem("schedule.expression", schedule.expression, "cron(…), rate(…) or at(…)", "Correct it.")]),
    ...(cacheDays === undefined ? [] : whole("cacheDays", cacheDays, 1, 365)),
    ...whole("alarms.errorsPerMinute", alarms.errorsPerMinute, 0, 10_000),
    ...whole("alarms.latencyMs", alarms.latencyMs, 1, 60_000),
  ];
}

function optionProblems({ quotas, studio }: ModelSettings): string[] {
  const codes = Object.entries(quotas).flatMap(([code, value]) => [
    ...(/^L-[0-9A-F]{8}$/.test(code)
      ? []
      : [problem("quotas", code, "a quota code such as L-3F53BF0F", "Correct it.")]),
    ...(value > 0 ? [] : [problem(`quotas.${code}`, value, "more than 0", "Raise it.")]),
  ]);
  const wrong = (studio?.users ?? []).filter((user) => !/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(user));
  const people = wrong.map((user) => problem("studio.users", user, "letters, digits and dashes", "Rename it."));
  if (studio?.users.length === 0) people.push(problem("studio.users", [], "at least one person", "Name one."));
  return [...codes, ...people];
}

/** Problems of the settings, one line each. */
export function validateSettings(environment: string, settings: ModelSettings): string[] {
  const { tuning, ...rest } = settings;
  return [
    ...validateTraining({ ...rest, ...(tuning !== undefined && { tuning }) }),
    ...(["preprocess", "train", "evaluate"] as const).flatMap((name) => computeProblems(name, settings.compute[name])),
    ...endpointProblems(settings.endpoint),
    ...startProblems(settings),
    ...promotionProblems(environment, settings.promotion),
    ...optionProblems(settings),
  ];
}

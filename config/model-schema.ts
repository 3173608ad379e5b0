import { z } from "zod";
import { algorithms, thresholdMetrics } from "../model/pipeline/names.ts";
import type { EndpointProfile, ModelProfile } from "./model-profile.ts";
import type { EnvironmentName } from "./profiles.ts";
import { choice, flag, group, text, whole } from "./rules.ts";

const thresholdRule = "a number from 0 to 1";
const threshold = z.number({ error: thresholdRule }).min(0, { error: thresholdRule }).max(1, { error: thresholdRule });
const alphaRule = "a number from 0 to 1000000";
const alpha = z.number({ error: alphaRule }).min(0, { error: alphaRule }).max(1e6, { error: alphaRule });
const trees = whole(1, 2000);
const depth = whole(1, 64);
const expression = text(/^(?:cron|rate|at)\(.+\)$/, "a schedule of EventBridge: cron(…), rate(…) or at(…), in UTC");
const instanceType = text(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, "an instance type of SageMaker, e.g. ml.m5.large");
const account = text(/^\d{12}$/, 'an AWS account id: 12 digits in quotes, e.g. "111111111111"');
const place = group("environment and account", { environment: choice(["dev", "staging", "prod"]), account });

/** Values that are tried with one another. */
function tried<T extends z.ZodType>(value: T) {
  const rule = "a list of 1 to 30 values, each once";
  return z
    .array(value, { error: rule })
    .min(1, { error: rule })
    .max(30, { error: rule })
    .refine((values) => new Set(values).size === values.length, { error: rule });
}

const grid = group("values to try, by algorithm, alpha, trees and depth", {
  algorithm: tried(choice(algorithms)),
  alpha: tried(alpha),
  trees: tried(trees),
  depth: tried(depth),
})
  .partial()
  .refine((values) => Object.keys(values).length > 0, { error: "values for at least one hyper-parameter" });

const job = group("instanceType, volumeGb and timeoutMinutes", {
  instanceType,
  volumeGb: whole(1, 16_384),
  timeoutMinutes: whole(1, 1440),
}).partial();

const serverless = group("a serverless endpoint: perhaps memoryMb and maxConcurrency", {
  kind: z.literal("serverless"),
  memoryMb: z
    .number({ error: "a memory size" })
    .refine((value) => value % 1024 === 0 && value >= 1024 && value <= 6144, {
      error: "1024, 2048, 3072, 4096, 5120 or 6144",
    })
    .optional(),
  maxConcurrency: whole(1, 200).optional(),
});

const canary = group("percentage and minutes", { percentage: whole(1, 50), minutes: whole(1, 60) });

const instances = group("an endpoint on instances: perhaps instanceType, count, canary and more", {
  kind: z.literal("instances"),
  instanceType: instanceType.optional(),
  count: whole(1, 100).optional(),
  /** `false` takes the profile's canary away. */
  canary: z.union([canary, z.literal(false)], { error: "percentage and minutes, or false for none" }).optional(),
  terminationMinutes: whole(0, 60).optional(),
  capturePercentage: whole(0, 100).optional(),
});

const endpoint = z.discriminatedUnion("kind", [group("kind", { kind: z.literal("none") }), serverless, instances], {
  error: "an endpoint with a kind: none, serverless or instances",
});

const shift = z.discriminatedUnion(
  "kind",
  [
    group("percentage and minutes", { kind: z.literal("canary"), percentage: whole(1, 99), minutes: whole(1, 2880) }),
    group("percentage and minutes", { kind: z.literal("linear"), percentage: whole(1, 99), minutes: whole(1, 2880) }),
    group("kind", { kind: z.literal("all-at-once") }),
  ],
  { error: "a shift with a kind: canary, linear or all-at-once" },
);

const promotion = z.discriminatedUnion(
  "mode",
  [
    group("mode, and perhaps to", { mode: z.literal("code"), to: place.optional() }),
    group("mode and from, and perhaps to", { mode: z.literal("model"), from: place, to: place.optional() }),
  ],
  { error: "a promotion with a mode: code or model" },
);

/**
 * `slipway:model` of a stack file: what differs from the environment's profile. Every key is optional; groups are merged key by
 * key, an endpoint of another kind than the profile's begins with that kind's own figures.
 */
export const modelSettings = group("settings of the model pipeline, {} for the profile's own", {
  enabled: flag,
  approval: choice(["auto", "manual"]),
  metric: choice(thresholdMetrics),
  threshold,
  hyperparameters: group("algorithm, alpha, trees and depth", {
    algorithm: choice(algorithms),
    alpha,
    trees,
    depth,
  }).partial(),
  tuning: group("grid, and perhaps parallel", { grid, parallel: whole(1, 10).optional() }),
  compute: group("preprocess, train and evaluate", { preprocess: job, train: job, evaluate: job }).partial(),
  cacheDays: whole(1, 365),
  vpc: flag,
  endpoint,
  schedule: group("expression and enabled", { expression, enabled: flag }).partial(),
  onPublished: flag,
  alarms: group("errorsPerMinute and latencyMs", {
    errorsPerMinute: whole(0, 10_000),
    latencyMs: whole(1, 60_000),
  }).partial(),
  api: group("authorization and shift", { authorization: choice(["iam", "none"]), shift }).partial(),
  promotion,
  tracking: group("size", { size: choice(["Small", "Medium", "Large"]) }),
  quotas: z.record(
    text(/^L-[0-9A-F]{8}$/, "a quota code, e.g. L-3F53BF0F"),
    z.number({ error: "a number above 0" }).positive({ error: "a number above 0" }),
    { error: "quotas of SageMaker by their code" },
  ),
  studio: group("users", {
    users: z
      .array(text(/^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$/, "a name of letters, digits and dashes"), {
        error: "a list of names",
      })
      .min(1, { error: "at least one name" }),
  }),
}).partial();

export type ModelOverrides = z.infer<typeof modelSettings>;

/** What an endpoint has that a stack file asks for with nothing but its kind. */
const plainEndpoints: { [K in EndpointProfile["kind"]]: Extract<EndpointProfile, { kind: K }> } = {
  none: { kind: "none" },
  serverless: { kind: "serverless", memoryMb: 2048, maxConcurrency: 5 },
  instances: {
    kind: "instances",
    instanceType: "ml.m5.large",
    count: 1,
    terminationMinutes: 5,
    capturePercentage: 0,
  },
};

const known = <T extends object>(values: T | undefined) =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

function withEndpoint(profile: EndpointProfile, override: ModelOverrides["endpoint"]): EndpointProfile {
  if (override === undefined) return profile;
  const start = override.kind === profile.kind ? profile : plainEndpoints[override.kind];
  const merged = { ...start, ...known(override) };
  if (merged.kind !== "instances") return merged as EndpointProfile;
  const { canary: share, ...rest } = merged;
  return { ...rest, ...(share !== undefined && share !== false && { canary: share }) } as EndpointProfile;
}

/** The profile with what the stack file says instead; groups are merged key by key. */
export function withModelProfile(profile: ModelProfile, overrides: ModelOverrides = {}): ModelProfile {
  const { hyperparameters, tuning, compute, endpoint: served, schedule, alarms, api, quotas, ...rest } = overrides;
  const jobs = ["preprocess", "train", "evaluate"] as const;
  const computed = jobs.map((name) => [name, { ...profile.compute[name], ...known(compute?.[name]) }]);
  return {
    ...profile,
    ...(known(rest) as Partial<ModelProfile>),
    hyperparameters: { ...profile.hyperparameters, ...known(hyperparameters) } as ModelProfile["hyperparameters"],
    ...(tuning !== undefined && { tuning: { parallel: 2, ...known(tuning) } as NonNullable<ModelProfile["tuning"]> }),
    compute: Object.fromEntries(computed) as ModelProfile["compute"],
    endpoint: withEndpoint(profile.endpoint, served),
    schedule: { ...profile.schedule, ...known(schedule) } as ModelProfile["schedule"],
    alarms: { ...profile.alarms, ...known(alarms) } as ModelProfile["alarms"],
    api: { ...profile.api, ...known(api) } as ModelProfile["api"],
    quotas: { ...profile.quotas, ...quotas },
  };
}

/** A rule between keys that settings break: where, and what belongs there. */
interface Breach {
  path: (string | number)[];
  message: string;
}

const order: readonly EnvironmentName[] = ["dev", "staging", "prod"];

function promotionBreaches(environment: EnvironmentName, promotion: ModelProfile["promotion"]): Breach[] {
  const at = order.indexOf(environment);
  const breaches: Breach[] = [];
  const [before, after] = [order[at - 1], order[at + 1]];
  if (promotion.mode === "model" && promotion.from.environment !== before) {
    const message = before === undefined ? "mode code: nothing comes before dev" : `${before}, which comes before`;
    breaches.push({ path: ["promotion", "from", "environment"], message });
  }
  if (promotion.to !== undefined && promotion.to.environment !== after) {
    const message = after === undefined ? "no `to`: nothing comes after prod" : `${after}, which comes next`;
    breaches.push({ path: ["promotion", "to", "environment"], message });
  }
  return breaches;
}

/** Rules between keys that what a stack file says breaks. */
export function modelBreaches(
  overrides: ModelOverrides | undefined,
  { environment, profile, data }: { environment: EnvironmentName; profile: ModelProfile; data: boolean },
): Breach[] {
  const model = withModelProfile(profile, overrides);
  if (!model.enabled) return [];
  const breaches = promotionBreaches(environment, model.promotion);
  if (!data) breaches.push({ path: ["enabled"], message: "false, or a data pipeline: models learn from its tables" });
  const { endpoint: served, studio, vpc } = model;
  if (served.kind === "instances" && served.canary !== undefined && served.count < 2)
    breaches.push({
      path: ["endpoint", "count"],
      message: "at least 2 with a canary: a share of one machine is all of it",
    });
  if (studio !== undefined && !vpc) breaches.push({ path: ["vpc"], message: "true with a Studio domain" });
  return breaches;
}

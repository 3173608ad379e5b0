import { z } from "zod";
import type { EnvironmentName } from "./profiles.ts";
import { choice, flag, group, text, whole } from "./rules.ts";

/** Ways in which a new version of a service takes over from the old one. */
export const strategies = ["canary", "blue-green", "rolling"] as const;

const duration = text(/^[1-9]\d{0,4}[smh]$/, "a time above zero in seconds, minutes or hours: 10s, 30m, 1h");
const weight = whole(1, 99);
const rateRule = "a share from 0 to 1";
const rate = z.number({ error: rateRule }).min(0, { error: rateRule }).max(1, { error: rateRule });

const analysis = group("maxErrorRate, interval and failures", {
  /** Share of answers with a status of 500 or more. */
  maxErrorRate: rate,
  interval: duration,
  /** So many measurements above the rate stop the delivery. */
  failures: whole(1, 100),
});

const canary = group("a canary: canaryPercentage and canaryDuration, and perhaps steps and analysis", {
  strategy: z.literal("canary"),
  canaryPercentage: weight,
  canaryDuration: duration,
  steps: z.array(group("weight and pause", { weight, pause: duration }), { error: "a list of steps" }).optional(),
  analysis: analysis.optional(),
}).superRefine(({ canaryPercentage, steps = [] }, context) => {
  const weights = [canaryPercentage, ...steps.map((step) => step.weight)];
  for (const [index, before] of weights.slice(0, -1).entries()) {
    if ((weights[index + 1] ?? 0) > before) continue;
    const message = `more than ${before}, the share of the step before`;
    context.addIssue({ code: "custom", path: ["steps", index, "weight"], message });
  }
});

const blueGreen = group("blue-green: approvalRequired, and perhaps approvalWithin, keepOld and analysis", {
  strategy: z.literal("blue-green"),
  /** Whether a person says when the new version takes over. */
  approvalRequired: flag,
  /** How long a delivery waits for that person before it counts as failed. */
  approvalWithin: duration.optional(),
  /** How long the old version runs on beside the new one. */
  keepOld: duration.optional(),
  analysis: analysis.optional(),
});

const rolling = group("rolling, which has no settings of its own", { strategy: z.literal("rolling") });

/** `delivery` of a service: how a new version takes over. */
export const deliverySettings = z.discriminatedUnion("strategy", [canary, blueGreen, rolling], {
  error: (issue) => (issue.code === "invalid_union" ? `one of ${strategies.join(", ")}` : "strategy and its settings"),
});
export type DeliverySettings = z.infer<typeof deliverySettings>;

/** Part of image, application and repository names, so it obeys the strictest of them: a DNS label. */
export const serviceName = text(
  /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
  "a name of at most 40 lower-case letters, digits and dashes",
);
const route = text(/^\/[\w./?=&%-]*$/, "a path that begins with a slash");

/** One service of `slipway:services`. */
export const serviceSettings = group("port, and perhaps what differs from the environment's profile", {
  port: whole(1024, 65535),
  /** Without it the profile's number. With an autoscaler the least that run. */
  replicas: whole(1, 100).optional(),
  delivery: deliverySettings.optional(),
  autoscaling: group("max, and perhaps cpuPercent", {
    max: whole(1, 100),
    cpuPercent: whole(1, 100).optional(),
  }).optional(),
  /** Services that it asks: each becomes `<NAME>_URL` in its environment and a way through the network policies. */
  calls: z.array(serviceName, { error: "a list of services" }).optional(),
  /** Whether others than the services that call it may ask: the API server's proxy, a load balancer. */
  exposed: flag.optional(),
  resources: group("cpu and memory", {
    cpu: text(/^[1-9]\d*m?$/, "CPUs such as 100m or 2"),
    memory: text(/^[1-9]\d*[MG]i$/, "memory such as 256Mi or 1Gi"),
  }).optional(),
  variables: z
    .record(text(/^[A-Z][A-Z0-9_]*$/, "a variable in capitals"), z.string({ error: "a text" }), {
      error: "variables by name",
    })
    .optional(),
  /** Paths that must answer with 200 once the service is up. */
  verify: z.array(route, { error: "a list of paths" }).optional(),
});
type RawService = z.infer<typeof serviceSettings>;

/** How services run in an environment whose stack file does not say otherwise. */
export interface ServiceProfile {
  replicas: number;
  delivery: DeliverySettings;
  /** Most pods that an autoscaler may make. Without it the number of pods stays. */
  autoscalingMax?: number;
}

export interface AnalysisPlan {
  maxErrorRate: number;
  intervalSeconds: number;
  failures: number;
}

/** `delivery` with every default filled in and times in seconds. */
export type DeliveryPlan =
  | { strategy: "rolling" }
  | {
      strategy: "canary";
      steps: { weight: number; pauseSeconds: number }[];
      analysis?: AnalysisPlan;
    }
  | {
      strategy: "blue-green";
      approvalRequired: boolean;
      approvalSeconds: number;
      keepOldSeconds: number;
      analysis?: AnalysisPlan;
    };

/** One service with every default filled in. */
export interface ServicePlan {
  port: number;
  replicas: number;
  delivery: DeliveryPlan;
  autoscaling?: { max: number; cpuPercent: number };
  calls: string[];
  exposed: boolean;
  resources: { cpu: string; memory: string };
  variables: Record<string, string>;
  verify: string[];
}

const secondsOf = { s: 1, m: 60, h: 3600 } as const;

/** Seconds of a duration that the schema has let through. */
export function seconds(duration: string): number {
  return Number(duration.slice(0, -1)) * secondsOf[duration.slice(-1) as keyof typeof secondsOf];
}

function analysisPlan({ maxErrorRate, interval, failures }: z.infer<typeof analysis>): AnalysisPlan {
  return { maxErrorRate, intervalSeconds: seconds(interval), failures };
}

function deliveryPlan(settings: DeliverySettings): DeliveryPlan {
  if (settings.strategy === "rolling") return { strategy: "rolling" };
  const measured = settings.analysis && { analysis: analysisPlan(settings.analysis) };
  if (settings.strategy === "blue-green") {
    const { strategy, approvalRequired, approvalWithin = "1h", keepOld = "10m" } = settings;
    const times = { approvalSeconds: seconds(approvalWithin), keepOldSeconds: seconds(keepOld) };
    return { strategy, approvalRequired, ...times, ...measured };
  }
  const { strategy, canaryPercentage, canaryDuration, steps = [] } = settings;
  const all = [{ weight: canaryPercentage, pause: canaryDuration }, ...steps];
  return {
    strategy,
    steps: all.map((step) => ({ weight: step.weight, pauseSeconds: seconds(step.pause) })),
    ...measured,
  };
}

/** A service as its stack file and its environment's profile together have it. */
export function servicePlan(raw: RawService, profile: ServiceProfile): ServicePlan {
  const max = raw.autoscaling?.max ?? profile.autoscalingMax;
  return {
    port: raw.port,
    replicas: raw.replicas ?? profile.replicas,
    delivery: deliveryPlan(raw.delivery ?? profile.delivery),
    ...(max !== undefined && { autoscaling: { max, cpuPercent: raw.autoscaling?.cpuPercent ?? 65 } }),
    calls: raw.calls ?? [],
    exposed: raw.exposed ?? false,
    resources: raw.resources ?? { cpu: "100m", memory: "256Mi" },
    variables: raw.variables ?? {},
    verify: raw.verify ?? [],
  };
}

/** A rule that takes more than one key to check: where it is broken, and what is expected there. */
export interface Breach {
  path: (string | number)[];
  message: string;
}

/** What is wrong between services, or between a service and its environment's profile. */
export function serviceBreaches(services: Readonly<Record<string, RawService>>, profile: ServiceProfile): Breach[] {
  const names = Object.keys(services);
  const ports = new Map<number, string>();
  return Object.entries(services).flatMap(([name, service]) => {
    const { replicas, delivery, autoscaling } = servicePlan(service, profile);
    const found: Breach[] = [];
    const add = (key: (string | number)[], message: string) => found.push({ path: [name, ...key], message });
    const taken = ports.get(service.port);
    if (taken !== undefined) add(["port"], `a port of its own: ${taken} has this one`);
    else ports.set(service.port, name);
    if (delivery.strategy === "canary" && replicas < 2)
      add(["replicas"], "at least 2: a canary needs a pod of the old version beside it");
    if (autoscaling && autoscaling.max < replicas)
      add(["autoscaling", "max"], `at least the ${replicas} that always run`);
    for (const [index, callee] of (service.calls ?? []).entries()) {
      if (callee === name || !names.includes(callee)) add(["calls", index], "another service of this file");
    }
    return found;
  });
}

/** Branch of the manifests: of one environment alone, because a deployment replaces all that is on it. */
export function manifestsBranch(environment: EnvironmentName): RegExp {
  return new RegExp(`^(?![-/.])(?!.*(?:\\.\\.|//|\\.lock))[\\w./-]+/${environment}$`);
}

/** `slipway:gitops`: where manifests are and who brings Argo CD. */
export const gitopsSettings = group("repository and branch of the manifests, and perhaps argo and identityCenter", {
  repository: text(/^(?:https:\/\/|ssh:\/\/|git@)\S+$/, "a git URL that Argo CD can read"),
  branch: text(/^[\w./-]+$/, "a branch"),
  argo: choice(["helm", "managed", "none"]).optional(),
  identityCenter: group("instanceArn and administrators", {
    instanceArn: text(/^arn:aws[a-z-]*:sso:::instance\/[\w-]+$/, "the ARN of an instance of IAM Identity Center"),
    administrators: z.array(z.string(), { error: "a list of group ids" }).min(1, { error: "at least one group id" }),
  }).optional(),
})
  .refine(({ argo, identityCenter }) => argo !== "managed" || identityCenter !== undefined, {
    path: ["identityCenter"],
    error: "instanceArn and administrators: people reach an Argo CD that AWS runs by IAM Identity Center alone",
  })
  .refine(({ argo, identityCenter }) => argo === "managed" || identityCenter === undefined, {
    path: ["identityCenter"],
    error: "nothing unless argo is managed",
  });

/** Who brings Argo CD, with what that takes. */
export type ArgoPlan =
  | { mode: "helm" }
  | { mode: "managed"; identityCenter: { instanceArn: string; administrators: string[] } }
  | { mode: "none" };

/** Where manifests are and who brings Argo CD, with the default filled in. */
export interface GitopsPlan {
  repository: string;
  branch: string;
  argo: ArgoPlan;
}

export function gitopsPlan(raw: z.infer<typeof gitopsSettings>): GitopsPlan {
  const { repository, branch, argo = "helm", identityCenter } = raw;
  if (argo !== "managed" || identityCenter === undefined)
    return { repository, branch, argo: { mode: argo === "none" ? "none" : "helm" } };
  return { repository, branch, argo: { mode: "managed", identityCenter } };
}

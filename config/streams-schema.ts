import { z } from "zod";
import { tiers } from "../streams/engine/files/documents.ts";
import type { EnvironmentName } from "./profiles.ts";
import { choice, flag, group, text, whole } from "./rules.ts";
import type { StreamAlerts, StreamsProfile } from "./streams-profile.ts";

/** What a workspace may be called. */
export const workspaceName = /^[A-Za-z0-9-]{1,64}$/;

const place = group("provider and region", {
  provider: choice(["AWS", "AZURE", "GCP"]),
  region: text(/^[A-Z][A-Z0-9_]*$/, "a region in the words of Atlas, e.g. VIRGINIA_USA"),
});

const variableName = text(/^[A-Z][A-Z0-9_]*$/, "a variable's name in capitals, e.g. KAFKA_PASSWORD");

const day = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z)?$/;
const untilRule = "a day, e.g. 2026-12-24, or a moment in UTC, e.g. 2026-12-24T18:00Z";
const until = text(day, untilRule).refine((value) => !Number.isNaN(Date.parse(value)), { error: untilRule });

const feature = group("branch and until, and perhaps start", {
  branch: text(/^[\w][\w./-]{0,199}$/, "the name of a branch"),
  /** After this day, or moment, the workspace is not there any more. */
  until,
  /** Whether its processors run. They write to where those of the environment write, so that they do not by themselves. */
  start: flag.optional(),
});

/** A figure above which Atlas tells people, or false for none. */
function limit(min: number, max: number) {
  return z.union([whole(min, max), z.literal(false)], { error: `a whole number from ${min} to ${max}, or false` });
}

const metric = text(/^STREAM_PROCESSOR_[A-Z_]+$/, "a metric of stream processors in the words of Atlas");

const address = text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "a mail address");

/** `slipway:streams` of a stack file. Without it an environment has no stream processing. */
export const streamsSettings = group("projectId and region of stream processing, and perhaps more", {
  /** The Atlas project; without it `PROJECT_ID` of config.env. */
  projectId: text(/^[0-9a-f]{24}$/, "the id of an Atlas project: 24 hexadecimal digits in quotes").optional(),
  /** Without it `WORKSPACE_NAME` of config.env. */
  workspace: text(workspaceName, "1 to 64 letters, digits and dashes").optional(),
  provider: place.shape.provider.optional(),
  region: place.shape.region,
  /** Where the workspace goes when its region fails. Atlas takes it once: another list is another workspace. */
  failoverRegions: z.array(place, { error: "a list of provider and region" }).optional(),
  /** What the workspace starts a processor on that names no tier. */
  tier: choice(tiers).optional(),
  maxTier: choice(tiers).optional(),
  rollout: choice(["in-place", "blue-green"]).optional(),
  /** What `${NAME}` stands for in connections. Values are looked at where they are put in, and never shown. */
  variables: z.record(variableName, z.unknown(), { error: variableRule }).optional(),
  alerts: group("limits, and perhaps subscribers", {
    dlqMessages: limit(0, 1_000_000_000),
    kafkaLag: limit(0, 1_000_000_000),
    changeStreamLagSeconds: limit(1, 604_800),
    metrics: group("names of deadLetters, kafkaLag and changeStreamLag", {
      deadLetters: metric,
      kafkaLag: metric,
      changeStreamLag: metric,
    }).partial(),
    subscribers: z.array(address, { error: "a list of mail addresses" }),
  })
    .partial()
    .optional(),
  /** Workspaces of branches, for a time. */
  features: z.array(feature, { error: "a list of branch and until" }).optional(),
});

/** A wrong name keeps zod's own issue, which carries the rule of the name. */
function variableRule(issue: { code?: string | undefined }): string | undefined {
  return issue.code === "invalid_key" ? undefined : "values by the names of variables";
}

export type StreamsOverrides = z.infer<typeof streamsSettings>;

/** Settings with whatever the profile has for what the stack file does not say. */
export type StreamsPlan = Omit<StreamsOverrides, "rollout" | "provider" | "alerts" | "variables" | "features"> &
  Omit<StreamsProfile, "maxTier"> & {
    /** The profile's, where neither stack file nor config.env has one. */
    defaultMaxTier: StreamsProfile["maxTier"];
    variables: Readonly<Record<string, unknown>>;
    features: readonly z.infer<typeof feature>[];
  };

/** The profile with what the stack file says instead; undefined where it has no stream processing. */
export function withStreamsProfile(
  profile: StreamsProfile,
  overrides: StreamsOverrides | undefined,
): StreamsPlan | undefined {
  if (overrides === undefined) return undefined;
  const { rollout, provider, maxTier: defaultMaxTier, alerts } = profile;
  const { alerts: changed, variables = {}, features = [], ...rest } = overrides;
  return {
    ...rest,
    ...{ rollout: rest.rollout ?? rollout, provider: rest.provider ?? provider, defaultMaxTier, variables, features },
    alerts: withAlerts(alerts, changed),
  };
}

/** Limits one by one; `false` takes one away. */
function withAlerts(alerts: StreamAlerts, changed: StreamsOverrides["alerts"] = {}): StreamAlerts {
  const merged = Object.entries({ ...alerts, ...changed, metrics: { ...alerts.metrics, ...changed.metrics } });
  return Object.fromEntries(
    merged.filter(([, value]) => value !== false && value !== undefined),
  ) as unknown as StreamAlerts;
}

/** The workspace of a branch. */
export function featureWorkspace(branch: string): string {
  const words = branch.replace(/^feature\//, "").toLowerCase();
  return `feature-${words.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "")}`.slice(0, 64).replace(/-$/, "");
}

/** The first moment at which a feature's workspace is not there any more. */
export function featureEnd({ until: end }: Pick<z.infer<typeof feature>, "until">): Date {
  const moment = new Date(end);
  // A day is meant to its end.
  return end.includes("T") ? moment : new Date(moment.getTime() + 24 * 3_600_000);
}

interface Breach {
  path: (string | number)[];
  message: string;
}

/** Rules between keys, and between keys and the environment. */
export function streamsBreaches(settings: StreamsOverrides | undefined, environment: EnvironmentName): Breach[] {
  if (settings === undefined) return [];
  const { tier, maxTier, features = [], failoverRegions = [], provider = "AWS", region } = settings;
  const breaches: Breach[] = [];
  if (tier !== undefined && maxTier !== undefined && tiers.indexOf(tier) > tiers.indexOf(maxTier))
    breaches.push({ path: ["tier"], message: `${maxTier} or less, as maxTier says` });
  if (environment === "prod" && features.length > 0)
    breaches.push({ path: ["features"], message: "none in prod: branches are tried elsewhere" });
  const taken = new Map<string, string>();
  for (const [index, { branch }] of features.entries()) {
    const workspace = featureWorkspace(branch);
    const other = taken.get(workspace);
    if (other !== undefined)
      breaches.push({
        path: ["features", index, "branch"],
        message: `a branch with a workspace of its own: ${other} has ${workspace} already`,
      });
    taken.set(workspace, branch);
  }
  for (const [index, other] of failoverRegions.entries()) {
    if (other.provider !== provider)
      breaches.push({ path: ["failoverRegions", index, "provider"], message: `${provider}, as of the workspace` });
    if (other.region === region)
      breaches.push({ path: ["failoverRegions", index, "region"], message: `another region than ${region} itself` });
  }
  return breaches;
}

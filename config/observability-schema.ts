import { z } from "zod";
import { choice, flag, group, text, whole } from "./rules.ts";

const severities = ["info", "warning", "critical"] as const;
const moneyRule = "an amount of US dollars above 0";
const dollars = z.number({ error: moneyRule }).positive({ error: moneyRule }).max(1e9, { error: moneyRule });

/** One channel for each severity that shall be seen there; several may go to one channel. */
function channels(id: z.ZodType<string>) {
  return z
    .partialRecord(choice(severities), id, { error: "channels by severity: info, warning, critical" })
    .refine((given) => Object.keys(given).length > 0, { error: "a channel for at least one severity" });
}

const uuid = text(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "a UUID");
const slack = group("workspace and channels", {
  workspace: text(/^T[A-Z0-9]{6,}$/, "the id of a Slack workspace, e.g. T0123ABCD"),
  channels: channels(text(/^[CG][A-Z0-9]{6,}$/, "the id of a Slack channel, e.g. C0123ABCD")),
});
const teams = group("tenant, team and channels", {
  tenant: uuid,
  team: uuid,
  channels: channels(
    text(
      /^19%3[aA][\w.=+-]+%40thread\.[\w]+$/,
      "the id of a Teams channel as its link has it, e.g. 19%3aab12%40thread.tacv2",
    ),
  ),
});

const percentRule = "up to 5 ascending percentages of the budget, each a whole number from 1 to 1000";
const percentages = z
  .array(whole(1, 1000), { error: percentRule })
  .min(1, { error: percentRule })
  .max(5, { error: percentRule })
  .refine((values) => values.every((value, at) => at === 0 || value > Number(values[at - 1])), { error: percentRule });

const urlRule = "an address that begins with https:// and holds no password or query";
const url = z.string({ error: urlRule }).refine((value) => isPlainAddress(value), { error: urlRule });
const checkName = text(/^[a-z][a-z0-9-]{0,30}$/, "a name of lower-case letters, digits and dashes");

function isPlainAddress(value: string): boolean {
  const parsed = URL.parse(value);
  return parsed?.protocol === "https:" && parsed.username === "" && parsed.password === "" && parsed.search === "";
}

/** `slipway:observability` of a stack file. What reaches people outside AWS, or costs money by itself, is off until it is named here. */
export const observabilitySettings = group(
  "settings of observability, {} for dashboards and the rollback signal alone",
  {
    /** Whether the driver tells CloudWatch of deployments. */
    deliveryMetrics: flag,
    chat: group("slack and teams", { slack, teams })
      .partial()
      .refine((given) => Object.keys(given).length > 0, { error: "slack or teams" }),
    budget: group("monthlyUsd, and perhaps percentages", { monthlyUsd: dollars, percentages: percentages.optional() }),
    anomalies: group("minimumUsd", { minimumUsd: dollars }),
    checks: group("everyMinutes, models and urls", {
      everyMinutes: whole(1, 60),
      models: flag,
      urls: z
        .record(checkName, url, {
          error: (issue) =>
            issue.code === "invalid_key" ? undefined : "addresses by name, e.g. web: https://…/health",
        })
        .refine((given) => Object.keys(given).length <= 10, { error: "at most 10 addresses" }),
    }).partial(),
  },
).partial();

export type ObservabilityOverrides = z.infer<typeof observabilitySettings>;

type Severity = (typeof severities)[number];
type Channels = Partial<Record<Severity, string>>;

/** How an environment is observed. What is absent is off. */
export interface ObservabilityPlan {
  deliveryMetrics: boolean;
  chat?: {
    slack?: { workspace: string; channels: Channels } | undefined;
    teams?: { tenant: string; team: string; channels: Channels } | undefined;
  };
  budget?: { monthlyUsd: number; percentages: number[] };
  anomalies?: { minimumUsd: number };
  checks?: { everyMinutes: number; models: boolean; urls: Record<string, string> };
}

/** What the stack file says, completed. */
export function observabilityPlan(overrides: ObservabilityOverrides = {}): ObservabilityPlan {
  const { deliveryMetrics = true, chat, budget, anomalies, checks } = overrides;
  return {
    deliveryMetrics,
    ...(chat && { chat }),
    ...(budget && { budget: { percentages: [80, 100], ...budget } as NonNullable<ObservabilityPlan["budget"]> }),
    ...(anomalies && { anomalies }),
    ...(checks && {
      checks: {
        everyMinutes: checks.everyMinutes ?? 5,
        models: checks.models ?? false,
        urls: checks.urls ?? {},
      },
    }),
  };
}

interface Breach {
  path: (string | number)[];
  message: string;
}

/** Rules between keys: whoever is told is told by the topics, which the data pipeline brings. */
export function observabilityBreaches(
  settings: ObservabilityOverrides | undefined,
  { data, model }: { data: boolean; model: boolean },
): Breach[] {
  if (settings === undefined) return [];
  const { chat, budget, anomalies, checks } = settings;
  const told = { chat, budget, anomalies, checks };
  const untold = data ? [] : Object.entries(told).filter(([, value]) => value !== undefined);
  const watched = Object.keys(checks?.urls ?? {}).length > 0 || checks?.models === true;
  return [
    ...untold.map(([key]) => ({ path: [key], message: "nothing without a data pipeline, whose topics it would use" })),
    ...(checks?.models === true && !model
      ? [{ path: ["checks", "models"], message: "false: there is no model pipeline, so nothing answers /models" }]
      : []),
    ...(checks?.urls?.["models"] !== undefined && checks.models === true
      ? [{ path: ["checks", "urls", "models"], message: "another name: models: true checks under this one" }]
      : []),
    ...(checks !== undefined && !watched
      ? [{ path: ["checks"], message: "at least one address in urls, or models: true" }]
      : []),
  ];
}

import { z } from "zod";
import type { DataProfile } from "./profiles.ts";
import { choice, flag, group, text, whole } from "./rules.ts";

const shareRule = "a share from 0 to 1";
const share = z.number({ error: shareRule }).min(0, { error: shareRule }).max(1, { error: shareRule });
const addressRule = "mail addresses";
const addresses = z.array(z.email({ error: "a mail address" }), { error: addressRule });
const expression = text(/^(?:cron|rate|at)\(.+\)$/, "a schedule of EventBridge: cron(…), rate(…) or at(…), in UTC");

/**
 * `slipway:data` of a stack file: what differs from the environment's profile. Every key is optional, and so is every key
 * of a group.
 */
export const dataSettings = group("settings of the data pipeline, {} for the profile's own", {
  enabled: flag,
  schedule: group("expression and enabled", { expression, enabled: flag }).partial(),
  objectTrigger: flag,
  tableFormat: choice(["parquet", "iceberg"]),
  crawlers: flag,
  workers: group("type and count", {
    type: choice(["G.1X", "G.2X", "G.4X", "G.8X"]),
    count: whole(2, 299),
  }).partial(),
  executionClass: choice(["FLEX", "STANDARD"]),
  timeoutMinutes: whole(1, 1440),
  pollSeconds: whole(1, 300),
  scanLimitGb: whole(1, 100_000),
  infrequentDays: whole(30, 3650),
  alarms: group("durationMinutes, quarantineRate and qualityScore", {
    durationMinutes: whole(1, 1440),
    quarantineRate: share,
    qualityScore: share,
  }).partial(),
  subscribers: group("info, warning and critical", {
    info: addresses,
    warning: addresses,
    critical: addresses,
  }).partial(),
}).partial();

export type DataOverrides = z.infer<typeof dataSettings>;

/** The profile with what the stack file says instead; groups are merged key by key. */
export function withDataProfile(profile: DataProfile, overrides: DataOverrides = {}): DataProfile {
  const known = <T extends object>(values: T | undefined) =>
    Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
  const { schedule, workers, alarms, subscribers, ...rest } = overrides;
  return {
    ...profile,
    ...(known(rest) as Partial<DataProfile>),
    schedule: { ...profile.schedule, ...known(schedule) } as DataProfile["schedule"],
    workers: { ...profile.workers, ...known(workers) } as DataProfile["workers"],
    alarms: { ...profile.alarms, ...known(alarms) } as DataProfile["alarms"],
    subscribers: { ...profile.subscribers, ...known(subscribers) } as DataProfile["subscribers"],
  };
}

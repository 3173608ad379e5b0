import type { TrafficShift } from "../../../config/outputs.ts";
import { plural } from "../../report/text.ts";
import { duration } from "../../report/time.ts";
import type { AlarmState } from "../../verify/check-kind.ts";
import { percentOf, type AliasState, type DeploymentState } from "./decide.ts";

/** `slipway-dev-models-api:live` */
export const nameOf = ({ function: name, alias }: Pick<TrafficShift, "function" | "alias">): string =>
  `${name}:${alias}`;

/** Pure: where an alias leads, in words. */
export function leadsTo({ version, weights }: AliasState): string {
  const others = Object.entries(weights).map(([other, weight]) => `${Math.round(weight * 100)} % of version ${other}`);
  return others.length === 0 ? `version ${version}` : `version ${version} and ${others.join(" and ")}`;
}

interface ProgressFacts {
  deployment: Pick<DeploymentState, "createdAt" | "status">;
  alias: AliasState;
  /** Undefined where CloudWatch did not answer. */
  alarms: readonly AlarmState[] | undefined;
}

interface ProgressPlace {
  shift: TrafficShift;
  pace: { realTime: boolean };
  now(): Date;
}

/** Pure: how far a shift is, and without the time that is left what is new in it. */
export function progressLine(
  { shift, pace, now }: ProgressPlace,
  { deployment, alias, alarms }: ProgressFacts,
): { news: string; text: string } {
  const parts = [`${percentOf(alias, shift.version)} % to version ${shift.version}`, ...alarmText(alarms)];
  const news = `${nameOf(shift)} ${parts.join(", ")}`;
  const left = pace.realTime ? secondsLeft(shift, deployment.createdAt, now()) : 0;
  return { news, text: left > 0 ? `${news}, about ${duration(left)} left` : news };
}

function secondsLeft({ minutes }: TrafficShift, since: Date | undefined, now: Date): number {
  return since === undefined ? 0 : minutes * 60 - (now.getTime() - since.getTime()) / 1000;
}

function alarmText(alarms: readonly AlarmState[] | undefined): string[] {
  if (alarms === undefined) return ["alarms not to be seen"];
  const ringing = alarms.filter(({ state }) => state === "ALARM").map(({ name }) => name);
  if (ringing.length > 0) return [`in alarm: ${ringing.join(", ")}`];
  return alarms.length === 0 ? [] : [`${plural(alarms.length, "alarm")} quiet`];
}

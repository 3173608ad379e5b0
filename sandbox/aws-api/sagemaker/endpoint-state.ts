import { compressed } from "../../cluster/time.ts";
import type { Properties } from "../../types/type-spec.ts";
import type { ModelContainer, Variant } from "./models.ts";
import { rollbackAlarms, type Step } from "./steps.ts";

/** Going back takes no time here, so nobody sees `RollingBack`. */
export type EndpointStatus = "Creating" | "Updating" | "InService" | "Failed";

/** What runs for a configuration, as it was when the endpoint took it: who deletes the configuration later changes nothing. */
export interface Fleet {
  config: string;
  variants: readonly (Variant & { container: ModelContainer })[];
  /** DataCaptureConfig. */
  capture?: Properties;
}

/** What an endpoint is being brought to. */
export interface EndpointUpdate {
  to: Fleet;
  /** DeploymentConfig of the request. */
  deployment: Properties;
  steps: readonly Step[];
  /** Of the steps, the one it is at; -1 until the new side is healthy. */
  step: number;
  /** When the update began, and when its step did: milliseconds since the epoch. */
  started: number;
  since: number;
}

/** What is remembered of an endpoint. */
export interface EndpointState {
  name: string;
  /** What serves; that of the update while there was none before. */
  serves: Fleet;
  status: EndpointStatus;
  /** Why the creation or the latest update failed. */
  failure?: string;
  created: number;
  modified: number;
  update?: EndpointUpdate;
  lastDeployment?: Properties;
  /** Deleted behind Pulumi's back: its record still names it. */
  deleted?: true;
  /** Pulumi says that it was made, and no process of it has run yet: a first one that does not get healthy fails it. */
  unproven?: true;
  /** What the record said of it last. */
  recorded?: { config: string; createdAt: string };
}

/** What an advance depends on besides the state. */
export interface EndpointSeen {
  now: number;
  /** When whoever looks began to look: what was not running before that cannot be late. */
  from: number;
  /** The processes of the new configuration, all of them together. */
  green: { ready: boolean; failure?: string };
  /** Alarms of the update that ring. */
  ringing: readonly string[];
}

/** A process starts at its own speed, which is no shorter here than in production. */
const startAllowanceMs = 40_000;

/** An endpoint at its beginning: nothing serves before the first process is healthy. */
export function createdEndpoint(name: string, to: Fleet, now: number): EndpointState {
  const update = { to, deployment: {}, steps: [{ percent: 100, seconds: 0 }], step: -1, started: now, since: now };
  return { name, serves: to, status: "Creating", created: now, modified: now, update };
}

/** The endpoint on its way to another configuration. */
export function updatedEndpoint(
  { failure: _failure, ...state }: EndpointState,
  update: Pick<EndpointUpdate, "to" | "deployment" | "steps">,
  now: number,
): EndpointState {
  return { ...state, status: "Updating", modified: now, update: { ...update, step: -1, started: now, since: now } };
}

/**
 * What becomes of an endpoint by now. Pure: who is killed in the middle and starts again comes to the same.
 */
export function advanced(state: EndpointState, seen: EndpointSeen): EndpointState {
  const { update } = state;
  if (update === undefined) return state;
  if (seen.green.failure !== undefined) return givenUp(state, seen.green.failure, seen.now);
  if (seen.ringing.length > 0) return givenUp(state, alarmFailure(seen.ringing), seen.now);
  // What is watched has to answer: after a restart its processes start again first.
  if (!seen.green.ready) {
    const late = seen.now - Math.max(update.since, seen.from) > startAllowanceMs;
    return late ? givenUp(state, "The new capacity did not become healthy in time.", seen.now) : state;
  }
  return stepped(state, update, seen.now);
}

function alarmFailure(ringing: readonly string[]): string {
  return `One or more alarms of the auto rollback configuration are in ALARM: ${ringing.join(", ")}.`;
}

function stepped(state: EndpointState, update: EndpointUpdate, now: number): EndpointState {
  const current = update.steps[update.step];
  if (current !== undefined && now - update.since < compressed(current.seconds)) return state;
  const step = update.step + 1;
  if (step < update.steps.length) return { ...state, modified: now, update: { ...update, step, since: now } };
  const { update: _done, failure: _failure, unproven: _unproven, ...rest } = state;
  return { ...rest, status: "InService", serves: update.to, modified: now, lastDeployment: update.deployment };
}

/** An update goes back to what served before; a creation has nothing to go back to. */
function givenUp(state: EndpointState, failure: string, now: number): EndpointState {
  const { update: _update, ...rest } = state;
  return { ...rest, status: state.status === "Creating" ? "Failed" : "InService", failure, modified: now };
}

/** Who gets which share of the traffic, 100 in all. */
export function sharesOf({ serves, status, update }: EndpointState): { fleet: Fleet; percent: number }[] {
  const percent = update?.steps[update.step]?.percent ?? 0;
  if (status === "Creating" || status === "Failed") return [];
  if (update === undefined || update.to.config === serves.config) return [{ fleet: serves, percent: 100 }];
  return [
    { fleet: serves, percent: 100 - percent },
    { fleet: update.to, percent },
  ].filter((share) => share.percent > 0);
}

/** Alarms to look at now. */
export function watchedAlarms({ update, status }: EndpointState): string[] {
  return update !== undefined && status === "Updating" ? rollbackAlarms(update.deployment) : [];
}

import type { Properties } from "../../types/type-spec.ts";
import type { Step } from "../sagemaker/steps.ts";
import type { AppSpec } from "./appspec.ts";

export type DeploymentStatus = "Created" | "InProgress" | "Succeeded" | "Failed" | "Stopped";
export type EventStatus = "Pending" | "InProgress" | "Succeeded" | "Failed" | "Skipped";

/** A function that is asked whether the deployment may go on. */
export interface Hook {
  function: string;
  /** By which it answers. */
  executionId: string;
  status: EventStatus;
  message?: string;
  started?: number;
  ended?: number;
}

/** Where an alias leads, or shall lead. */
export interface AliasTarget {
  version: string;
  /** Shares, 0 to 1, of other versions. */
  weights: Readonly<Record<string, number>>;
}

/** What is remembered of one deployment. */
export interface Deployment {
  id: string;
  application: string;
  group: string;
  /** Name of its steps. */
  config: string;
  creator: "user" | "codeDeployRollback";
  description?: string;
  /** As the request had it. */
  revision: Properties;
  spec: AppSpec;
  steps: readonly Step[];
  alarms: readonly string[];
  /** Whether it goes on where an alarm cannot be read. */
  ignoreAlarmFailure: boolean;
  /** Events after which CodeDeploy takes it back by itself. */
  rollbackOn: readonly string[];
  status: DeploymentStatus;
  /** What happens now. `restore` is all that a deployment of CodeDeploy's own does. */
  phase: "check" | "before" | "shift" | "after" | "restore" | "end";
  /** Of the steps, the one it is at, since when, and whether the alias shows it yet. */
  step: number;
  since: number;
  applied: boolean;
  before?: Hook;
  after?: Hook;
  created: number;
  /** When the first request went to the target, and when all did. */
  shiftStarted?: number;
  shiftEnded?: number;
  completed?: number;
  /** Somebody asked for its end. */
  stop?: { rollback: boolean };
  error?: { code: string; message: string };
  rollback?: { deployment?: string; triggeredBy?: string; message: string };
}

export const finalStatuses: readonly DeploymentStatus[] = ["Succeeded", "Failed", "Stopped"];

export function isFinal({ status }: Pick<Deployment, "status">): boolean {
  return finalStatuses.includes(status);
}

/** Where the alias shall lead by now; undefined while the deployment has not touched it. */
export function aliasTarget({ phase, spec, steps, step, status }: Deployment): AliasTarget | undefined {
  if (phase === "after" || phase === "restore" || (phase === "end" && status === "Succeeded"))
    return { version: spec.target, weights: {} };
  const percent = phase === "shift" ? steps[step]?.percent : undefined;
  if (percent === undefined) return undefined;
  if (percent >= 100) return { version: spec.target, weights: {} };
  return { version: spec.current, weights: { [spec.target]: percent / 100 } };
}

/** The share of the target, in percent. */
export function targetPercent(deployment: Deployment): number {
  const target = aliasTarget(deployment);
  if (target === undefined) return 0;
  const share = target.version === deployment.spec.target ? 1 : (target.weights[deployment.spec.target] ?? 0);
  return Math.round(share * 100);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** `d-` and nine letters or digits. */
export function deploymentId(random: () => number = Math.random): string {
  return `d-${Array.from({ length: 9 }, () => alphabet[Math.floor(random() * alphabet.length)]).join("")}`;
}

/** The deployment that takes another one back: everything at once to where the alias led before. */
export function rollbackOf(failed: Deployment, id: string, now: number): Deployment {
  const { application, group, revision, spec } = failed;
  const back = { function: spec.function, alias: spec.alias, current: spec.target, target: spec.current };
  const message = `Deployment ${id} is triggered to roll back deployment ${failed.id}.`;
  return {
    ...{ id, application, group, revision, spec: back, creator: "codeDeployRollback" },
    ...{ config: "CodeDeployDefault.LambdaAllAtOnce", steps: [{ percent: 100, seconds: 0 }] },
    ...{ alarms: [], ignoreAlarmFailure: true, rollbackOn: [] },
    ...{ status: "InProgress", phase: "restore", step: 0, since: now, applied: false, created: now },
    rollback: { triggeredBy: failed.id, message },
  };
}

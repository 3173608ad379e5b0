import { type Backup, backupId } from "../streams/custody/backup-document.ts";
import type { RestorePlan, RestoreStep } from "../streams/custody/restore-plan.ts";
import { shownStep } from "../streams/custody/restore.ts";
import type { Console } from "./console.ts";
import { table } from "./table.ts";
import { plural } from "./text.ts";

export interface BackupReport {
  backup: Backup;
  /** Where it is kept in the store; null where that could not be written. */
  key: string | null;
  out: string | undefined;
  /** Processors whose pipelines hold secrets. */
  secrets: readonly string[];
}

const backupFacts = (backup: Backup) => ({
  ...{ environment: backup.environment, backup: backupId(backup), digest: backup.digest, takenAt: backup.takenAt },
});

export const backupJson = ({ backup, key, out, secrets }: BackupReport): Record<string, unknown> => ({
  ...{ action: "backup", ...backupFacts(backup), key, out: out ?? null, release: backup.release },
  ...{ connections: backup.connections.length, processors: backup.processors.length },
  ...{ variables: backup.variables, plaintextSecrets: secrets },
});

/** What was taken, and what is not in it. */
export function backupText({ colors }: Console, { backup, key, out, secrets }: BackupReport): string[] {
  const { processors, connections, variables, place } = backup;
  const rows = processors.map(({ name, state, tier, counts, position, digest }) => [
    ...[name, state, tier ?? "", `${counts.input} read`, placeOf(position), colors.dim(digest.slice(0, 19))],
  ]);
  return [
    ...table(rows),
    `${colors.bold(backupId(backup))}: ${place.workspace}, ${plural(connections.length, "connection")}, ${plural(processors.length, "processor")}`,
    `kept ${[...(key === null ? [] : [`as ${key}`]), ...(out === undefined ? [] : [`in ${out}`])].join(", and ")}`,
    ...(variables.length === 0 ? [] : [`secrets are not in it; a restore needs ${variables.join(", ")}`]),
    ...(secrets.length === 0
      ? []
      : [colors.red(`in plain text in their pipelines, and so in the backup: secrets of ${secrets.join(", ")}`)]),
    "checkpoints are not in it, as Atlas gives none away: ./slipway streams restore says what would be read again",
  ];
}

function placeOf({ partitions, resumeToken }: Backup["processors"][number]["position"]): string {
  if (partitions !== undefined) return plural(partitions.length, "partition");
  return resumeToken === undefined ? "no place" : "resume token";
}

export interface RestoreReport {
  backup: Backup;
  plan: RestorePlan;
  place: { projectId: string; workspace: string };
  /** References that nobody says what they are. */
  missing: readonly string[];
  /** Whether it was done, and found to be so. */
  restored: boolean;
}

const membersOf = (step: RestoreStep) => ({
  ...{ do: step.do, name: "name" in step ? step.name : null, begins: "begins" in step ? step.begins : null },
  effects: "effects" in step ? step.effects : [],
});

export const restoreJson = ({ backup, plan, place, missing, restored }: RestoreReport): Record<string, unknown> => ({
  ...{ action: "restore", ...backupFacts(backup), place, restored, steps: plan.steps.map(membersOf) },
  ...{ conflicts: plan.conflicts, extra: plan.extra, warnings: plan.warnings, missing },
});

/** The plan, or what was done. */
export function restoreText({ colors }: Console, { backup, plan, place, missing, restored }: RestoreReport): string[] {
  const { steps, conflicts, extra, warnings } = plan;
  const lines = steps.flatMap((step) => {
    const { begins, effects } = membersOf(step);
    const head = `${colors.green(restored ? "done" : "+")} ${shownStep(step)}${begins === null ? "" : `: begins ${begins}`}`;
    return [head, ...effects.map((effect) => `    ${colors.yellow(effect)}`)];
  });
  return [
    ...lines,
    ...conflicts.map(({ what, name, message }) => `${colors.red("!")} ${what} ${name}: ${message}`),
    ...warnings.map((warning) => `${colors.yellow("!")} ${warning}`),
    ...(extra.length === 0 ? [] : [`stays, and is not in the backup: ${extra.join(", ")}`]),
    ...(missing.length === 0 ? [] : [colors.red(`set in the environment first: ${missing.join(", ")}`)]),
    verdict(backup, plan, place.workspace, restored),
  ];
}

function verdict(backup: Backup, { steps, conflicts }: RestorePlan, workspace: string, restored: boolean): string {
  const id = backupId(backup);
  const left =
    conflicts.length === 0 ? "" : `; ${plural(conflicts.length, "difference")} left: --force changes what can be`;
  if (steps.length === 0) return `${workspace} is as in ${id}${left}`;
  return restored
    ? `${workspace} is as in ${id}, read back${left}`
    : `${plural(steps.length, "step")} to ${id} in ${workspace}; nothing was done${left}. next: the same with --yes`;
}

import { problem } from "../shared/validation.ts";
import type { AlarmThresholds } from "./alarms-specs.ts";
import type { JobSettings } from "./data-job.ts";
import { validateJobs } from "./data-jobs.ts";
import { jobNamesOf } from "./jobs.ts";
import { validateWorkgroup } from "./query-workgroup.ts";
import type { Severity } from "./state-machine/pipeline-definition.ts";
import { validatePipelineTimes } from "./state-machine/pipeline-state-machine.ts";

/** How one environment runs the pipeline. */
export interface DataSettings extends JobSettings {
  /** When the pipeline starts by itself, in UTC. */
  schedule: { expression: string; enabled: boolean };
  /** Start for each delivered object as well. */
  objectTrigger: boolean;
  /** A crawler for people who meet a new source. */
  crawlers: boolean;
  /** Seconds between two looks at a job run. */
  pollSeconds: number;
  /** Gigabytes that one query may read. */
  scanLimitGb: number;
  /** Days after which data moves to infrequent access. Defaults to never. */
  infrequentDays?: number | undefined;
  alarms: AlarmThresholds;
  /** Mail addresses by severity. */
  subscribers: Readonly<Record<Severity, readonly string[]>>;
}

/** Minutes after which an execution is given up: as long as its jobs may take, and once more for all the rest. */
export function executionMinutes(settings: Pick<DataSettings, "timeoutMinutes" | "tableFormat">): number {
  return settings.timeoutMinutes * (jobNamesOf(settings.tableFormat).length + 1);
}

function share(field: string, value: number): string[] {
  if (value >= 0 && value <= 1) return [];
  return [problem(field, value, "a share from 0 to 1", "Correct it.")];
}

/** Problems of the settings, one line each. */
export function validateSettings(settings: DataSettings): string[] {
  const { alarms, schedule, pollSeconds } = settings;
  const problems = [
    ...validateJobs(settings),
    // The length of a run has been looked at already.
    ...validatePipelineTimes({ pollSeconds, timeoutMinutes: 1 }),
    ...validateWorkgroup(settings),
    ...share("alarms.quarantineRate", alarms.quarantineRate),
    ...share("alarms.qualityScore", alarms.qualityScore),
  ];
  if (!(alarms.durationMinutes > 0)) {
    problems.push(problem("alarms.durationMinutes", alarms.durationMinutes, "more than 0", "Raise it."));
  }
  if (!/^(cron|rate|at)\(.+\)$/.test(schedule.expression)) {
    problems.push(problem("schedule.expression", schedule.expression, "cron(…), rate(…) or at(…)", "Correct it."));
  }
  return problems;
}

import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { problem } from "../shared/validation.ts";
import { DataJob, type DataJobArgs, type JobSettings } from "./data-job.ts";
import type { AnyJob, Jobs } from "./state-machine/pipeline-definition.ts";

const workerTypes = ["G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.2X", "R.4X", "R.8X"];
/** What the spare capacity behind FLEX consists of. */
const flexTypes = ["G.1X", "G.2X"];

/** Problems of the arguments, one line each. */
export function validateJobs(args: Pick<JobSettings, "workers" | "timeoutMinutes" | "executionClass">): string[] {
  const problems: string[] = [];
  const { type, count } = args.workers;
  if (!workerTypes.includes(type)) {
    problems.push(problem("workers.type", type, workerTypes.join(", "), "Choose one of them."));
  } else if (args.executionClass === "FLEX" && !flexTypes.includes(type)) {
    const rule = `${flexTypes.join(" or ")} with execution class FLEX`;
    problems.push(problem("workers.type", type, rule, "Change one of the two."));
  }
  if (!Number.isInteger(count) || count < 2) {
    problems.push(problem("workers.count", count, "a whole number, at least 2", "One of them only coordinates."));
  }
  if (!Number.isInteger(args.timeoutMinutes) || args.timeoutMinutes < 1 || args.timeoutMinutes > 10_080) {
    problems.push(problem("timeoutMinutes", args.timeoutMinutes, "whole minutes from 1 to 10080", "Correct it."));
  }
  return problems;
}

/** The pipeline's Spark jobs. */
export class DataJobs extends SlipwayComponent {
  readonly jobs: Jobs<DataJob>;

  constructor(name: string, args: Omit<DataJobArgs, "job">, opts?: pulumi.ComponentResourceOptions) {
    super("DataJobs", name, opts);
    const add = (job: AnyJob) => new DataJob(`${name}-${job.replaceAll("_", "-")}`, { ...args, job }, childOf(this));
    this.jobs = {
      raw_to_processed: add("raw_to_processed"),
      daily_features: add("daily_features"),
      quality: add("quality"),
      ...(args.tableFormat === "iceberg" && { commit_iceberg: add("commit_iceberg") }),
    };
    this.registerOutputs({});
  }
}

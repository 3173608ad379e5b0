import { GetJobRunCommand, GlueClient, StartJobRunCommand, type JobRun } from "@aws-sdk/client-glue";

import type { LiveCloud } from "../../../sandbox/live/connect.ts";
import { settings, until } from "./live-lab.ts";

/** Runs a job with these arguments of the run and waits for its end. */
export async function endOfJob(
  live: LiveCloud,
  JobName: string,
  Arguments: Record<string, string> = {},
): Promise<JobRun> {
  const glue = new GlueClient(settings(live));
  const { JobRunId: RunId } = await glue.send(new StartJobRunCommand({ JobName, Arguments }));
  let found: JobRun = {};
  await until(
    `the job ${JobName} has ended`,
    async () => {
      found = (await glue.send(new GetJobRunCommand({ JobName, RunId }))).JobRun ?? {};
      return !["STARTING", "RUNNING"].includes(found.JobRunState ?? "STARTING");
    },
    200,
  );
  glue.destroy();
  return found;
}

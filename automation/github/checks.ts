import { z } from "zod";
import { isNewer } from "../report/comment/marker.ts";
import type { CheckOutput } from "../report/comment/check-run.ts";
import type { Run } from "../report/comment/model.ts";
import type { GitHub } from "./client.ts";
import { GitHubProblem } from "./problem.ts";

/** The name that branch protection asks for. */
export const CHECK_NAME = "slipway preview";

/** As many annotations as GitHub takes at a time. */
const AT_A_TIME = 50;

const checkSchema = z.looseObject({ id: z.int(), external_id: z.string().nullish(), html_url: z.string().nullish() });

export interface CheckResult {
  outcome: "created" | "superseded";
  url: string | undefined;
}

/** Tells the verdict as a check of the pull request's head, unless a newer run of that commit has done so. */
export async function publishCheck(
  github: GitHub,
  { repository, run, output }: { repository: string; run: Run; output: CheckOutput },
): Promise<CheckResult> {
  const base = `/repos/${repository}`;
  const query = `check_name=${encodeURIComponent(CHECK_NAME)}&filter=all&per_page=100`;
  const listed = await github.list(`${base}/commits/${run.head}/check-runs?${query}`, "check_runs");
  const newer = listed.map(parsed).find(({ external_id: id }) => {
    const [, of, attempt] = /^slipway\/(\d+)\/(\d+)$/.exec(id ?? "") ?? [];
    return (
      of !== undefined && isNewer({ run: Number(of), attempt: Number(attempt) }, { run: run.id, attempt: run.attempt })
    );
  });
  if (newer !== undefined) return { outcome: "superseded", url: newer.html_url ?? undefined };
  const { title, summary, annotations, conclusion } = output;
  const part = (from: number) => ({
    output: { title, summary, annotations: annotations.slice(from, from + AT_A_TIME) },
  });
  const check = parsed(
    await github.request("POST", `${base}/check-runs`, {
      ...{ name: CHECK_NAME, head_sha: run.head, status: "completed", conclusion, ...part(0) },
      external_id: `slipway/${run.id}/${run.attempt}`,
      ...(run.url === undefined ? {} : { details_url: run.url }),
    }),
  );
  // GitHub adds the annotations of an edit to those that are there.
  for (let from = AT_A_TIME; from < annotations.length; from += AT_A_TIME)
    await github.request("PATCH", `${base}/check-runs/${check.id}`, part(from));
  return { outcome: "created", url: check.html_url ?? undefined };
}

function parsed(value: unknown): z.infer<typeof checkSchema> {
  const { data } = checkSchema.safeParse(value);
  if (data === undefined) throw new GitHubProblem("broken", "GitHub's check run is none", 200);
  return data;
}

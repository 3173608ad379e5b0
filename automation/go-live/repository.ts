import { z } from "zod";
import { agesOf, mostDays, secretsOf } from "../ci/secrets.ts";
import type { GitHub } from "../github/client.ts";
import { GitHubProblem } from "../github/problem.ts";
import type { Asked, RepositoryFacts } from "./facts.ts";

const ruleSchema = z.array(
  z.object({
    type: z.string(),
    parameters: z.object({ required_status_checks: z.array(z.object({ context: z.string() })).optional() }).nullish(),
  }),
);
const runSchema = z.object({
  workflow_runs: z.array(z.object({ conclusion: z.string().nullable(), updated_at: z.string(), html_url: z.string() })),
});

/** What to look for. */
export interface RepositoryPlace {
  /** `owner/name`. */
  repository: string;
  environment: string;
  branch: string;
  now: Date;
}

/** Asks GitHub for what only it knows. A question that is refused leaves the others alone. */
export async function readRepository(github: GitHub, place: RepositoryPlace): Promise<RepositoryFacts> {
  const base = `/repos/${place.repository}`;
  const branch = encodeURIComponent(place.branch);
  const [exists, secrets, rules, lastRun] = await Promise.all([
    asked(async () => (await github.request("GET", base)) !== undefined, false),
    asked(async () => agesOf(await secretsOf(github, place.repository, place.environment), place.now, mostDays)),
    asked(async () =>
      ruleSchema
        .parse(await github.list(`${base}/rules/branches/${branch}?per_page=100`))
        .map(({ type, parameters }) => ({
          type,
          checks: (parameters?.required_status_checks ?? []).map(({ context }) => context),
        })),
    ),
    asked(async () => {
      const path = `${base}/actions/workflows/deploy.yml/runs?branch=${branch}&status=completed&per_page=1`;
      const [run] = runSchema.parse(await github.request("GET", path)).workflow_runs;
      return run && { conclusion: run.conclusion ?? "nothing", at: run.updated_at, url: run.html_url };
    }),
  ]);
  return { exists, secrets, rules, lastRun };
}

/** @param absent What it means that GitHub has no such thing; without it that is a problem like any other. */
async function asked<T>(question: () => Promise<T>, absent?: T): Promise<Asked<T>> {
  try {
    return { value: await question() };
  } catch (error) {
    if (error instanceof GitHubProblem && error.kind === "missing" && absent !== undefined) return { value: absent };
    if (error instanceof GitHubProblem) return { problem: error.message };
    if (error instanceof z.ZodError) return { problem: "GitHub answered with something else than its API does" };
    throw error;
  }
}

/** The answer to every question where nobody can be asked. */
export function unasked(problem: string): RepositoryFacts {
  return { exists: { problem }, secrets: { problem }, rules: { problem }, lastRun: { problem } };
}

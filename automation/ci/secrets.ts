import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { GitHub } from "../github/client.ts";
import { GitHubProblem } from "../github/problem.ts";

/** How old a secret may get where nobody says otherwise. */
export const mostDays = 90;

/** A secret as GitHub tells of it: nobody can read its value. */
export interface StoredSecret {
  /** The GitHub environment that has it. */
  environment: string;
  name: string;
  /** When its value was last set. */
  changedAt: string;
}

/** The same with its age. */
export interface SecretAge extends StoredSecret {
  days: number;
  old: boolean;
}

const day = 86_400_000;

/** Whole days since each was set, the oldest first. */
export function agesOf(secrets: readonly StoredSecret[], now: Date, most: number): SecretAge[] {
  return secrets
    .map((secret) => {
      const days = Math.floor((now.getTime() - Date.parse(secret.changedAt)) / day);
      return { ...secret, days, old: days > most };
    })
    .sort((a, b) => b.days - a.days || (`${a.environment}/${a.name}` < `${b.environment}/${b.name}` ? -1 : 1));
}

const environmentSchema = z.array(z.object({ name: z.string() }));
const secretSchema = z.array(z.object({ name: z.string(), updated_at: z.iso.datetime({ offset: true }) }));

/** Secrets of one environment of a repository, `owner/name`. */
export async function secretsOf(github: GitHub, repository: string, environment: string): Promise<StoredSecret[]> {
  const path = `/repos/${repository}/environments/${encodeURIComponent(environment)}/secrets?per_page=100`;
  return secretSchema
    .parse(await github.list(path, "secrets"))
    .map(({ name, updated_at: changedAt }) => ({ environment, name, changedAt }));
}

/**
 * Secrets of all environments of a repository, also of those that no stack file names.
 * @throws SlipwayError (credentials) that says what the token has to be allowed
 */
export async function readSecrets(github: GitHub, repository: string): Promise<StoredSecret[]> {
  try {
    const found = await github.list(`/repos/${repository}/environments?per_page=100`, "environments");
    const environments = environmentSchema.parse(found).map(({ name }) => name);
    return (await Promise.all(environments.map((name) => secretsOf(github, repository, name)))).flat();
  } catch (error) {
    if (!(error instanceof GitHubProblem) && !(error instanceof z.ZodError)) throw error;
    const why = error instanceof GitHubProblem ? error.message : "it answered with something else than its API does";
    throw new SlipwayError(ExitCode.credentials, `GitHub does not say which secrets ${repository} has: ${why}.`, {
      where: "GITHUB_TOKEN",
      next: "Use a token that may read the repository's environments and actions; the one of a job never may.",
      cause: error,
    });
  }
}

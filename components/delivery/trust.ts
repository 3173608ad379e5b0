import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../shared/iam.ts";
import { audience, issuer } from "./names.ts";

/** How GitHub writes the subject of a token: by names alone, by names and ids, or either while a repository changes over. */
export type SubjectForm = "legacy" | "immutable" | "both";

/** A repository, by names and by the ids that outlive them. Ids are numbers, so that a name that changes hands opens nothing. */
export interface GitHubRepository {
  owner: { name: string; id: number };
  repository: { name: string; id: number };
  subjects: SubjectForm;
}

/** Jobs that may take a role on: those of one GitHub environment, or those of pull requests. */
export type Jobs = { environment: string } | "pull_request";

/**
 * Subjects of the tokens of some jobs. Repositories made, renamed or transferred since 2026-07-15 have the form with ids.
 * https://docs.github.com/en/actions/concepts/security/openid-connect
 */
export function subjectsOf({ owner, repository, subjects }: GitHubRepository, jobs: Jobs): string[] {
  const context = jobs === "pull_request" ? jobs : `environment:${jobs.environment}`;
  const legacy = `repo:${owner.name}/${repository.name}:${context}`;
  const immutable = `repo:${owner.name}@${owner.id}/${repository.name}@${repository.id}:${context}`;
  return { legacy: [legacy], immutable: [immutable], both: [legacy, immutable] }[subjects];
}

/** Workflow files as tokens name them, from `path@ref` of the repository itself. */
export function workflowRefs({ owner, repository }: GitHubRepository, workflows: readonly string[]): string[] {
  return workflows.map((workflow) => `${owner.name}/${repository.name}/${workflow}`);
}

/**
 * Statement that lets jobs take a role on. Everything is compared as it is, without wildcards, and all of it must hold, which it
 * does only inside one statement: so there is one for each kind of jobs of a repository.
 */
export function trustStatement(
  provider: pulumi.Input<string>,
  source: GitHubRepository,
  jobs: Jobs,
  workflows: readonly string[],
): Statement {
  const claim = (name: string) => `${issuer}:${name}`;
  return {
    sid: jobs === "pull_request" ? "PullRequests" : "EnvironmentJobs",
    principals: { Federated: provider },
    actions: ["sts:AssumeRoleWithWebIdentity"],
    conditions: {
      StringEquals: {
        [claim("aud")]: audience,
        [claim("sub")]: subjectsOf(source, jobs),
        [claim("repository_id")]: String(source.repository.id),
        [claim("job_workflow_ref")]: workflowRefs(source, workflows),
        ...(jobs !== "pull_request" && { [claim("environment")]: jobs.environment }),
      },
    },
  };
}

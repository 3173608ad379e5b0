import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../../shared/component.ts";

export interface GitHubEnvironmentArgs {
  repository: string;
  /** Name of the environment, which is a part of the subject of its jobs' tokens. */
  environment: string;
  /** Ids of who lets a deployment through. Defaults to nobody. */
  reviewers?: { users: readonly number[]; teams: readonly number[] };
  /** Minutes to wait. Defaults to none. */
  waitTimer?: number;
  /** Whether administrators of the repository may deploy without the reviewers. */
  adminsMayBypass: boolean;
  /** Patterns of what may be deployed from. */
  branches: readonly string[];
  tags: readonly string[];
  /** What jobs of the environment know. None of it is secret. */
  variables: Readonly<Record<string, pulumi.Input<string>>>;
}

/** An environment of the repository: who lets its jobs through, from which branches and tags, and where they work. */
export class GitHubEnvironment extends SlipwayComponent {
  constructor(name: string, args: GitHubEnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("GitHubEnvironment", name, opts);
    const { repository, environment } = args;
    const { users, teams } = args.reviewers ?? { users: [], teams: [] };
    const reviewed = users.length + teams.length > 0;
    const made = new github.RepositoryEnvironment(
      `${name}-environment`,
      {
        repository,
        environment,
        canAdminsBypass: args.adminsMayBypass,
        preventSelfReview: reviewed,
        ...(reviewed && { reviewers: [{ users: [...users], teams: [...teams] }] }),
        ...(args.waitTimer !== undefined && { waitTimer: args.waitTimer }),
        deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
      },
      childOf(this),
    );
    const after = childOf(this, { dependsOn: [made] });
    const policy = (kind: string, pattern: string, args: object) =>
      new github.RepositoryEnvironmentDeploymentPolicy(
        `${name}-${kind}-${pattern}`,
        { repository, environment, ...args },
        after,
      );
    for (const branchPattern of args.branches) policy("branch", branchPattern, { branchPattern });
    for (const tagPattern of args.tags) policy("tag", tagPattern, { tagPattern });
    for (const [variableName, value] of Object.entries(args.variables)) {
      const variable = { repository, environment, variableName, value };
      new github.ActionsEnvironmentVariable(`${name}-${variableName}`, variable, after);
    }
    this.registerOutputs({ environment });
  }
}

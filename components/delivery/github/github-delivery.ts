import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../../shared/component.ts";
import { clusterName } from "../../shared/naming.ts";
import { assertValid, problem } from "../../shared/validation.ts";
import { type Place, deliveryRole, gitHubEnvironment, iamArn, purposesOf } from "../names.ts";
import { GitHubEnvironment } from "./github-environment.ts";
import { rulesets } from "./rulesets.ts";
import { type WebhookArgs, validateWebhook, webhook } from "./webhook.ts";

/** A place with what GitHub asks before anything is deployed there. */
export interface GuardedPlace extends Place {
  reviewers: { users: readonly number[]; teams: readonly number[] };
  waitTimer?: number;
  branches: readonly string[];
  tags: readonly string[];
}

export interface GitHubDeliveryArgs {
  repository: string;
  /** App id of the GitHub App that deploys. */
  deployApp: number;
  places: readonly GuardedPlace[];
  /** What every job of the repository knows. None of it is secret. */
  variables: Readonly<Record<string, pulumi.Input<string>>>;
  /** Whether coverage is shown at Codecov. Defaults to not. */
  codecov?: boolean;
  /** Who else hears what happens in the repository. Defaults to nobody. */
  webhook?: WebhookArgs;
}

/** Environments that nobody enters without its reviewers, administrators included. */
const guarded: readonly string[] = ["operations", "prod"];

/** Actions of others that workflows may use, beside GitHub's own; all of them by commit. */
const allowedActions = [
  "aws-actions/configure-aws-credentials@*",
  "pulumi/auth-actions@*",
  "zizmorcore/zizmor-action@*",
];
const codecovAction = "codecov/codecov-action@*";

/** Problems of the arguments, one line each. */
export function validateGitHubDelivery({
  places,
  webhook: hook,
}: Pick<GitHubDeliveryArgs, "places" | "webhook">): string[] {
  const accounts = places.map(({ account }) => account);
  const shared = places.filter(({ account }, index) => accounts.indexOf(account) !== index);
  const action = "Its roles have fixed names; give it an account of its own.";
  return [
    ...shared.map(({ environment, account }) =>
      problem(environment, account, "an account for each environment", action),
    ),
    ...places
      .filter(
        ({ environment, reviewers }) => environment === "prod" && reviewers.users.length + reviewers.teams.length === 0,
      )
      .map(() => problem("prod.reviewers", [], "at least one reviewer", "Name a user or a team.")),
    ...(hook === undefined ? [] : validateWebhook(hook)),
  ];
}

/** What jobs that work on a place know of it. */
function variablesOf(place: Place): Record<string, string> {
  return {
    AWS_ACCOUNT_ID: place.account,
    AWS_REGION: place.region,
    AWS_PREVIEW_ROLE_ARN: iamArn(place, `role/${deliveryRole("preview")}`),
    ...(place.environment !== "operations" && { EKS_CLUSTER_NAME: clusterName(place.environment) }),
  };
}

/** The repository's side of the delivery: environments, rules for branches and tags, and which actions may run. */
export class GitHubDelivery extends SlipwayComponent {
  constructor(name: string, args: GitHubDeliveryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("GitHubDelivery", name, opts);
    assertValid(this, name, validateGitHubDelivery(args));
    const { repository, deployApp, codecov = false } = args;
    for (const [key, ruleset] of Object.entries(rulesets(deployApp))) {
      new github.RepositoryRuleset(`${name}-${key}`, { repository, enforcement: "active", ...ruleset }, childOf(this));
    }
    for (const place of args.places) this.environmentsOf(name, repository, place);
    for (const [variableName, value] of Object.entries({
      ...args.variables,
      ...(codecov && { SLIPWAY_CODECOV: "true" }),
    })) {
      new github.ActionsVariable(`${name}-${variableName}`, { repository, variableName, value }, childOf(this));
    }
    this.secureActions(name, repository, codecov ? [...allowedActions, codecovAction] : allowedActions);
    if (args.webhook !== undefined) webhook(`${name}-webhook`, repository, args.webhook, childOf(this));
    this.registerOutputs({ repository });
  }

  /** One environment that deploys, behind its reviewers, and one that only looks, from main alone. */
  private environmentsOf(name: string, repository: string, place: GuardedPlace): void {
    const { environment, reviewers, waitTimer, branches, tags } = place;
    const variables = variablesOf(place);
    const common = { repository, adminsMayBypass: !guarded.includes(environment) };
    new GitHubEnvironment(
      `${name}-${environment}`,
      {
        ...{ ...common, reviewers, branches, tags },
        ...(waitTimer !== undefined && { waitTimer }),
        environment: gitHubEnvironment(environment, "deploy"),
        variables: { ...variables, AWS_ROLE_ARN: iamArn(place, `role/${deliveryRole("deploy")}`) },
      },
      childOf(this),
    );
    const preview = gitHubEnvironment(environment, "preview");
    new GitHubEnvironment(
      `${name}-${preview}`,
      { ...common, environment: preview, branches: ["main"], tags: [], variables },
      childOf(this),
    );
    if (purposesOf(environment).includes("publish")) this.publishingOf(name, repository, place);
  }

  /** The environment of the job that pushes images, for which nobody is asked: it goes in before anything is deployed. */
  private publishingOf(name: string, repository: string, place: GuardedPlace): void {
    const environment = gitHubEnvironment(place.environment, "publish");
    const variables = { ...variablesOf(place), AWS_ROLE_ARN: iamArn(place, `role/${deliveryRole("publish")}`) };
    new GitHubEnvironment(
      `${name}-${environment}`,
      { repository, adminsMayBypass: false, environment, branches: ["main"], tags: [], variables },
      childOf(this),
    );
  }

  private secureActions(name: string, repository: string, patternsAlloweds: string[]): void {
    new github.ActionsRepositoryPermissions(
      `${name}-actions`,
      {
        repository,
        enabled: true,
        allowedActions: "selected",
        allowedActionsConfig: {
          githubOwnedAllowed: true,
          verifiedAllowed: false,
          patternsAlloweds,
        },
        shaPinningRequired: true,
      },
      childOf(this),
    );
    // Trust policies know GitHub's own form of subjects; a template of somebody's making would lock every workflow out.
    new github.ActionsRepositoryOidcSubjectClaimCustomizationTemplate(
      `${name}-subject`,
      { repository, useDefault: true },
      childOf(this),
    );
  }
}

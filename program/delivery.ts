import type * as aws from "@pulumi/aws";
import * as github from "@pulumi/github";
import type * as pulumi from "@pulumi/pulumi";
import { boundRoles } from "../components/delivery/bounded-roles.ts";
import { DeliveryIdentity } from "../components/delivery/delivery-identity.ts";
import type { DeliveryIdentityArgs } from "../components/delivery/delivery-identity.ts";
import { GitHubDelivery, type GitHubDeliveryArgs } from "../components/delivery/github/github-delivery.ts";
import { deliveryRole, iamArn } from "../components/delivery/names.ts";
import { stateBucketStatements, stateKeyStatements } from "../components/delivery/state-access.ts";
import type { OperationsPipelineArgs } from "../components/operations/operations-pipeline.ts";
import type { GitHubAdministration } from "../config/github-schema.ts";
import { problemsError } from "../config/problems.ts";
import { environmentNames } from "../config/profiles.ts";
import type { EnvironmentSettings, OperationsSettings } from "../config/schema.ts";

/** How workflows reach the account of a stack, and what that means for everything else in it. */
export interface Delivery {
  /** Absent without `slipway:github`. */
  identity: DeliveryIdentity | undefined;
  /**
   * Transforms that every pipeline of the stack gets: they put each of its roles under the boundary. They are options of pipelines
   * and not of the stack, because older language hosts, which the engine still starts, know no transforms of stacks.
   */
  transforms: pulumi.ResourceTransform[];
}

/** Where state, records and the key of secrets are, by the names of the variables that say so. */
export type StateAddresses = Readonly<
  Record<"PULUMI_BACKEND_URL" | "SLIPWAY_STORE" | "SLIPWAY_SECRETS_PROVIDER", pulumi.Input<string>>
>;

/** What operations hands out to the environments. */
interface OperationsDelivery extends Delivery {
  stateAccess?: NonNullable<OperationsPipelineArgs["stateAccess"]>;
}

const none: Delivery = { identity: undefined, transforms: [] };

function deliveryOf(args: DeliveryIdentityArgs, provider: aws.Provider): Delivery {
  const identity = new DeliveryIdentity("delivery", args, { providers: [provider] });
  return { identity, transforms: [boundRoles(args, identity.boundary)] };
}

/** The delivery of an environment. */
export function environmentDelivery(settings: EnvironmentSettings, provider: aws.Provider): Delivery {
  const { github, environment, account, profile } = settings;
  if (github === undefined) return none;
  const { operations, workflows } = github;
  const place = { environment, account: account.id, region: account.region };
  return deliveryOf(
    { ...place, operations, github, workflows, disposable: profile.lifetimes.removal === "destroy" },
    provider,
  );
}

/** The delivery of the operations account. */
export function operationsDelivery(settings: OperationsSettings, provider: aws.Provider): OperationsDelivery {
  const { github, environment, account, environmentAccounts } = settings;
  if (github === undefined) return none;
  const operations = { account: account.id, region: account.region };
  const places = environmentNames.map((name) => ({
    environment: name,
    account: environmentAccounts[name],
    region: github.environments[name].region ?? account.region,
  }));
  const args = { environment, ...operations, operations, github, workflows: github.workflows, disposable: false };
  return {
    ...deliveryOf(args, provider),
    stateAccess: { bucket: stateBucketStatements(operations, places), key: stateKeyStatements(operations, places) },
  };
}

const webhookSecret = "SLIPWAY_WEBHOOK_SECRET";
const shortestSecret = 20;

/** The webhook with its secret, which no stack file has. @throws SlipwayError (usage) where nobody says it */
function webhookOf(
  { webhook }: GitHubAdministration,
  environment: NodeJS.ProcessEnv,
): Pick<GitHubDeliveryArgs, "webhook"> {
  if (webhook === undefined) return {};
  const secret = environment[webhookSecret] ?? "";
  if (secret.length >= shortestSecret) return { webhook: { ...webhook, secret } };
  throw problemsError("slipway:github.webhook", [
    `${webhookSecret}: got ${secret.length} characters, expected at least ${shortestSecret}: what GitHub signs deliveries with, e.g. of openssl rand -hex 32.`,
  ]);
}

/** The repository's side, which operations keeps for all environments. The token comes from `GITHUB_TOKEN`. */
export function repositoryDelivery(settings: OperationsSettings, state: StateAddresses): GitHubDelivery | undefined {
  const { github: repository, account, environmentAccounts } = settings;
  if (repository === undefined) return undefined;
  const provider = new github.Provider("github", { owner: repository.owner.name });
  const guarded = (environment: keyof GitHubAdministration["environments"], id: string) => {
    const { reviewers, waitTimer, branches, tags, region } = repository.environments[environment];
    return {
      ...{ environment, account: id, region: region ?? account.region },
      reviewers: { users: reviewers?.users ?? [], teams: reviewers?.teams ?? [] },
      ...(waitTimer !== undefined && { waitTimer }),
      branches: branches ?? ["main"],
      tags: tags ?? [],
    };
  };
  const dev = { account: environmentAccounts.dev, region: repository.environments.dev.region ?? account.region };
  return new GitHubDelivery(
    "github",
    {
      repository: repository.repository.name,
      deployApp: repository.deployApp,
      codecov: repository.codecov ?? false,
      ...webhookOf(repository, process.env),
      places: [
        guarded("operations", account.id),
        ...environmentNames.map((name) => guarded(name, environmentAccounts[name])),
      ],
      variables: {
        // Pull requests have no environment, so what they look at is known to all jobs.
        DEV_PREVIEW_ROLE_ARN: iamArn(dev, `role/${deliveryRole("preview")}`),
        DEV_REGION: dev.region,
        ...state,
      },
    },
    { providers: [provider] },
  );
}

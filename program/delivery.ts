import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { boundRoles } from "../components/delivery/bounded-roles.ts";
import { DeliveryIdentity } from "../components/delivery/delivery-identity.ts";
import type { DeliveryIdentityArgs } from "../components/delivery/delivery-identity.ts";
import { stateBucketStatements, stateKeyStatements } from "../components/delivery/state-access.ts";
import type { OperationsPipelineArgs } from "../components/operations/operations-pipeline.ts";
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
    stateAccess: { bucket: stateBucketStatements(operations, places), key: stateKeyStatements(places) },
  };
}

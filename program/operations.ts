import * as pulumi from "@pulumi/pulumi";
import { OperationsPipeline } from "../components/operations/operations-pipeline.ts";
import { identity, operationsArgs } from "../config/component-args.ts";
import type { Declared, OperationsOutputs } from "../config/outputs.ts";
import type { OperationsSettings } from "../config/schema.ts";
import { type StateAddresses, operationsDelivery, repositoryDelivery } from "./delivery.ts";
import { awsProvider } from "./providers.ts";

/** The account that every environment reads from. */
export function operations(settings: OperationsSettings): Declared<OperationsOutputs> {
  const provider = awsProvider(settings);
  const { transforms, stateAccess } = operationsDelivery(settings, provider);
  const pipeline = new OperationsPipeline(
    "operations",
    { ...operationsArgs(settings), ...(stateAccess && { stateAccess }) },
    {
      providers: [provider],
      transforms,
    },
  );
  repositoryDelivery(settings, addresses(pipeline, settings.account.region));
  return {
    ...identity(settings),
    kind: "operations",
    checks: [],
    artifactBucket: pipeline.artifactBucket,
    artifactKeyArn: pipeline.artifactKeyArn,
    stateBucket: pipeline.stateBucket,
    stateKeyArn: pipeline.stateKeyArn,
    repositories: pipeline.repositories,
  };
}

/** Where state, records and the key of secrets are, in the form in which the engine and the driver take it. */
function addresses({ stateBucket, stateKeyArn }: OperationsPipeline, region: string): StateAddresses {
  return {
    PULUMI_BACKEND_URL: pulumi.interpolate`s3://${stateBucket}?region=${region}`,
    SLIPWAY_STORE: pulumi.interpolate`s3://${stateBucket}/slipway?region=${region}&kmsKey=${stateKeyArn}`,
    SLIPWAY_SECRETS_PROVIDER: pulumi.interpolate`awskms:///${stateKeyArn}?region=${region}`,
  };
}

import { OperationsPipeline } from "../components/operations/operations-pipeline.ts";
import { identity, operationsArgs } from "../config/component-args.ts";
import type { Declared, OperationsOutputs } from "../config/outputs.ts";
import type { OperationsSettings } from "../config/schema.ts";
import { operationsDelivery } from "./delivery.ts";
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

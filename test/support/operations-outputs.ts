import type { OperationsOutputs } from "../../config/outputs.ts";

const registry = "111111111111.dkr.ecr.us-east-1.amazonaws.com";

/** What the operations stack tells the environments, as a StackReference delivers it. */
export function operationsOutputs(services: readonly string[] = ["api", "model", "predict", "web"]): OperationsOutputs {
  return {
    contract: 1,
    kind: "operations",
    environment: "operations",
    account: "111111111111",
    region: "us-east-1",
    checks: [],
    artifactBucket: "slipway-artifacts-111111111111-us-east-1",
    artifactKeyArn: "arn:aws:kms:us-east-1:111111111111:key/artifact",
    stateBucket: "slipway-state-111111111111-us-east-1",
    stateKeyArn: "arn:aws:kms:us-east-1:111111111111:key/state",
    repositories: Object.fromEntries(
      services.map((service) => [
        service,
        {
          name: `slipway/${service}`,
          arn: `arn:aws:ecr:us-east-1:111111111111:repository/slipway/${service}`,
          url: `${registry}/slipway/${service}`,
        },
      ]),
    ),
  };
}

/** Other stacks' outputs for a program run. */
export const siblingStacks = { "organization/slipway/operations": { ...operationsOutputs() } };

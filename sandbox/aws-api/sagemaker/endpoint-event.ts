import { arnOf, type Scope } from "../protocol.ts";
import type { EndpointState, EndpointStatus } from "./endpoint-state.ts";

/** Events write states in their own way. */
const words: Readonly<Record<EndpointStatus, string>> = {
  Creating: "CREATING",
  Updating: "UPDATING",
  InService: "IN_SERVICE",
  Failed: "FAILED",
};

/** What EventBridge is told when the status of an endpoint changes. */
export function endpointEvent(scope: Scope, { name, serves, status, created, modified }: EndpointState) {
  const arn = arnOf(scope, "sagemaker", `endpoint/${name.toLowerCase()}`);
  return {
    source: "aws.sagemaker",
    detailType: "SageMaker Endpoint State Change",
    resources: [arn],
    detail: {
      EndpointName: name,
      EndpointArn: arn,
      EndpointConfigName: serves.config,
      ProductionVariants: serves.variants.map(({ name: VariantName, weight, instances }) => ({
        ...{ VariantName, CurrentWeight: weight, DesiredWeight: weight },
        ...{ CurrentInstanceCount: instances, DesiredInstanceCount: instances },
      })),
      EndpointStatus: words[status],
      CreationTime: created,
      LastModifiedTime: modified,
      Tags: {},
    },
  };
}

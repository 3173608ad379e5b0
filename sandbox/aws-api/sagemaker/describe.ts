import type { Properties } from "../../types/type-spec.ts";
import { arnOf, present, seconds, type Scope } from "../protocol.ts";
import type { EndpointState, EndpointUpdate } from "./endpoint-state.ts";
import type { Variant } from "./models.ts";

/** The answer to DescribeEndpoint. */
export function describedEndpoint(scope: Scope, endpoint: EndpointState): Properties {
  const { name, serves, status, update, failure, created, modified } = endpoint;
  return present({
    EndpointName: name,
    EndpointArn: arnOf(scope, "sagemaker", `endpoint/${name.toLowerCase()}`),
    EndpointConfigName: serves.config,
    ProductionVariants: status === "Creating" ? undefined : serves.variants.map(variantSummary),
    DataCaptureConfig: captureSummary(serves.capture),
    EndpointStatus: status,
    FailureReason: failure,
    CreationTime: seconds(created),
    LastModifiedTime: seconds(modified),
    LastDeploymentConfig: endpoint.lastDeployment,
    PendingDeploymentSummary: update && pendingSummary(update),
  });
}

function variantSummary({ name, weight, instances, members }: Variant): Properties {
  const serverless = members["ServerlessConfig"];
  const capacity =
    serverless === undefined
      ? { CurrentInstanceCount: instances, DesiredInstanceCount: instances }
      : { CurrentServerlessConfig: serverless, DesiredServerlessConfig: serverless };
  return { VariantName: name, CurrentWeight: weight, DesiredWeight: weight, ...capacity };
}

function pendingSummary(update: EndpointUpdate): Properties {
  const status = { ...variantStatus(update), StartTime: seconds(update.since) };
  return {
    EndpointConfigName: update.to.config,
    StartTime: seconds(update.started),
    ProductionVariants: update.to.variants.map((variant) => ({ ...variantSummary(variant), VariantStatus: [status] })),
  };
}

function variantStatus({ steps, step }: EndpointUpdate): Properties {
  const current = steps[step];
  if (current === undefined) return { Status: "Creating", StatusMessage: "Launching 1 process(es) of the sandbox." };
  const { percent, seconds: wait } = current;
  const which = percent === 100 ? "full capacity" : `canary capacity of ${percent} %`;
  return {
    Status: "Baking",
    StatusMessage: `Baking for ${wait} seconds of production with traffic enabled on ${which}.`,
  };
}

/** Capturing is kept as a setting; the sandbox writes nothing. */
function captureSummary(capture: Properties | undefined): Properties | undefined {
  if (capture === undefined) return undefined;
  const { EnableCapture = false, InitialSamplingPercentage, DestinationS3Uri, KmsKeyId = "" } = capture;
  return present({
    EnableCapture,
    CaptureStatus: EnableCapture === true ? "Started" : "Stopped",
    CurrentSamplingPercentage: InitialSamplingPercentage,
    DestinationS3Uri,
    KmsKeyId,
  });
}

import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { takesKey } from "../../model/pipeline/machines.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { logGroup } from "../shared/log-group.ts";
import type { Removal } from "../shared/protection.ts";
import type { ModelNetwork, ModelScope } from "./model-scope.ts";
import type { EndpointSettings } from "./model-settings.ts";
import {
  alarmName,
  endpointLogGroup,
  endpointName,
  endpointVariant,
  modelBucket,
  modelName,
  modelRoleArn,
} from "./names.ts";

/** An endpoint that there is. */
export type LivingEndpoint = Exclude<EndpointSettings, { kind: "none" }>;
type OnInstances = Extract<EndpointSettings, { kind: "instances" }>;

export interface ModelEndpointArgs {
  scope: ModelScope;
  endpoint: LivingEndpoint;
  /** Image that serves, with a model baked into it: what the endpoint begins with. */
  image: string;
  /** Absent, it is in no network of the environment. */
  network?: ModelNetwork | undefined;
  /** Keys of the alarms that stop a deployment. */
  guardrails: readonly string[];
  logRetentionDays: number;
  removal: Removal;
}

/** For SageMaker to bring up machines, beside what a deployment waits on purpose. */
const startMinutes = 30;

/** How long a change of the endpoint may take. */
export function deploymentSeconds(endpoint: LivingEndpoint): number {
  if (endpoint.kind === "serverless") return startMinutes * 60;
  return (startMinutes + (endpoint.canary?.minutes ?? 0) + endpoint.terminationMinutes) * 60;
}

/** How a new model takes over. Serverless variants know no such steps. */
export function deploymentConfig(
  scope: Pick<ModelScope, "environment">,
  endpoint: OnInstances,
  guardrails: readonly string[],
): aws.types.input.sagemaker.EndpointDeploymentConfig {
  const { canary, terminationMinutes } = endpoint;
  return {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration:
        canary === undefined
          ? { type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 }
          : {
              type: "CANARY",
              canarySize: { type: "CAPACITY_PERCENT", value: canary.percentage },
              waitIntervalInSeconds: canary.minutes * 60,
            },
      terminationWaitInSeconds: terminationMinutes * 60,
      maximumExecutionTimeoutInSeconds: deploymentSeconds(endpoint),
    },
    autoRollbackConfiguration: { alarms: guardrails.map((key) => ({ alarmName: alarmName(scope, key) })) },
  };
}

function variant(endpoint: LivingEndpoint): Partial<aws.types.input.sagemaker.EndpointConfigurationProductionVariant> {
  if (endpoint.kind === "instances") {
    return { instanceType: endpoint.instanceType, initialInstanceCount: endpoint.count, initialVariantWeight: 1 };
  }
  const { memoryMb, maxConcurrency } = endpoint;
  return { serverlessConfig: { memorySizeInMb: memoryMb, maxConcurrency }, initialVariantWeight: 1 };
}

/** Where requests are kept together with their answers. */
export function captureUri(scope: ModelScope): string {
  return `s3://${modelBucket(scope, "model")}/capture`;
}

function capture(scope: ModelScope, endpoint: LivingEndpoint): Partial<aws.sagemaker.EndpointConfigurationArgs> {
  if (endpoint.kind === "serverless") return {};
  const disks = takesKey(endpoint.instanceType) ? { kmsKeyArn: scope.keyArn } : {};
  if (endpoint.capturePercentage === 0) return disks;
  return {
    ...disks,
    dataCaptureConfig: {
      enableCapture: true,
      initialSamplingPercentage: endpoint.capturePercentage,
      destinationS3Uri: captureUri(scope),
      kmsKeyId: scope.keyArn,
      captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
      captureContentTypeHeader: { jsonContentTypes: ["application/json"] },
    },
  };
}

/**
 * What answers predictions. The program makes it once, with the model that is baked into the image; from then on it belongs to
 * the function that deploys what is approved. What it began with stays as it was: taking it away would take the
 * configuration away below a living endpoint.
 */
export class ModelEndpoint extends SlipwayComponent {
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: ModelEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelEndpoint", name, opts);
    const { scope, endpoint, guardrails, logRetentionDays: retentionDays, removal } = args;
    const logs = logGroup(
      `${name}-logs`,
      { name: endpointLogGroup(scope), keyArn: scope.keyArn, retentionDays, removal },
      this,
    );
    const made = new aws.sagemaker.Endpoint(
      `${name}-endpoint`,
      {
        name: endpointName(scope),
        endpointConfigName: this.addStart(name, args),
        ...(endpoint.kind === "instances" && { deploymentConfig: deploymentConfig(scope, endpoint, guardrails) }),
      },
      // Were it the program that moved it, every release would take it back to the model it began with.
      childOf(this, { ignoreChanges: ["endpointConfigName", "deploymentConfig"], dependsOn: [logs] }),
    );
    this.name = made.name;
    this.registerOutputs({ name: this.name });
  }

  /** Model and configuration that it begins with. */
  private addStart(name: string, { scope, endpoint, image, network }: ModelEndpointArgs): pulumi.Output<string> {
    const begun = `${endpointName(scope)}-start`;
    const onInstances = endpoint.kind === "instances";
    const model = new aws.sagemaker.Model(
      `${name}-model`,
      {
        name: begun,
        executionRoleArn: modelRoleArn(scope, "serving"),
        primaryContainer: { image, environment: { MODEL_NAME: modelName } },
        enableNetworkIsolation: onInstances,
        ...(onInstances &&
          network && { vpcConfig: { subnets: network.subnets, securityGroupIds: network.securityGroups } }),
      },
      childOf(this, { ignoreChanges: ["primaryContainer", "enableNetworkIsolation", "vpcConfig"] }),
    );
    const configuration = new aws.sagemaker.EndpointConfiguration(
      `${name}-configuration`,
      {
        name: begun,
        productionVariants: [{ variantName: endpointVariant, modelName: model.name, ...variant(endpoint) }],
        ...capture(scope, endpoint),
      },
      childOf(this, { ignoreChanges: ["productionVariants", "dataCaptureConfig", "kmsKeyArn"] }),
    );
    return configuration.name;
  }
}

import { between, block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";
import {
  endpointConfigurationType,
  endpointType,
  hostingName,
  hostingNameRule,
  invalid,
  modelType,
  nameTaken,
  refuseRole,
  sagemakerArn,
  within,
} from "./sagemaker.ts";

const s3Uri = /^(https|s3):\/\/([^/]+)\/?(.*)$/;

function validContainer(property: string, container: Properties): Failure[] {
  const sources = ["modelDataUrl", "modelDataSource"].filter((source) => container[source] !== undefined);
  const named = container["modelPackageName"] !== undefined;
  return within(property, [
    named || container["image"] !== undefined
      ? undefined
      : { property, reason: "a container needs an image or a modelPackageName" },
    sources.length > 1 ? { property, reason: `${sources.join(" and ")} exclude each other` } : undefined,
    mustMatch(container, "image", /^\S{1,255}$/, "1 to 255 characters without spaces"),
    mustMatch(container, "modelDataUrl", s3Uri, "an S3 location"),
    oneOf(container, "mode", ["SingleModel", "MultiModel"]),
    mustMatch(container, "containerHostname", hostingName, hostingNameRule),
  ]);
}

function validContainers(inputs: Properties): Failure[] {
  const containers = list(inputs["containers"]).map(block);
  const ways = ["primaryContainer", "containers"].filter((way) => inputs[way] !== undefined);
  return failures(
    ways.length === 1
      ? undefined
      : invalid(ways[1] ?? "primaryContainer", "exactly one of primaryContainer and containers must be given"),
    containers.length > 15 ? invalid("containers", "a model has at most 15 containers") : undefined,
    typeof inputs["primaryContainer"] === "object"
      ? validContainer("primaryContainer", block(inputs["primaryContainer"]))
      : [],
    containers.flatMap((container) => validContainer("containers", container)),
  );
}

/** Configurations name models, endpoints name configurations; what is named stays. */
function namedBy(
  type: string,
  names: (holder: CloudResource) => readonly unknown[],
  kind: string,
): NonNullable<TypeSpec["inUse"]> {
  return (resource: CloudResource, context: TypeContext) => {
    const holder = context.find(type).find((other) => names(other).includes(resource.id));
    if (holder === undefined) return undefined;
    return `ValidationException: Cannot delete ${kind} "${resource.id}", it is in use by "${holder.id}".`;
  };
}

const model = awsType({
  type: modelType,
  taggable: true,
  autoName: { property: "name", maxLength: 63 },
  defaults: { enableNetworkIsolation: false },
  validate: (inputs) =>
    failures(
      required(inputs, "executionRoleArn"),
      mustMatch(inputs, "name", hostingName, hostingNameRule),
      mustBeArn(inputs, "executionRoleArn", "iam"),
      validContainers(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: sagemakerArn(context, "model", id),
    inferenceExecutionConfig: inputs["inferenceExecutionConfig"] ?? { mode: "Serial" },
  }),
  computed: ["arn", "inferenceExecutionConfig"],
  replaceOn: [
    ...["name", "executionRoleArn", "primaryContainer", "containers", "enableNetworkIsolation", "vpcConfig"],
    "inferenceExecutionConfig",
  ],
  references: {
    executionRoleArn: roleType,
    "vpcConfig.subnets": "aws:ec2/subnet:Subnet",
    "vpcConfig.securityGroupIds": "aws:ec2/securityGroup:SecurityGroup",
  },
  refuseCreate: (inputs, context) => refuseRole(inputs["executionRoleArn"], context),
  unique: { properties: ["name"], error: nameTaken("model", "name") },
  inUse: namedBy(
    endpointConfigurationType,
    (holder) => variantsOf(holder.inputs).map((one) => one["modelName"]),
    "model",
  ),
  fidelity:
    "container, role and network checked; the image and the model data are not looked for. SageMaker deletes a model that a configuration names, this does not",
});

/** Production and shadow variants, in the order in which they are written. */
export function variantsOf(inputs: Properties): Properties[] {
  return [...list(inputs["productionVariants"]), ...list(inputs["shadowProductionVariants"])].map(block);
}

function validVariant(variant: Properties): (Failure | undefined)[] {
  const serverless = block(variant["serverlessConfig"]);
  const onServers = variant["serverlessConfig"] === undefined;
  const { maxConcurrency, provisionedConcurrency } = serverless;
  const most = typeof maxConcurrency === "number" ? maxConcurrency : 200;
  const stray = ["instanceType", "initialInstanceCount", "volumeSizeInGb"].find((key) => variant[key] !== undefined);
  return [
    mustMatch(variant, "variantName", hostingName, hostingNameRule),
    ...(onServers && variant["modelName"] !== undefined
      ? required(variant, "instanceType", "initialInstanceCount")
      : []),
    mustMatch(variant, "instanceType", /^ml\.[a-z0-9-]+\.[a-z0-9]+$/, "such as ml.m5.large"),
    between(variant, "initialInstanceCount", 1, 10_000),
    typeof variant["initialVariantWeight"] === "number" && variant["initialVariantWeight"] < 0
      ? { property: "initialVariantWeight", reason: "expected initialVariantWeight to be at least 0" }
      : undefined,
    between(variant, "containerStartupHealthCheckTimeoutInSeconds", 60, 3_600),
    between(variant, "modelDataDownloadTimeoutInSeconds", 60, 3_600),
    between(variant, "volumeSizeInGb", 1, 512),
    ...(onServers ? [] : required(serverless, "maxConcurrency", "memorySizeInMb")),
    !onServers && stray !== undefined
      ? { property: stray, reason: `${stray} does not go with serverlessConfig` }
      : undefined,
    oneOf(serverless, "memorySizeInMb", [1_024, 2_048, 3_072, 4_096, 5_120, 6_144]),
    between(serverless, "maxConcurrency", 1, 200),
    provisionedConcurrency === undefined ? undefined : between(serverless, "provisionedConcurrency", 1, most),
  ];
}

function validVariants(inputs: Properties): Failure[] {
  const variants = list(inputs["productionVariants"]).map(block);
  const names = variants.flatMap((variant) => text(variant["variantName"]) ?? []);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const serverless = variants.filter((variant) => variant["serverlessConfig"] !== undefined).length;
  const fail = (reason: string): Failure => invalid("productionVariants", reason);
  const count = variants.length;
  return failures(
    Array.isArray(inputs["productionVariants"]) && (count < 1 || count > 10)
      ? fail(`1 to 10 production variants, got ${count}`)
      : undefined,
    twice === undefined ? undefined : fail(`Variant names must be unique, ${twice} is used twice`),
    serverless > 0 && count > 1 ? fail("a serverless endpoint has exactly one production variant") : undefined,
    serverless > 0 && inputs["dataCaptureConfig"] !== undefined
      ? invalid("dataCaptureConfig", "data capture does not go with a serverless variant")
      : undefined,
    variants.flatMap((variant) => within("productionVariants", validVariant(variant))),
  );
}

function validCapture(inputs: Properties): Failure[] {
  const capture = block(inputs["dataCaptureConfig"]);
  const options = list(capture["captureOptions"]);
  if (typeof inputs["dataCaptureConfig"] !== "object") return [];
  return within("dataCaptureConfig", [
    ...required(capture, "destinationS3Uri", "initialSamplingPercentage", "captureOptions"),
    between(capture, "initialSamplingPercentage", 0, 100),
    mustMatch(capture, "destinationS3Uri", s3Uri, "an S3 location"),
    Array.isArray(capture["captureOptions"]) && (options.length < 1 || options.length > 2)
      ? { property: "captureOptions", reason: `1 or 2 capture options, got ${options.length}` }
      : undefined,
    ...options.map((option) => oneOf(block(option), "captureMode", ["Input", "Output", "InputAndOutput"])),
    mustBeArn(capture, "kmsKeyId", "kms"),
  ]);
}

/** Serverless endpoints know no network of the customer's. */
function refuseConfiguration(inputs: Properties, context: TypeContext): string | undefined {
  for (const { modelName, serverlessConfig } of variantsOf(inputs)) {
    if (serverlessConfig === undefined) continue;
    const found = context.find(modelType).find(({ id }) => id === modelName);
    if (found?.inputs["vpcConfig"] !== undefined)
      return "ValidationException: Vpc Config is not supported for Serverless endpoints.";
    if (found?.inputs["enableNetworkIsolation"] === true)
      return "ValidationException: Network isolation is not supported for Serverless endpoints.";
  }
  return undefined;
}

const configuration = awsType({
  type: endpointConfigurationType,
  taggable: true,
  autoName: { property: "name", maxLength: 63 },
  validate: (inputs) =>
    failures(
      required(inputs, "productionVariants"),
      mustMatch(inputs, "name", hostingName, hostingNameRule),
      mustBeArn(inputs, "kmsKeyArn", "kms"),
      mustBeArn(inputs, "executionRoleArn", "iam"),
      validVariants(inputs),
      validCapture(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({ arn: sagemakerArn(context, "endpoint-config", id), namePrefix: "" }),
  computed: ["arn", "namePrefix"],
  // A configuration never changes: another one takes its place, and the endpoint is pointed at that.
  replaceOn: [
    ...["name", "namePrefix", "productionVariants", "shadowProductionVariants", "dataCaptureConfig", "kmsKeyArn"],
    ...["asyncInferenceConfig", "executionRoleArn"],
  ],
  references: {
    "productionVariants.modelName": modelType,
    "shadowProductionVariants.modelName": modelType,
    executionRoleArn: roleType,
  },
  refuseCreate: refuseConfiguration,
  unique: { properties: ["name"], error: nameTaken("endpoint configuration", "name") },
  inUse: namedBy(endpointType, (holder) => [holder.inputs["endpointConfigName"]], "endpoint configuration"),
  fidelity: "variants, serverless limits and capture checked, models must exist; stays as long as an endpoint uses it",
});

export const sagemakerHostingTypes: readonly TypeSpec[] = [model, configuration];

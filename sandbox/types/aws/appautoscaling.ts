import { arn, between, block, failures, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { variantsOf } from "./sagemaker-hosting.ts";
import { endpointConfigurationType, endpointType } from "./sagemaker.ts";

const targetType = "aws:appautoscaling/target:Target";
const policyType = "aws:appautoscaling/policy:Policy";

const invalid = (property: string, reason: string): Failure => ({ property, reason: `ValidationException: ${reason}` });

/** Dimensions whose form and resource are known; the others are taken as they are. */
const dimensions: Readonly<Record<string, { namespace: string; resource: RegExp; form: string }>> = {
  "sagemaker:variant:DesiredInstanceCount": {
    namespace: "sagemaker",
    resource: /^endpoint\/[^/]+\/variant\/[^/]+$/,
    form: "endpoint/<name>/variant/<variant>",
  },
  "sagemaker:variant:DesiredProvisionedConcurrency": {
    namespace: "sagemaker",
    resource: /^endpoint\/[^/]+\/variant\/[^/]+$/,
    form: "endpoint/<name>/variant/<variant>",
  },
  "lambda:function:ProvisionedConcurrency": {
    namespace: "lambda",
    resource: /^function:[^:]+:[^:]+$/,
    form: "function:<name>:<alias or version>",
  },
};

/** What both a target and its policies say: which number of which resource. */
function validDimension(inputs: Properties): Failure[] {
  const wanted = dimensions[text(inputs["scalableDimension"]) ?? ""];
  const namespace = text(inputs["serviceNamespace"]);
  const resource = text(inputs["resourceId"]);
  return failures(
    required(inputs, "resourceId", "scalableDimension", "serviceNamespace"),
    mustMatch(
      inputs,
      "scalableDimension",
      /^[a-z-]+:[a-zA-Z-]+:[A-Za-z]+$/,
      "such as sagemaker:variant:DesiredInstanceCount",
    ),
    wanted !== undefined && namespace !== undefined && namespace !== wanted.namespace
      ? invalid("serviceNamespace", `Unsupported service namespace ${namespace} for the scalable dimension`)
      : undefined,
    wanted !== undefined && resource !== undefined && !wanted.resource.test(resource)
      ? invalid("resourceId", `expected ${wanted.form}, got ${resource}`)
      : undefined,
  );
}

/** Variants of endpoints have to be there, and those without servers scale by provisioned concurrency alone. */
function refuseTarget(inputs: Properties, context: TypeContext): string | undefined {
  const [, endpoint, variant] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(text(inputs["resourceId"]) ?? "") ?? [];
  if (inputs["serviceNamespace"] !== "sagemaker" || endpoint === undefined) return undefined;
  const found = context.find(endpointType).find(({ id }) => id === endpoint);
  if (found === undefined) return `ValidationException: Could not find endpoint "${endpoint}".`;
  const configuration = context
    .find(endpointConfigurationType)
    .find(({ id }) => id === found.inputs["endpointConfigName"]);
  const own = variantsOf(configuration?.inputs ?? {}).find((one) => one["variantName"] === variant);
  if (own === undefined)
    return `ValidationException: The endpoint ${endpoint} has no production variant ${variant ?? ""}.`;
  const instances = inputs["scalableDimension"] === "sagemaker:variant:DesiredInstanceCount";
  return instances && own["serverlessConfig"] !== undefined
    ? `ValidationException: The variant ${variant} is serverless and has no instances to scale.`
    : undefined;
}

const sameDimension = (a: Properties, b: Properties): boolean =>
  ["resourceId", "scalableDimension", "serviceNamespace"].every((key) => a[key] === b[key]);

const target = awsType({
  type: targetType,
  taggable: true,
  validate: (inputs) => {
    const { minCapacity, maxCapacity } = inputs;
    const swapped = typeof minCapacity === "number" && typeof maxCapacity === "number" && minCapacity > maxCapacity;
    return failures(
      required(inputs, "minCapacity", "maxCapacity"),
      between(inputs, "minCapacity", 0, 100_000),
      between(inputs, "maxCapacity", 0, 100_000),
      swapped
        ? invalid("maxCapacity", `Maximum capacity cannot be less than minimum capacity (${minCapacity})`)
        : undefined,
      mustBeArn(inputs, "roleArn", "iam"),
      validDimension(inputs),
    );
  },
  // The provider's own id is the resource alone, which may be scaled in two dimensions.
  id: (inputs) => `${String(inputs["resourceId"])}/${String(inputs["scalableDimension"])}`,
  outputs: (inputs, _id, context) => ({
    arn: arn(context, "application-autoscaling", `scalable-target/${context.suffix(32)}`),
    roleArn: text(inputs["roleArn"]) ?? serviceRole(inputs, context),
    suspendedState: inputs["suspendedState"] ?? {
      ...{ dynamicScalingInSuspended: false, dynamicScalingOutSuspended: false, scheduledScalingSuspended: false },
    },
  }),
  computed: ["arn", "roleArn", "suspendedState"],
  replaceOn: ["resourceId", "scalableDimension", "serviceNamespace"],
  refuseCreate: refuseTarget,
  // Registering what is registered changes it.
  overwrites: true,
  cascade: (resource, context) =>
    context.find(policyType).filter(({ inputs }) => sameDimension(inputs, resource.inputs)),
  fidelity: "limits and variant checked; nothing is scaled",
});

const serviceNames: Readonly<Record<string, string>> = { sagemaker: "SageMakerEndpoint", lambda: "LambdaConcurrency" };

function serviceRole(inputs: Properties, { partition, account }: TypeContext): string {
  const kind = serviceNames[text(inputs["serviceNamespace"]) ?? ""] ?? "Service";
  const path = `aws-service-role/${text(inputs["serviceNamespace"]) ?? ""}.application-autoscaling.amazonaws.com`;
  return `arn:${partition}:iam::${account}:role/${path}/AWSServiceRoleForApplicationAutoScaling_${kind}`;
}

const configurations = {
  TargetTrackingScaling: "targetTrackingScalingPolicyConfiguration",
  StepScaling: "stepScalingPolicyConfiguration",
  PredictiveScaling: "predictiveScalingPolicyConfiguration",
} as const;

function validPolicy(inputs: Properties): Failure[] {
  if (typeof inputs["policyType"] === "symbol") return [];
  const kind = text(inputs["policyType"]) ?? "StepScaling";
  const wanted = Object.entries(configurations).find(([name]) => name === kind)?.[1];
  const stray = Object.values(configurations).find((key) => key !== wanted && inputs[key] !== undefined);
  const tracking = block(inputs[configurations.TargetTrackingScaling]);
  const metrics = ["predefinedMetricSpecification", "customizedMetricSpecification"].filter(
    (key) => tracking[key] !== undefined,
  );
  const property = configurations.TargetTrackingScaling;
  return failures(
    oneOf(inputs, "policyType", Object.keys(configurations)),
    wanted === undefined ? [] : required(inputs, wanted),
    stray === undefined ? undefined : invalid(stray, `does not go with policyType ${kind}`),
    typeof inputs[property] === "object" && metrics.length !== 1
      ? invalid(
          property,
          "exactly one of predefinedMetricSpecification and customizedMetricSpecification must be given",
        )
      : undefined,
    failures(
      typeof inputs[property] === "object" ? required(tracking, "targetValue") : [],
      between(tracking, "scaleInCooldown", 0, 86_400),
      between(tracking, "scaleOutCooldown", 0, 86_400),
    ).map(({ reason }) => invalid(property, reason)),
  );
}

function registered(inputs: Properties, context: TypeContext): CloudResource | undefined {
  return context.find(targetType).find((other) => sameDimension(other.inputs, inputs));
}

const policy = awsType({
  type: policyType,
  autoName: { property: "name", maxLength: 255 },
  defaults: { policyType: "StepScaling" },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[^]{1,255}$/, "1 to 255 characters"),
      validDimension(inputs),
      validPolicy(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => {
    const path = `scalingPolicy:${uuid(context)}:resource/${String(inputs["serviceNamespace"])}/${String(inputs["resourceId"])}:policyName/${id}`;
    const alarms = ["AlarmHigh", "AlarmLow"].map((kind) =>
      arn(context, "cloudwatch", `alarm:TargetTracking-${String(inputs["resourceId"])}-${kind}-${context.suffix(12)}`),
    );
    return {
      arn: arn(context, "autoscaling", path),
      alarmArns: inputs["policyType"] === "TargetTrackingScaling" ? alarms : [],
    };
  },
  computed: ["arn", "alarmArns"],
  replaceOn: ["name", "resourceId", "scalableDimension", "serviceNamespace"],
  refuseCreate: (inputs, context) =>
    registered(inputs, context) === undefined
      ? `ObjectNotFoundException: No scalable target registered for service namespace: ${String(inputs["serviceNamespace"])}, resource ID: ${String(inputs["resourceId"])}, scalable dimension: ${String(inputs["scalableDimension"])}`
      : undefined,
  fidelity: "target and metric checked; its alarms are named and never ring",
});

export const appAutoscalingTypes: readonly TypeSpec[] = [target, policy];

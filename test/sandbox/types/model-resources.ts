import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { account, resource } from "./context.ts";
import { roleArn } from "./data-resources.ts";

/** Type token of `module/Name`. */
export const of = (kind: string) => {
  const [module = "", name = ""] = kind.split("/");
  return `aws:${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
};
export const sagemaker = `arn:aws:sagemaker:eu-west-1:${account}`;
export const codedeploy = `arn:aws:codedeploy:eu-west-1:${account}`;
export const api = resource(of("apigatewayv2/Api"), "api1", { protocolType: "HTTP" });
export const integration = resource(of("apigatewayv2/Integration"), "i1", { apiId: "api1" });
export const authorizer = resource(of("apigatewayv2/Authorizer"), "z1", { apiId: "api1" });
export const alarm = resource(of("cloudwatch/MetricAlarm"), "a", { name: "a" });
export const model = (more: Properties = {}) => resource(of("sagemaker/Model"), "m", { name: "m", ...more });
export const variant = { variantName: "v", modelName: "m", initialInstanceCount: 2, instanceType: "ml.m5.large" };
export const serverless = {
  variantName: "v",
  modelName: "m",
  serverlessConfig: { maxConcurrency: 1, memorySizeInMb: 1_024 },
};
export const configuration = (one: Properties = variant) =>
  resource(of("sagemaker/EndpointConfiguration"), "c", { name: "c", productionVariants: [one] });
export const endpoint = resource(of("sagemaker/Endpoint"), "e", { name: "e", endpointConfigName: "c" });
export const application = (computePlatform = "Lambda") =>
  resource(of("codedeploy/Application"), "app", { name: "app" }, { computePlatform });
export const steps = resource(of("codedeploy/DeploymentConfig"), "own", {}, { computePlatform: "Lambda" });
export const group = {
  ...{ appName: "app", deploymentGroupName: "g", serviceRoleArn: roleArn, deploymentConfigName: "own" },
  deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
  alarmConfiguration: { enabled: true, alarms: ["a"] },
};
export const scaled = {
  ...{ resourceId: "endpoint/e/variant/v", serviceNamespace: "sagemaker" },
  scalableDimension: "sagemaker:variant:DesiredInstanceCount",
};
export const target = resource(of("appautoscaling/Target"), "t", scaled);
export const domain = (authMode: string) => resource(of("sagemaker/Domain"), "d-1", { authMode });

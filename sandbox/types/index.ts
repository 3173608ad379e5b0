import { alarmTypes } from "./aws/alarms.ts";
import { apiGatewayTypes } from "./aws/apigateway.ts";
import { apiGatewayRouteTypes } from "./aws/apigateway-routes.ts";
import { appAutoscalingTypes } from "./aws/appautoscaling.ts";
import { athenaTypes } from "./aws/athena.ts";
import { chatbotTypes } from "./aws/chatbot.ts";
import { cloudwatchTypes } from "./aws/cloudwatch.ts";
import { codeDeployTypes } from "./aws/codedeploy.ts";
import { costTypes } from "./aws/costs.ts";
import { dashboardTypes } from "./aws/dashboards.ts";
import { ec2Types } from "./aws/ec2.ts";
import { ecrTypes } from "./aws/ecr.ts";
import { eksTypes } from "./aws/eks.ts";
import { eventPermissionTypes } from "./aws/event-permissions.ts";
import { eventTypes } from "./aws/events.ts";
import { glueCatalogTypes } from "./aws/glue-catalog.ts";
import { glueJobTypes } from "./aws/glue-jobs.ts";
import { glueSettingTypes } from "./aws/glue-settings.ts";
import { iamTypes } from "./aws/iam.ts";
import { awsInvokes } from "./aws/invokes.ts";
import { kmsTypes } from "./aws/kms.ts";
import { lambdaTypes } from "./aws/lambda-function.ts";
import { lambdaInvocationTypes } from "./aws/lambda-invocation.ts";
import { routingTypes } from "./aws/routing.ts";
import { s3Types } from "./aws/s3.ts";
import { s3ObjectTypes } from "./aws/s3-objects.ts";
import { sagemakerEndpointTypes } from "./aws/sagemaker-endpoint.ts";
import { sagemakerHostingTypes } from "./aws/sagemaker-hosting.ts";
import { sagemakerPipelineTypes } from "./aws/sagemaker-pipeline.ts";
import { sagemakerRegistryTypes } from "./aws/sagemaker-registry.ts";
import { sagemakerStudioTypes } from "./aws/sagemaker-studio.ts";
import { schedulerTypes } from "./aws/scheduler.ts";
import { secretTypes } from "./aws/secrets.ts";
import { securityGroupTypes } from "./aws/security-group.ts";
import { serviceQuotaTypes } from "./aws/service-quotas.ts";
import { snsTypes } from "./aws/sns.ts";
import { sqsTypes } from "./aws/sqs.ts";
import { statesTypes } from "./aws/states.ts";
import { syntheticsTypes } from "./aws/synthetics.ts";
import { vpcTypes } from "./aws/vpc.ts";
import { githubTypes } from "./github/repositories.ts";
import { objectTypes } from "./kubernetes/objects.ts";
import { releaseTypes } from "./kubernetes/release.ts";
import { streamTypes } from "./mongodbatlas/streams.ts";
import type { Invoke, TypeSpec } from "./type-spec.ts";

export type { CloudResource, Failure, Invoke, InvokeContext, Properties, TypeContext, TypeSpec } from "./type-spec.ts";

const specs: readonly TypeSpec[] = [
  ...s3Types,
  ...kmsTypes,
  ...ecrTypes,
  ...iamTypes,
  ...vpcTypes,
  ...routingTypes,
  ...securityGroupTypes,
  ...ec2Types,
  ...eksTypes,
  ...cloudwatchTypes,
  ...glueCatalogTypes,
  ...glueJobTypes,
  ...glueSettingTypes,
  ...lambdaTypes,
  ...lambdaInvocationTypes,
  ...statesTypes,
  ...alarmTypes,
  ...chatbotTypes,
  ...costTypes,
  ...syntheticsTypes,
  ...athenaTypes,
  ...dashboardTypes,
  ...eventTypes,
  ...s3ObjectTypes,
  ...schedulerTypes,
  ...secretTypes,
  ...snsTypes,
  ...sqsTypes,
  ...apiGatewayTypes,
  ...apiGatewayRouteTypes,
  ...appAutoscalingTypes,
  ...codeDeployTypes,
  ...eventPermissionTypes,
  ...sagemakerEndpointTypes,
  ...sagemakerHostingTypes,
  ...sagemakerPipelineTypes,
  ...sagemakerRegistryTypes,
  ...sagemakerStudioTypes,
  ...serviceQuotaTypes,
  ...objectTypes,
  ...releaseTypes,
  ...githubTypes,
  ...streamTypes,
];
const byType: ReadonlyMap<string, TypeSpec> = new Map(specs.map((spec) => [spec.type, spec]));

/** How a type behaves, or undefined for a type that is only echoed. */
export function typeSpec(token: string): TypeSpec | undefined {
  return byType.get(token);
}

/** Every type with a table of its own. */
export function allTypeSpecs(): readonly TypeSpec[] {
  return specs;
}

/** Data sources by token. */
export const invokes: Readonly<Record<string, Invoke>> = awsInvokes;

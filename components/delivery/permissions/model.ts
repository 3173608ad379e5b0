import type { Statement } from "../../shared/iam.ts";
import { partitionOf } from "../../shared/naming.ts";
import { type Place, environmentPrefix, regionalArn } from "../names.ts";
import { type Kind, named, statementOf, words } from "./kinds.ts";

const kinds: readonly Kind[] = [
  {
    sid: "TrainingPipelines",
    service: "sagemaker",
    resources: named("pipeline/"),
    read: words("DescribePipeline DescribePipelineExecution ListPipelineExecutionSteps ListTags"),
    change: words(
      "AddTags CreatePipeline DeletePipeline DeleteTags StartPipelineExecution StopPipelineExecution UpdatePipeline",
    ),
  },
  {
    sid: "Models",
    service: "sagemaker",
    resources: named("model-package-group/", "model-package/"),
    read: words("DescribeModelPackage DescribeModelPackageGroup GetModelPackageGroupPolicy ListTags"),
    // Approving a model is updating its package.
    change: words(
      "AddTags CreateModelPackageGroup DeleteModelPackageGroup DeleteModelPackageGroupPolicy DeleteTags PutModelPackageGroupPolicy UpdateModelPackage",
    ),
  },
  {
    sid: "Endpoints",
    service: "sagemaker",
    resources: named("endpoint/", "endpoint-config/", "model/"),
    read: words("DescribeEndpoint DescribeEndpointConfig DescribeModel ListTags"),
    change: words(
      "AddTags CreateEndpoint CreateEndpointConfig CreateModel DeleteEndpoint DeleteEndpointConfig DeleteModel DeleteTags InvokeEndpoint UpdateEndpoint",
    ),
  },
  {
    sid: "Tracking",
    service: "sagemaker",
    resources: named("mlflow-tracking-server/"),
    read: words("DescribeMlflowTrackingServer ListTags"),
    change: words(
      "AddTags CreateMlflowTrackingServer DeleteMlflowTrackingServer DeleteTags UpdateMlflowTrackingServer",
    ),
  },
  {
    sid: "Studio",
    service: "sagemaker",
    // SageMaker makes up the ids of domains.
    resources: () => ["domain/*", "user-profile/*"],
    read: words("DescribeDomain DescribeUserProfile ListTags"),
    change: words(
      "AddTags CreateDomain CreateUserProfile DeleteDomain DeleteTags DeleteUserProfile UpdateDomain UpdateUserProfile",
    ),
  },
  {
    sid: "Aliases",
    service: "lambda",
    resources: named("function:"),
    read: words("GetAlias GetProvisionedConcurrencyConfig ListAliases"),
    change: words("CreateAlias DeleteAlias UpdateAlias"),
  },
  {
    sid: "Shifts",
    service: "codedeploy",
    resources: named("application:", "deploymentgroup:", "deploymentconfig:"),
    read: words(
      "GetApplication GetDeployment GetDeploymentConfig GetDeploymentGroup ListDeployments ListTagsForResource",
    ),
    change: words(
      "CreateApplication CreateDeployment CreateDeploymentConfig CreateDeploymentGroup DeleteApplication DeleteDeploymentConfig DeleteDeploymentGroup GetApplicationRevision RegisterApplicationRevision TagResource UntagResource UpdateApplication UpdateDeploymentGroup",
    ),
  },
  {
    sid: "Quotas",
    service: "servicequotas",
    resources: () => ["sagemaker/*"],
    read: words("GetServiceQuota"),
    change: words("RequestServiceQuotaIncrease"),
  },
];

/** API Gateway makes up the ids of APIs, and its ARNs name no account. */
function apis({ region }: Place): string[] {
  return ["apis", "apis/*", "tags/*"].map((path) => `arn:${partitionOf(region)}:apigateway:${region}::/${path}`);
}

/** Looking at everything that the model pipeline is made of, but at no model. */
export function readModel(place: Place): Statement[] {
  return [
    ...kinds.map((kind) => statementOf(place, kind, "Read")),
    { sid: "ReadApis", actions: ["apigateway:GET"], resources: apis(place) },
    {
      sid: "ReadBus",
      actions: ["events:DescribeEventBus"],
      resources: [regionalArn(place, "events", "event-bus/default")],
    },
    {
      sid: "ReadUsualShifts",
      actions: ["codedeploy:GetDeploymentConfig"],
      resources: [regionalArn(place, "codedeploy", "deploymentconfig:CodeDeployDefault.*")],
    },
    {
      sid: "ListModels",
      actions: [
        "codedeploy:GetDeploymentTarget",
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentTargets",
        "sagemaker:ListModelPackages",
        "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota",
      ],
      resources: ["*"],
      wildcardReason: "these calls have no resource",
    },
  ];
}

/** Everything that the model pipeline is made of. */
export function changeModel(place: Place): Statement[] {
  return [
    ...kinds.map((kind) => statementOf(place, kind, "Change")),
    {
      // A verification asks the function behind the API, and people start a training.
      sid: "AskFunctions",
      actions: ["lambda:InvokeFunction"],
      resources: ["models-api:*", "training-handler"].map((name) =>
        regionalArn(place, "lambda", `function:${environmentPrefix(place)}${name}`),
      ),
    },
    {
      sid: "StopShiftsAndOpenBus",
      actions: ["codedeploy:StopDeployment", "events:PutPermission", "events:RemovePermission"],
      resources: ["*"],
      wildcardReason: "these calls have no resource",
    },
    {
      sid: "ChangeApis",
      actions: ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"],
      resources: apis(place),
    },
  ];
}

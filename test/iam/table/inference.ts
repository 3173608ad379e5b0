import { type Place, type Table, arn, bucket, may, not } from "./row.ts";
import { fn, housing, modelKey, never, sagemaker, throughS3 } from "./model-words.ts";

/** Rows of the roles behind the inference API. */
export function inferenceTable(place: Place): Table {
  const own = `slipway-${place.environment}-model-inference`;
  const group = arn(
    place,
    "codedeploy",
    `deploymentgroup:slipway-${place.environment}-inference/slipway-${place.environment}-inference`,
  );
  const hook = [
    may("lambda:InvokeFunction", `${fn(place, "models-api")}:3`),
    not("lambda:InvokeFunction", `${fn(place, "data-validate")}:3`),
    may("codedeploy:GetDeployment", group),
    not("codedeploy:GetDeployment", arn(place, "codedeploy", "deploymentgroup:somebody/x")),
    may("codedeploy:PutLifecycleEventHookExecutionStatus", "*"),
    not("codedeploy:CreateDeployment", group),
    not("lambda:UpdateAlias", fn(place, "models-api")),
    ...never(place),
  ];
  return {
    [`${own}-models-api-role`]: [
      may("s3:GetObject", bucket(place, "model", `registry/${housing(place)}/index.json`)),
      not("s3:PutObject", bucket(place, "model", `registry/${housing(place)}/index.json`)),
      not("s3:GetObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
      may("sagemaker:InvokeEndpoint", sagemaker(place, `endpoint/${housing(place)}`)),
      not("sagemaker:InvokeEndpoint", sagemaker(place, "endpoint/somebody")),
      not("sagemaker:UpdateEndpoint", sagemaker(place, `endpoint/${housing(place)}`)),
      ...never(place),
    ],
    [`${own}-hook-before-role`]: hook,
    [`${own}-hook-after-role`]: hook,
    [`${own}-traffic-role`]: [
      may("lambda:UpdateAlias", fn(place, "models-api")),
      not("lambda:UpdateAlias", fn(place, "data-validate")),
      not("lambda:UpdateFunctionCode", fn(place, "models-api")),
      may("lambda:InvokeFunction", fn(place, "traffic-hook-before")),
      may("cloudwatch:DescribeAlarms", arn(place, "cloudwatch", `alarm:slipway-${place.environment}-inference-errors`)),
      ...never(place),
    ],
  };
}

/** Rows of the pods that answer from the registry. */
export function podTable(place: Place): Table {
  const own = `slipway-${place.environment}-services`;
  const model = bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz");
  const common = [
    may("s3:GetObject", bucket(place, "model", `registry/${housing(place)}/approved.json`)),
    not("s3:PutObject", bucket(place, "model", `registry/${housing(place)}/approved.json`)),
    not("s3:GetObject", bucket(place, "model", "registry/other/approved.json")),
    not("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/train/train.csv")),
    may("kms:Decrypt", modelKey(place), throughS3),
    not("sagemaker:InvokeEndpoint", sagemaker(place, `endpoint/${housing(place)}`)),
    ...never(place),
  ];
  return {
    [`${own}-api-identity-role`]: [...common, not("s3:GetObject", model)],
    [`${own}-predict-identity-role`]: [...common, may("s3:GetObject", model)],
  };
}

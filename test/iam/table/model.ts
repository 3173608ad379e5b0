import { type Place, type Row, type Table, arn, bucket, iam, may, not } from "./row.ts";

const throughS3 = { "kms:ViaService": "s3.us-east-1.amazonaws.com" };
const toSageMaker = { "iam:PassedToService": "sagemaker.amazonaws.com" };
const grant = { "kms:GrantIsForAWSResource": "true" };

const modelKey = (place: Place) => arn(place, "kms", "key/model-encryption-key");
const dataKey = (place: Place) => arn(place, "kms", "key/data-encryption-key");
const sagemaker = (place: Place, what: string) => arn(place, "sagemaker", what);
const housing = ({ environment }: Place) => `slipway-${environment}-housing`;
const role = ({ environment, account }: Place, name: string) => iam(account, `role/slipway-${environment}-${name}`);
const fn = (place: Place, name: string) => arn(place, "lambda", `function:slipway-${place.environment}-${name}`);
const image = (name: string) => `arn:aws:ecr:us-east-1:111111111111:repository/slipway/${name}`;
const logs = (place: Place, group: string) => arn(place, "logs", `log-group:${group}:log-stream:x`);
const onInstances = ({ environment }: Place) => environment !== "dev";

/** What no role of the model pipeline comes to. */
function never(place: Place): Row[] {
  return [
    not("kms:Decrypt", modelKey(place)),
    not("kms:Decrypt", arn(place, "kms", "key/foundation-platform-key"), throughS3),
    not("s3:DeleteBucket", bucket(place, "model")),
    not("s3:PutObject", bucket(place, "model", "code/model/1.zip")),
    not("s3:PutObject", bucket(place, "processed", "houses/run=1/a.parquet")),
    not("s3:GetObject", bucket({ ...place, environment: "other" }, "model", "runs/1/train-model/x/model.tar.gz")),
    not("iam:PassRole", role(place, "data-pipeline-role"), toSageMaker),
    not(
      "secretsmanager:GetSecretValue",
      arn(place, "secretsmanager", "secret:slipway/x/data/source-credentials-abcdef"),
    ),
  ];
}

/** What jobs have in common. */
function jobRows(place: Place, kind: "Processing" | "Training"): Row[] {
  const network = arn(place, "ec2", "network-interface/eni-1");
  return [
    may("s3:GetObject", bucket(place, "model", "code/model/1.zip")),
    may("ecr:BatchGetImage", image("model")),
    not("ecr:BatchGetImage", image("web")),
    not("ecr:PutImage", image("model")),
    may("kms:Decrypt", modelKey(place), throughS3),
    may("kms:CreateGrant", modelKey(place), grant),
    not("kms:CreateGrant", modelKey(place)),
    may("logs:PutLogEvents", logs(place, `/aws/sagemaker/${kind}Jobs`)),
    (onInstances(place) ? may : not)("ec2:CreateNetworkInterface", network),
    not("ec2:DeleteVpc", arn(place, "ec2", "vpc/vpc-1")),
    not("sagemaker:CreateModelPackage", sagemaker(place, `model-package/${housing(place)}/1`)),
    not("s3:PutObject", bucket(place, "model", `registry/${housing(place)}/approved.json`)),
    ...never(place),
  ];
}

function preprocess(place: Place): Row[] {
  return [
    may("s3:GetObject", bucket(place, "model", "inputs/1/manifest.json")),
    may("s3:GetObject", bucket(place, "processed", "houses/run=1/a.parquet")),
    may("kms:Decrypt", dataKey(place), throughS3),
    not("s3:GetObject", bucket(place, "processed", "orders/run=1/a.parquet")),
    not("s3:GetObject", bucket(place, "raw", "incoming/houses/a.csv")),
    may("s3:PutObject", bucket(place, "model", "runs/1/preprocess-data/train/train.csv")),
    not("s3:PutObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    ...jobRows(place, "Processing"),
  ];
}

function train(place: Place): Row[] {
  return [
    may("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/train/train.csv")),
    may("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/validation/validation.csv")),
    // What a model is measured by, whoever trains it never sees.
    not("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/test/test.csv")),
    not("s3:GetObject", bucket(place, "processed", "houses/run=1/a.parquet")),
    not("kms:Decrypt", dataKey(place), throughS3),
    may("s3:PutObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    not("s3:PutObject", bucket(place, "model", "runs/1/evaluate-model/evaluation.json")),
    ...jobRows(place, "Training"),
  ];
}

function evaluate(place: Place): Row[] {
  return [
    may("s3:GetObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    may("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/test/test.csv")),
    may("s3:PutObject", bucket(place, "model", "runs/1/evaluate-model/evaluation.json")),
    not("s3:PutObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    not("s3:PutObject", bucket(place, "model", "runs/1/preprocess-data/test/test.csv")),
    not("s3:GetObject", bucket(place, "processed", "houses/run=1/a.parquet")),
    ...jobRows(place, "Processing"),
  ];
}

function pipeline(place: Place): Row[] {
  const group = housing(place);
  return [
    may("sagemaker:CreateProcessingJob", sagemaker(place, "processing-job/pipelines-abc-preprocess-data-x")),
    may("sagemaker:CreateTrainingJob", sagemaker(place, "training-job/pipelines-abc-train-model-x")),
    not("sagemaker:CreateTrainingJob", sagemaker(place, "training-job/somebody")),
    not("sagemaker:CreateHyperParameterTuningJob", sagemaker(place, "hyper-parameter-tuning-job/abc")),
    may("sagemaker:CreateModelPackage", sagemaker(place, `model-package/${group}/1`)),
    not("sagemaker:CreateModelPackage", sagemaker(place, "model-package/other/1")),
    // Approving is somebody else's decision.
    not("sagemaker:UpdateModelPackage", sagemaker(place, `model-package/${group}/1`)),
    not("sagemaker:UpdateEndpoint", sagemaker(place, `endpoint/${group}`)),
    may("iam:PassRole", role(place, "model-train"), toSageMaker),
    not("iam:PassRole", role(place, "model-train"), { "iam:PassedToService": "lambda.amazonaws.com" }),
    not("iam:PassRole", role(place, "model-serving"), toSageMaker),
    may("s3:GetObject", bucket(place, "model", "runs/1/evaluate-model/evaluation.json")),
    not("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/train/train.csv")),
    not("s3:PutObject", bucket(place, "model", "runs/1/evaluate-model/evaluation.json")),
    ...never(place),
  ];
}

function serving(place: Place): Row[] {
  const careful = onInstances(place) ? may : not;
  return [
    may("s3:GetObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    not("s3:GetObject", bucket(place, "model", "runs/1/preprocess-data/train/train.csv")),
    careful("s3:PutObject", bucket(place, "model", "capture/a.jsonl")),
    careful(
      "cloudwatch:DescribeAlarms",
      arn(place, "cloudwatch", `alarm:slipway-${place.environment}-model-endpoint-errors`),
    ),
    careful("ec2:CreateNetworkInterface", arn(place, "ec2", "network-interface/eni-1")),
    may("ecr:BatchGetImage", image("predict")),
    not("ecr:BatchGetImage", image("model")),
    may("logs:PutLogEvents", logs(place, `/aws/sagemaker/Endpoints/${housing(place)}`)),
    may("cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "/aws/sagemaker/Endpoints" }),
    not("cloudwatch:PutMetricData", "*", { "cloudwatch:namespace": "AWS/SageMaker" }),
    not("sagemaker:UpdateEndpoint", sagemaker(place, `endpoint/${housing(place)}`)),
    ...never(place),
  ];
}

function trainingHandler(place: Place): Row[] {
  const own = `pipeline/slipway-${place.environment}-training-pipeline`;
  return [
    may("sagemaker:StartPipelineExecution", sagemaker(place, own)),
    not("sagemaker:StartPipelineExecution", sagemaker(place, "pipeline/other")),
    not("sagemaker:UpdatePipeline", sagemaker(place, own)),
    may("s3:GetObject", bucket(place, "processed", "_state/current.json")),
    may("s3:ListBucket", bucket(place, "processed"), { "s3:prefix": "houses/run=1" }),
    not("s3:ListBucket", bucket(place, "processed"), { "s3:prefix": "orders/" }),
    not("s3:GetObject", bucket(place, "processed", "houses/run=1/a.parquet")),
    may("s3:PutObject", bucket(place, "model", "inputs/1/manifest.json")),
    not("s3:PutObject", bucket(place, "model", "runs/1/x")),
    may("kms:Decrypt", dataKey(place), throughS3),
    may("logs:PutLogEvents", logs(place, `/aws/lambda/slipway-${place.environment}-training-handler`)),
    may("sqs:SendMessage", arn(place, "sqs", `slipway-${place.environment}-model-dead-letters`)),
    ...never(place),
  ];
}

function deployEndpoint(place: Place): Row[] {
  const name = housing(place);
  return [
    may("sagemaker:DescribeModelPackage", sagemaker(place, `model-package/${name}/3`)),
    not("sagemaker:UpdateModelPackage", sagemaker(place, `model-package/${name}/3`)),
    may("sagemaker:UpdateEndpoint", sagemaker(place, `endpoint/${name}`)),
    may("sagemaker:UpdateEndpoint", sagemaker(place, `endpoint-config/${name}-3-abc`)),
    not("sagemaker:UpdateEndpoint", sagemaker(place, "endpoint/somebody")),
    may("sagemaker:CreateModel", sagemaker(place, `model/${name}-3-abc`)),
    not("sagemaker:CreateModel", sagemaker(place, "model/somebody")),
    not("sagemaker:DeleteModel", sagemaker(place, `model/${name}-3-abc`)),
    may("iam:PassRole", role(place, "model-serving"), toSageMaker),
    not("iam:PassRole", role(place, "model-train"), toSageMaker),
    may("s3:GetObject", bucket(place, "model", "runs/1/train-model/x/output/model.tar.gz")),
    may("s3:PutObject", bucket(place, "model", `registry/${name}/approved.json`)),
    not("s3:PutObject", bucket(place, "model", "runs/1/evaluate-model/evaluation.json")),
    not("kms:Decrypt", dataKey(place), throughS3),
    ...never(place),
  ];
}

function schedule(place: Place): Row[] {
  return [
    may("lambda:InvokeFunction", fn(place, "training-handler")),
    not("lambda:InvokeFunction", fn(place, "deploy-endpoint")),
    may("sqs:SendMessage", arn(place, "sqs", `slipway-${place.environment}-model-dead-letters`)),
    not(
      "sagemaker:StartPipelineExecution",
      sagemaker(place, `pipeline/slipway-${place.environment}-training-pipeline`),
    ),
    ...never(place),
  ];
}

/** Rows of the roles behind the inference API. */
function inferenceTable(place: Place): Table {
  const own = `slipway-${place.environment}-model-inference`;
  const group = arn(
    place,
    "codedeploy",
    `deploymentgroup:slipway-${place.environment}-inference/slipway-${place.environment}-inference`,
  );
  const hook = [
    may("lambda:InvokeFunction", `${fn(place, "models-api")}:3`),
    not("lambda:InvokeFunction", `${fn(place, "data-validate")}:3`),
    may("codedeploy:PutLifecycleEventHookExecutionStatus", group),
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
function podTable(place: Place): Table {
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

/** Rows of the roles of the model pipeline, and of what answers from its registry. */
export function modelTable(place: Place): Table {
  const own = `slipway-${place.environment}-model`;
  return {
    [`${own}-preprocess`]: preprocess(place),
    [`${own}-train`]: train(place),
    [`${own}-evaluate`]: evaluate(place),
    [`${own}-pipeline`]: pipeline(place),
    [`${own}-serving`]: serving(place),
    [`${own}-functions-training-handler-role`]: trainingHandler(place),
    [`${own}-functions-deploy-endpoint-role`]: deployEndpoint(place),
    [`${own}-triggers-schedule-role`]: schedule(place),
    ...inferenceTable(place),
    ...podTable(place),
  };
}

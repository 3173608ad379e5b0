import { inferenceTable, podTable } from "./inference.ts";
import {
  dataKey,
  fn,
  grant,
  housing,
  image,
  logs,
  modelKey,
  never,
  onInstances,
  role,
  sagemaker,
  throughS3,
  toSageMaker,
} from "./model-words.ts";
import { type Place, type Row, type Table, arn, bucket, may, not } from "./row.ts";

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

function upkeep(place: Place): Row[] {
  return [
    may("lambda:InvokeFunction", fn(place, "deploy-endpoint")),
    not("lambda:InvokeFunction", fn(place, "training-handler")),
    not("sagemaker:UpdateEndpoint", sagemaker(place, `endpoint/${housing(place)}`)),
    ...never(place),
  ];
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
    [`${own}-triggers-upkeep-role`]: upkeep(place),
    ...inferenceTable(place),
    ...podTable(place),
  };
}

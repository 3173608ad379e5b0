import { putMetrics } from "../data/grants.ts";
import { arnOf } from "../data/state-machine/names.ts";
import type { Statement } from "../shared/iam.ts";
import {
  encryptDisks,
  joinNetwork,
  listObjects,
  logTo,
  pullImages,
  readLake,
  readObjects,
  useKey,
  writeObjects,
} from "./grants.ts";
import type { ModelScope } from "./model-scope.ts";
import type { ModelSettings } from "./model-settings.ts";
import {
  type ModelRole,
  alarmName,
  endpointLogGroup,
  jobLogGroups,
  modelRoleArn,
  packageArns,
  trackingServerName,
  trainingDataset,
} from "./names.ts";
import { foreignModels } from "./promotion-statements.ts";

/** What decides, beside the scope, what the roles may do. */
export interface RoleContext {
  images: { model: string; predict: string };
  settings: Pick<ModelSettings, "vpc" | "tuning" | "tracking" | "endpoint" | "promotion">;
  /** Keys of the alarms that stop a deployment of the endpoint. */
  guardrails: readonly string[];
}

const code = "code/model/*";
const models = ["runs/*/model.tar.gz"];
/** What a step left behind, in this execution or in one whose outcome is taken again. */
const outputsOf = (step: string) => `runs/*/${step}/*`;

/** What every job needs to start, write and end, whatever it does. */
function job(scope: ModelScope, { images, settings }: RoleContext, kind: keyof typeof jobLogGroups): Statement[] {
  return [
    useKey(scope),
    ...encryptDisks(scope),
    ...pullImages([images.model]),
    logTo(scope, [jobLogGroups[kind]]),
    putMetrics([jobLogGroups[kind]]),
    ...(settings.vpc ? joinNetwork(scope) : []),
  ];
}

function preprocess(scope: ModelScope, context: RoleContext): Statement[] {
  return [
    readObjects(scope, "ReadInputs", [code, "inputs/*"]),
    ...readLake(scope, [trainingDataset]),
    writeObjects(scope, "WriteSplits", [outputsOf("preprocess-data")]),
    listObjects(scope, ["code/*", "inputs/*", "runs/*"]),
    ...job(scope, context, "processing"),
  ];
}

function train(scope: ModelScope, context: RoleContext): Statement[] {
  return [
    readObjects(scope, "ReadSplits", [
      code,
      outputsOf("preprocess-data/train"),
      outputsOf("preprocess-data/validation"),
    ]),
    writeObjects(scope, "WriteModel", [outputsOf("train-model"), "runs/tune-model/*"]),
    listObjects(scope, ["code/*", "runs/*"]),
    ...(context.settings.tracking === undefined ? [] : [reportToTracking(scope)]),
    ...job(scope, context, "training"),
  ];
}

function reportToTracking(scope: ModelScope): Statement {
  return {
    sid: "ReportToTracking",
    actions: [
      "sagemaker-mlflow:CreateExperiment",
      "sagemaker-mlflow:CreateRun",
      "sagemaker-mlflow:GetExperiment",
      "sagemaker-mlflow:GetExperimentByName",
      "sagemaker-mlflow:GetRun",
      "sagemaker-mlflow:LogBatch",
      "sagemaker-mlflow:LogMetric",
      "sagemaker-mlflow:LogParam",
      "sagemaker-mlflow:SetTag",
      "sagemaker-mlflow:UpdateRun",
    ],
    resources: [arnOf(scope, "sagemaker", `mlflow-tracking-server/${trackingServerName(scope)}`)],
  };
}

function evaluate(scope: ModelScope, context: RoleContext): Statement[] {
  return [
    readObjects(scope, "ReadModelAndSplits", [code, ...models, outputsOf("preprocess-data")]),
    writeObjects(scope, "WriteEvaluation", [outputsOf("evaluate-model")]),
    listObjects(scope, ["code/*", "runs/*"]),
    ...job(scope, context, "processing"),
  ];
}

/** Names of jobs begin with the pipeline's execution; those of a tuning are too short for that. */
function startJobs(scope: ModelScope, { settings }: RoleContext): Statement[] {
  const jobs = (kind: string, name = "pipelines-*") => arnOf(scope, "sagemaker", `${kind}/${name}`);
  const starts: Statement[] = [
    {
      sid: "RunJobs",
      actions: ["Processing", "Training"].flatMap((kind) =>
        ["Create", "Describe", "Stop"].map((verb) => `sagemaker:${verb}${kind}Job`),
      ),
      resources: [jobs("processing-job"), jobs("training-job")],
    },
  ];
  if (settings.tuning === undefined) return starts;
  return [
    ...starts,
    {
      sid: "RunTuning",
      actions: [
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:DescribeHyperParameterTuningJob",
        "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
        "sagemaker:StopHyperParameterTuningJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:StopTrainingJob",
      ],
      resources: [jobs("hyper-parameter-tuning-job", "*"), jobs("training-job", "*")],
    },
  ];
}

function pipeline(scope: ModelScope, context: RoleContext): Statement[] {
  const packages = packageArns(scope);
  const jobs = ["processing-job", "training-job", ...(context.settings.tuning ? ["hyper-parameter-tuning-job"] : [])];
  return [
    ...startJobs(scope, context),
    {
      sid: "RegisterModels",
      actions: ["sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage"],
      resources: [packages.group, packages.packages],
    },
    {
      // SageMaker notes on everything which execution it is from.
      sid: "TagWhatItMakes",
      actions: ["sagemaker:AddTags"],
      resources: [...jobs.map((kind) => arnOf(scope, "sagemaker", `${kind}/*`)), packages.group, packages.packages],
    },
    {
      sid: "PassRolesToJobs",
      actions: ["iam:PassRole"],
      resources: (["preprocess", "train", "evaluate"] as const).map((role) => modelRoleArn(scope, role)),
      conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
    },
    readObjects(scope, "ReadEvaluation", [outputsOf("evaluate-model"), ...models]),
    listObjects(scope, ["runs/*"]),
    useKey(scope),
  ];
}

/** What the machines of the endpoint may do. A serverless variant is in no network and keeps no requests. */
function serving(scope: ModelScope, { images, settings, guardrails }: RoleContext): Statement[] {
  const { endpoint, promotion, vpc } = settings;
  const onInstances = endpoint.kind === "instances";
  const watched = guardrails.map((key) => arnOf(scope, "cloudwatch", `alarm:${alarmName(scope, key)}`));
  return [
    readObjects(scope, "ReadModels", models),
    listObjects(scope, ["runs/*"]),
    ...foreignModels(scope, promotion),
    ...pullImages([images.predict]),
    logTo(scope, [endpointLogGroup(scope)]),
    putMetrics(["/aws/sagemaker/Endpoints"]),
    useKey(scope),
    ...(onInstances ? [writeObjects(scope, "KeepRequests", ["capture/*"]), ...encryptDisks(scope)] : []),
    ...(onInstances && watched.length > 0
      ? [{ sid: "WatchAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: watched }]
      : []),
    ...(onInstances && vpc ? joinNetwork(scope) : []),
  ];
}

const statements: Readonly<Record<ModelRole, (scope: ModelScope, context: RoleContext) => Statement[]>> = {
  preprocess,
  train,
  evaluate,
  pipeline,
  serving,
};

/** All that a role of SageMaker may do. */
export function roleStatements(scope: ModelScope, role: ModelRole, context: RoleContext): Statement[] {
  return statements[role](scope, context);
}

import type * as aws from "@pulumi/aws";
import type { Severity } from "../data/state-machine/pipeline-definition.ts";
import type { ModelSettings } from "./model-settings.ts";
import {
  deadLetterQueueName,
  endpointName,
  endpointVariant,
  modelFunction,
  modelFunctions,
  trainingPipelineName,
} from "./names.ts";

export interface ModelAlarmArgs {
  environment: string;
  settings: Pick<ModelSettings, "endpoint" | "alarms">;
}

type Settings = Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmActions">;
/** One alarm: what it watches, and whom it wakes. */
export type ModelAlarmSpec = Settings & { key: string; severity: Severity };

/** Alarms that stop a deployment of the endpoint. */
export const guardrailKeys = ["endpoint-errors", "endpoint-model-errors", "endpoint-latency"] as const;

/** Keys of the guardrails, where there is an endpoint to guard. */
export function guardrailsOf({ endpoint }: Pick<ModelSettings, "endpoint">): readonly string[] {
  return endpoint.kind === "none" ? [] : guardrailKeys;
}

const any = { comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 1, statistic: "Sum" } as const;
/** Metrics of events: where nothing happened there is no data, and that is fine. */
const perEvent = { period: 300, evaluationPeriods: 1, treatMissingData: "notBreaching" } as const;

/** Old and new machines count as one variant: a tenth that fails every request is seen all the same. */
function endpointAlarms({ environment, settings }: ModelAlarmArgs): ModelAlarmSpec[] {
  if (settings.endpoint.kind === "none") return [];
  const { errorsPerMinute, latencyMs } = settings.alarms;
  const common = {
    severity: "critical",
    namespace: "AWS/SageMaker",
    dimensions: { EndpointName: endpointName({ environment }), VariantName: endpointVariant },
    period: 60,
    comparisonOperator: "GreaterThanThreshold",
    // No request is no failure: at night nobody may ask for hours.
    treatMissingData: "notBreaching",
  } as const;
  const errors = { ...common, statistic: "Sum", evaluationPeriods: 1, threshold: errorsPerMinute } as const;
  return [
    {
      key: "endpoint-errors",
      ...errors,
      metricName: "Invocation5XXErrors",
      alarmDescription: `More than ${errorsPerMinute} requests to the endpoint failed within a minute`,
    },
    {
      key: "endpoint-model-errors",
      ...errors,
      metricName: "InvocationModelErrors",
      alarmDescription: `More than ${errorsPerMinute} requests got no good answer from the model within a minute`,
    },
    {
      key: "endpoint-latency",
      ...common,
      metricName: "ModelLatency",
      extendedStatistic: "p99",
      // One slow minute is a cold start.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      // SageMaker measures in microseconds.
      threshold: latencyMs * 1000,
      alarmDescription: `The model took more than ${latencyMs} ms to predict`,
    },
  ];
}

function pipelineAlarm({ environment }: ModelAlarmArgs): ModelAlarmSpec {
  return {
    key: "training-failed",
    severity: "critical",
    namespace: "AWS/Sagemaker/ModelBuildingPipeline",
    dimensions: { PipelineName: trainingPipelineName({ environment }) },
    metricName: "ExecutionFailed",
    ...any,
    ...perEvent,
    alarmDescription: "An execution of the training pipeline failed",
  };
}

function functionAlarms({ environment }: ModelAlarmArgs): ModelAlarmSpec[] {
  return modelFunctions.map((name) => ({
    key: `function-errors-${name.replaceAll("_", "-")}`,
    severity: "warning",
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: modelFunction({ environment }, name) },
    metricName: "Errors",
    ...any,
    ...perEvent,
    alarmDescription: `Function ${name} of the model pipeline failed`,
  }));
}

function deadLetterAlarm({ environment }: ModelAlarmArgs): ModelAlarmSpec {
  return {
    key: "dead-letters",
    severity: "critical",
    namespace: "AWS/SQS",
    dimensions: { QueueName: deadLetterQueueName({ environment }) },
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    period: 300,
    evaluationPeriods: 1,
    // SQS stops reporting on a queue that nobody touches for hours; the letters are still there.
    treatMissingData: "ignore",
    alarmDescription: "Training was not started, or a model was not deployed, although something asked for it",
  };
}

/** The table of alarms. */
export function modelAlarmSpecs(args: ModelAlarmArgs): ModelAlarmSpec[] {
  return [...endpointAlarms(args), pipelineAlarm(args), ...functionAlarms(args), deadLetterAlarm(args)];
}

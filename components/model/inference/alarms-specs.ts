import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type InferenceScope, inferenceFunctionName, liveAlias } from "./inference-scope.ts";

export interface InferenceThresholds {
  /** Answers of a version that may fail within a minute. */
  errorsPerMinute: number;
  /** Milliseconds that all but one in a hundred answers of a version must stay below. */
  latencyMs: number;
}

type Settings = Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmActions">;
export type InferenceAlarmSpec = Settings & { key: string };

/** Alarms that stop a shift. */
export const shiftAlarms = ["errors", "latency"] as const;

/**
 * Alarms on the version that the program asks for, as far as it is reached through the alias. A figure of the alias as a
 * whole would drown a tenth of the traffic in the other nine; Lambda keeps these three dimensions for exactly this.
 */
export function inferenceAlarmSpecs(
  scope: InferenceScope,
  version: pulumi.Input<string>,
  { errorsPerMinute, latencyMs }: InferenceThresholds,
): InferenceAlarmSpec[] {
  const functionName = inferenceFunctionName(scope, "models_api");
  const common = {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: functionName, Resource: `${functionName}:${liveAlias}`, ExecutedVersion: version },
    period: 60,
    comparisonOperator: "GreaterThanThreshold",
    // No request is no failure: at night nobody may ask for hours.
    treatMissingData: "notBreaching",
  } as const;
  return [
    {
      key: "errors",
      ...common,
      metricName: "Errors",
      statistic: "Sum",
      evaluationPeriods: 1,
      threshold: errorsPerMinute,
      alarmDescription: `More than ${errorsPerMinute} answers of the inference API's version failed within a minute`,
    },
    {
      key: "latency",
      ...common,
      metricName: "Duration",
      extendedStatistic: "p99",
      // One slow minute is a cold start.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      threshold: latencyMs,
      alarmDescription: `Answers of the inference API's version took more than ${latencyMs} ms`,
    },
  ];
}

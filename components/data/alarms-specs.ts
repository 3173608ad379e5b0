import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Callable } from "./state-machine/integrations.ts";
import type { PipelineFunction, Severity } from "./state-machine/pipeline-definition.ts";

export interface AlarmThresholds {
  /** Minutes after which an execution took too long. */
  durationMinutes: number;
  /** Share of a delivery's rows, 0 to 1, above which too many were quarantined. */
  quarantineRate: number;
  /** Share of a dataset's rules, 0 to 1, below which too few were met. */
  qualityScore: number;
}

export interface AlarmSpecArgs {
  environment: string;
  stateMachineArn: pulumi.Input<string>;
  functions: Readonly<Record<PipelineFunction, Callable>>;
  datasets: readonly string[];
  /** Name of the queue of starts that failed. */
  deadLetterQueue: pulumi.Input<string>;
  /** Name of the queue of events that functions failed on. */
  functionDeadLetterQueue: pulumi.Input<string>;
  thresholds: AlarmThresholds;
}

type Settings = Omit<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmActions">;
/** One alarm: what it watches, and whom it wakes. */
export type AlarmSpec = Settings & { key: string; severity: Severity };

/** Namespace of the metrics that the pipeline itself writes. */
export const metricNamespace = "Slipway/Data";

const period = 300;

/** Metrics of events: where nothing happened there is no data, and that is fine. */
const perEvent = { period, evaluationPeriods: 1, treatMissingData: "notBreaching" } as const;
const any = { comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 1, statistic: "Sum" } as const;

function executionAlarms({ stateMachineArn, thresholds }: AlarmSpecArgs): AlarmSpec[] {
  const common = { namespace: "AWS/States", dimensions: { StateMachineArn: stateMachineArn }, ...perEvent };
  return [
    {
      key: "executions-failed",
      severity: "critical",
      ...common,
      ...any,
      metricName: "ExecutionsFailed",
      alarmDescription: "An execution of the pipeline failed",
    },
    {
      key: "executions-timed-out",
      severity: "critical",
      ...common,
      ...any,
      metricName: "ExecutionsTimedOut",
      alarmDescription: "An execution of the pipeline was given up; nothing in it could say so",
    },
    {
      key: "executions-throttled",
      severity: "warning",
      ...common,
      ...any,
      metricName: "ExecutionThrottled",
      alarmDescription: "Step Functions held executions of the pipeline back",
    },
    {
      key: "executions-slow",
      severity: "warning",
      ...common,
      metricName: "ExecutionTime",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: thresholds.durationMinutes * 60_000,
      alarmDescription: `An execution of the pipeline took more than ${thresholds.durationMinutes} minutes`,
    },
  ];
}

function qualityAlarms({ environment, datasets, thresholds }: AlarmSpecArgs): AlarmSpec[] {
  return datasets.flatMap((dataset): AlarmSpec[] => {
    const common = {
      severity: "warning",
      namespace: metricNamespace,
      dimensions: { Environment: environment, Dataset: dataset },
      ...perEvent,
    } as const;
    return [
      {
        key: `quarantine-rate-${dataset.replaceAll("_", "-")}`,
        ...common,
        metricName: "QuarantineRate",
        statistic: "Maximum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: thresholds.quarantineRate,
        alarmDescription: `Too many delivered rows of ${dataset} were quarantined`,
      },
      {
        key: `quality-score-${dataset.replaceAll("_", "-")}`,
        ...common,
        metricName: "QualityScore",
        statistic: "Minimum",
        comparisonOperator: "LessThanThreshold",
        threshold: thresholds.qualityScore,
        alarmDescription: `Too few quality rules of ${dataset} were met`,
      },
    ];
  });
}

/** Losing the race for the pointer is an error to Lambda and business as usual to the pipeline, a few times in a row. */
const usualErrors: Readonly<Partial<Record<PipelineFunction, number>>> = { publish: 3 };

function functionAlarms({ functions }: AlarmSpecArgs): AlarmSpec[] {
  return Object.entries(functions).map(([name, { name: functionName }]): AlarmSpec => {
    const usual = usualErrors[name as PipelineFunction] ?? 0;
    return {
      key: `function-errors-${name.replaceAll("_", "-")}`,
      severity: "warning",
      namespace: "AWS/Lambda",
      dimensions: { FunctionName: functionName },
      ...perEvent,
      ...any,
      threshold: usual + 1,
      metricName: "Errors",
      alarmDescription: `Function ${name} of the pipeline failed${usual > 0 ? ` more than ${usual} times` : ""}`,
    };
  });
}

function deadLetterAlarms({ deadLetterQueue, functionDeadLetterQueue }: AlarmSpecArgs): AlarmSpec[] {
  const common = {
    severity: "critical",
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    statistic: "Maximum",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    period,
    evaluationPeriods: 1,
    // SQS stops reporting on a queue that nobody touches for hours; the letters are still there.
    treatMissingData: "ignore",
  } as const;
  return [
    {
      key: "dead-letters",
      ...common,
      dimensions: { QueueName: deadLetterQueue },
      alarmDescription: "The pipeline was not started although something asked for it",
    },
    {
      key: "function-dead-letters",
      ...common,
      dimensions: { QueueName: functionDeadLetterQueue },
      alarmDescription: "A function of the pipeline gave up on an event that nobody waits for",
    },
  ];
}

/** The table of alarms. */
export function alarmSpecs(args: AlarmSpecArgs): AlarmSpec[] {
  return [...executionAlarms(args), ...qualityAlarms(args), ...functionAlarms(args), ...deadLetterAlarms(args)];
}

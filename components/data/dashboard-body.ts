import type * as pulumi from "@pulumi/pulumi";
import { type Content, type Graph, type Metric, type Widget, graph, placed } from "../shared/widgets.ts";
import { type AlarmThresholds, metricNamespace } from "./alarms-specs.ts";
import type { Callable } from "./state-machine/integrations.ts";
import type { Jobs, PipelineFunction } from "./state-machine/pipeline-definition.ts";

export type { Widget };

export interface DashboardBodyArgs {
  environment: string;
  region: string;
  stateMachineArn: pulumi.Input<string>;
  functions: Readonly<Record<PipelineFunction, Callable>>;
  jobs: Jobs<Callable>;
  datasets: readonly string[];
  deadLetterQueue: pulumi.Input<string>;
  functionDeadLetterQueue: pulumi.Input<string>;
  /** ARNs of the alarms whose states are shown. */
  alarms: pulumi.Input<pulumi.Input<string>[]>;
  thresholds: AlarmThresholds;
}

function executionGraphs({ stateMachineArn, thresholds }: DashboardBodyArgs): Graph[] {
  const metric = (name: string, options: Record<string, unknown> = {}): Metric => [
    "AWS/States",
    name,
    "StateMachineArn",
    stateMachineArn,
    options,
  ];
  return [
    {
      title: "Executions",
      stat: "Sum",
      metrics: ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"].map((name) =>
        metric(name),
      ),
    },
    {
      title: "Time of an execution (ms)",
      stat: "Maximum",
      metrics: [metric("ExecutionTime", { stat: "p50" }), metric("ExecutionTime", { stat: "Maximum" })],
      limit: { label: "too slow", value: thresholds.durationMinutes * 60_000 },
    },
  ];
}

function jobGraphs({ jobs }: DashboardBodyArgs): Graph[] {
  const metrics = (name: string) =>
    Object.values(jobs).map((job): Metric => [
      "Glue",
      name,
      "JobName",
      job.name,
      "JobRunId",
      "ALL",
      "Type",
      "count",
      { label: job.name },
    ]);
  return [
    {
      title: "Time in Glue jobs (ms)",
      stat: "Maximum",
      metrics: metrics("glue.driver.aggregate.elapsedTime"),
    },
    {
      title: "Failed tasks in Glue jobs",
      stat: "Sum",
      metrics: metrics("glue.driver.aggregate.numFailedTasks"),
    },
  ];
}

function qualityGraphs({ environment, datasets, thresholds }: DashboardBodyArgs): Graph[] {
  const metrics = (name: string) =>
    datasets.map((dataset): Metric => [
      metricNamespace,
      name,
      "Environment",
      environment,
      "Dataset",
      dataset,
      { label: dataset },
    ]);
  return [
    {
      title: "Rules met, by dataset",
      stat: "Minimum",
      metrics: metrics("QualityScore"),
      limit: { label: "too few", value: thresholds.qualityScore },
    },
    {
      title: "Rows quarantined, by dataset",
      stat: "Maximum",
      metrics: metrics("QuarantineRate"),
      limit: { label: "too many", value: thresholds.quarantineRate },
    },
  ];
}

function serviceGraphs({ functions, deadLetterQueue, functionDeadLetterQueue }: DashboardBodyArgs): Graph[] {
  const letters = (label: string, queue: pulumi.Input<string>): Metric => [
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    "QueueName",
    queue,
    { label },
  ];
  return [
    {
      title: "Errors of functions",
      stat: "Sum",
      metrics: Object.entries(functions).map(([label, { name }]): Metric => [
        "AWS/Lambda",
        "Errors",
        "FunctionName",
        name,
        { label },
      ]),
    },
    {
      title: "Dead letters",
      stat: "Maximum",
      metrics: [letters("starts", deadLetterQueue), letters("functions", functionDeadLetterQueue)],
    },
  ];
}

/** Body of the dashboard, to be rendered by `pulumi.jsonStringify`. */
export function dashboardBody(args: DashboardBodyArgs): { widgets: Widget[] } {
  const row = (graphs: readonly Graph[]) => graphs.map((one) => graph(args.region, one));
  const alarms: Content = { type: "alarm", properties: { title: "Alarms", alarms: args.alarms } };
  return {
    widgets: placed([
      [alarms],
      row(executionGraphs(args)),
      row(jobGraphs(args)),
      row(qualityGraphs(args)),
      row(serviceGraphs(args)),
    ]),
  };
}

import type * as pulumi from "@pulumi/pulumi";
import { type Content, type Graph, type Metric, type Widget, graph, placed } from "../shared/widgets.ts";
import type { StreamMetricNames } from "./observability-settings.ts";

/** The services of an environment, and the cluster that they run in. */
export interface ServicesView {
  clusterName: string;
  /** Name of the canary that asks addresses from outside, where there is one. */
  canary?: pulumi.Input<string> | undefined;
}

/** The model pipeline, by the names that its metrics go under. */
export interface ModelView {
  trainingPipeline: string;
  /** Absent where the environment has no endpoint. */
  endpoint?: { name: string; variant: string } | undefined;
  /** Names of functions. */
  functions: readonly string[];
  /** Id of the inference API. */
  apiId: pulumi.Input<string>;
  deadLetterQueue: string;
}

/** Stream processing, as the driver measures it. */
export interface StreamsView {
  processors: readonly string[];
  metrics: StreamMetricNames;
}

const metricOf =
  (namespace: string, ...dimensions: pulumi.Input<string>[]) =>
  (name: string, options: Record<string, unknown> = {}): Metric => [namespace, name, ...dimensions, options];

function bodyOf(region: string, note: string, rows: readonly (readonly Graph[])[]): { widgets: Widget[] } {
  const text: Content = { type: "text", properties: { markdown: note } };
  return { widgets: placed([[text], ...rows.map((row) => row.map((one) => graph(region, one)))]) };
}

/** Page on services: what EKS tells of the cluster, and how they answer from outside. */
export function servicesBody(region: string, environment: string, { clusterName, canary }: ServicesView) {
  const cluster = metricOf("AWS/EKS", "ClusterName", clusterName);
  const outside = canary === undefined ? undefined : metricOf("CloudWatchSynthetics", "CanaryName", canary);
  const note = `# Services in ${environment}\nRequests, errors and latency of each service are in Prometheus, in the cluster: analyses of rollouts judge by them. Here is what AWS sees.`;
  return bodyOf(region, note, [
    [
      {
        title: "Requests to the API server that failed",
        stat: "Sum",
        metrics: [cluster("apiserver_request_total_5XX"), cluster("apiserver_request_total_429")],
      },
      {
        title: "Pods that wait for a node",
        stat: "Maximum",
        metrics: [cluster("scheduler_pending_pods"), cluster("scheduler_pending_pods_UNSCHEDULABLE")],
      },
    ],
    ...(outside === undefined
      ? []
      : [
          [
            {
              title: "Answers as they should be, from outside (%)",
              stat: "Average",
              metrics: [outside("SuccessPercent")],
            },
            { title: "Time of all questions from outside (ms)", stat: "Maximum", metrics: [outside("Duration")] },
          ],
        ]),
  ]);
}

/** Page on models: training, endpoint, API, and what went wrong between them. */
export function modelBody(region: string, environment: string, view: ModelView) {
  const { trainingPipeline, endpoint, functions, apiId, deadLetterQueue } = view;
  const training = metricOf("AWS/Sagemaker/ModelBuildingPipeline", "PipelineName", trainingPipeline);
  const api = metricOf("AWS/ApiGateway", "ApiId", apiId);
  const letters = metricOf("AWS/SQS", "QueueName", deadLetterQueue);
  const errors = functions.map((name) => metricOf("AWS/Lambda", "FunctionName", name)("Errors", { label: name }));
  return bodyOf(region, `# Models in ${environment}`, [
    ...(endpoint === undefined ? [] : [endpointGraphs(endpoint)]),
    [
      { title: "Requests to the API", stat: "Sum", metrics: [api("Count"), api("4xx"), api("5xx")] },
      {
        title: "Time of an answer of the API (ms)",
        stat: "p99",
        metrics: [api("Latency", { stat: "p50" }), api("Latency", { stat: "p99" })],
      },
    ],
    [
      {
        title: "Trainings",
        stat: "Sum",
        metrics: ["ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed"].map((name) => training(name)),
      },
      { title: "Errors of functions", stat: "Sum", metrics: errors },
      { title: "Dead letters", stat: "Maximum", metrics: [letters("ApproximateNumberOfMessagesVisible")] },
    ],
  ]);
}

function endpointGraphs({ name, variant }: { name: string; variant: string }): Graph[] {
  const metric = metricOf("AWS/SageMaker", "EndpointName", name, "VariantName", variant);
  return [
    {
      title: "Requests to the endpoint",
      stat: "Sum",
      metrics: ["Invocations", "Invocation5XXErrors", "InvocationModelErrors"].map((one) => metric(one)),
    },
    {
      title: "Time of a prediction (µs)",
      stat: "p99",
      metrics: [metric("ModelLatency", { stat: "p50" }), metric("ModelLatency", { stat: "p99" })],
    },
  ];
}

/** Page on stream processors: Atlas measures them, the driver brings the figures here. */
export function streamsBody(region: string, environment: string, { processors, metrics }: StreamsView) {
  const note = `# Streams in ${environment}\nAtlas measures stream processors; \`slipway streams profile ${environment}\` brings the figures here each time it runs. Alerts of Atlas come from Atlas itself.`;
  const lines = (name: string) =>
    processors.map((processor) =>
      metricOf(metrics.namespace, "Environment", environment, "Processor", processor)(name, { label: processor }),
    );
  const period = 3600;
  return bodyOf(region, note, [
    [
      { title: "Documents per second", stat: "Average", period, metrics: lines(metrics.throughput) },
      { title: "Latency, p99 (ms)", stat: "Maximum", period, metrics: lines(metrics.latency) },
    ],
    [
      { title: "Memory (MB)", stat: "Maximum", period, metrics: lines(metrics.memory) },
      {
        title: "Share of documents that became dead letters",
        stat: "Maximum",
        period,
        metrics: lines(metrics.deadLetters),
      },
    ],
  ]);
}

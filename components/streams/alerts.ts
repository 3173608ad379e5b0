import * as mongodbatlas from "@pulumi/mongodbatlas";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { AlertLimits, ConnectionSpec, ProcessorSpec } from "./definition.ts";

export interface StreamAlertsArgs {
  projectId: string;
  workspaceName: pulumi.Input<string>;
  limits: AlertLimits;
  processors: Readonly<Record<string, ProcessorSpec>>;
  connections: readonly ConnectionSpec[];
}

/** What Atlas watches: an event, or a figure that is above a limit. */
export interface AlertSpec {
  eventType: "STREAM_PROCESSOR_STATE_IS_FAILED" | "OUTSIDE_STREAM_PROCESSOR_METRIC_THRESHOLD";
  severity: "ERROR" | "WARNING";
  metric?: { name: string; threshold: number } | undefined;
}

/** Alerts that some processor can set off, by name. */
export function alertSpecs({
  limits,
  processors,
  connections,
}: Pick<StreamAlertsArgs, "limits" | "processors" | "connections">): Record<string, AlertSpec> {
  const specs = Object.values(processors);
  const types = new Map(connections.map(({ value }) => [value.name, value.type]));
  const reads = (type: string) => specs.some(({ pipeline }) => types.get(sourceOf(pipeline) ?? "") === type);
  const above = (name: string, threshold: number | undefined, there: boolean): AlertSpec | undefined =>
    threshold === undefined || !there
      ? undefined
      : { eventType: "OUTSIDE_STREAM_PROCESSOR_METRIC_THRESHOLD", severity: "WARNING", metric: { name, threshold } };
  const all: Record<string, AlertSpec | undefined> = {
    failed: { eventType: "STREAM_PROCESSOR_STATE_IS_FAILED", severity: "ERROR" },
    "dead-letters": above(
      limits.metrics.deadLetters,
      limits.dlqMessages,
      specs.some(({ dlq }) => dlq !== undefined),
    ),
    "kafka-lag": above(limits.metrics.kafkaLag, limits.kafkaLag, reads("Kafka")),
    "change-stream-lag": above(limits.metrics.changeStreamLag, limits.changeStreamLagSeconds, reads("Cluster")),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, spec]) => (spec === undefined ? [] : [[name, spec]])));
}

function sourceOf(pipeline: string): string | undefined {
  const [first] = JSON.parse(pipeline) as { $source?: { connectionName?: string } }[];
  return first?.$source?.connectionName;
}

/** Atlas tells people of processors that failed, of documents that nobody could process, and of sources that run away. */
export class StreamAlerts extends SlipwayComponent {
  constructor(name: string, args: StreamAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("StreamAlerts", name, opts);
    const { projectId, workspaceName, limits } = args;
    for (const [alert, { eventType, severity, metric }] of Object.entries(alertSpecs(args))) {
      new mongodbatlas.AlertConfiguration(
        `${name}-${alert}`,
        {
          projectId,
          eventType,
          // Without it the configuration is there, and silent.
          enabled: true,
          severityOverride: severity,
          // A project may hold the workspaces of several environments.
          matchers: [{ fieldName: "INSTANCE_NAME", operator: "EQUALS", value: workspaceName }],
          ...(metric !== undefined && {
            metricThresholdConfig: {
              ...{ metricName: metric.name, threshold: metric.threshold },
              ...{ operator: "GREATER_THAN", units: "RAW", mode: "AVERAGE" },
            },
          }),
          notifications: notificationsOf(limits.subscribers),
        },
        childOf(this),
      );
    }
    this.registerOutputs({});
  }
}

/** Mail to whoever is named; else to the owners of the project. */
function notificationsOf(subscribers: readonly string[]): mongodbatlas.types.input.AlertConfigurationNotification[] {
  const timing = { delayMin: 0, intervalMin: 60 };
  if (subscribers.length === 0)
    return [{ typeName: "GROUP", emailEnabled: true, smsEnabled: false, roles: ["GROUP_OWNER"], ...timing }];
  return subscribers.map((emailAddress) => ({ typeName: "EMAIL", emailAddress, ...timing }));
}

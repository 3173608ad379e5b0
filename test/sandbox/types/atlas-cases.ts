import type { InputCases } from "./input-cases.ts";

/** Stream processing and alerts. */
export const atlasCases: Readonly<Record<string, InputCases>> = {
  "mongodbatlas:index/streamProcessor:StreamProcessor": {
    valid: [
      {
        ...{ projectId: "p", workspaceName: "w", processorName: "n" },
        pipeline: '[{"$source":{"connectionName":"s"}},{"$merge":{"into":{"connectionName":"c"}}}]',
      },
    ],
    invalid: [
      ["pipeline", { projectId: "p", workspaceName: "w", processorName: "n", pipeline: '[{"$match":{}}]' }],
      ["pipeline", { projectId: "p", workspaceName: "w", processorName: "n", pipeline: "{" }],
      ["workspaceName", { projectId: "p", processorName: "n", pipeline: '[{"$source":{}},{"$emit":{}}]' }],
      [
        "options",
        {
          ...{ projectId: "p", workspaceName: "w", processorName: "n", options: {} },
          pipeline: '[{"$source":{}},{"$emit":{}}]',
        },
      ],
    ],
  },
  "mongodbatlas:index/streamWorkspace:StreamWorkspace": {
    valid: [
      {
        ...{ projectId: "p", workspaceName: "w", streamConfig: { tier: "SP10", maxTierSize: "SP10" } },
        dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
      },
    ],
    invalid: [
      [
        "streamConfig",
        {
          ...{ projectId: "p", workspaceName: "w", streamConfig: { tier: "SP30", maxTierSize: "SP10" } },
          dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
        },
      ],
    ],
  },
  "mongodbatlas:index/streamConnection:StreamConnection": {
    valid: [{ projectId: "p", workspaceName: "w", connectionName: "c", type: "Https", url: "https://example.com" }],
    invalid: [
      [
        "mechanism",
        {
          ...{ projectId: "p", workspaceName: "w", connectionName: "c", type: "Kafka", bootstrapServers: "k:9092" },
          ...{ authentication: { mechanism: "SCRAM-SHA-512" }, security: { protocol: "SASL_SSL" } },
        },
      ],
    ],
  },
  "mongodbatlas:index/alertConfiguration:AlertConfiguration": {
    valid: [
      {
        ...{ projectId: "p", eventType: "STREAM_PROCESSOR_STATE_IS_FAILED", enabled: true },
        notifications: [{ typeName: "GROUP" }],
      },
    ],
    invalid: [
      [
        "metricThresholdConfig",
        {
          ...{ projectId: "p", eventType: "OUTSIDE_STREAM_PROCESSOR_METRIC_THRESHOLD" },
          notifications: [{ typeName: "GROUP" }],
        },
      ],
      ["notifications", { projectId: "p", eventType: "STREAM_PROCESSOR_STATE_IS_FAILED", notifications: [] }],
      [
        "notifications",
        {
          ...{ projectId: "p", eventType: "STREAM_PROCESSOR_STATE_IS_FAILED" },
          notifications: [{ typeName: "EMAIL" }],
        },
      ],
    ],
  },
};

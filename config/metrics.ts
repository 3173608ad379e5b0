/** What the driver tells CloudWatch of deliveries, and dashboards draw. Dimension: `Environment`. */
export const deliveryMetrics = {
  namespace: "Slipway/Delivery",
  /** Begun deployments; those that went wrong count in both. */
  deployments: "Deployments",
  failures: "DeploymentFailures",
  rollbacks: "Rollbacks",
  /** From a commit to its first verified deployment, one value a change. */
  leadTime: "LeadTimeSeconds",
  /** From the first failure to working again, one value an outage. */
  recovery: "RecoverySeconds",
} as const;
export type DeliveryMetrics = Readonly<Record<keyof typeof deliveryMetrics, string>>;

/** The same for stream processors, which Atlas measures and CloudWatch knows nothing of. Dimensions: `Environment`, `Processor`. */
export const streamMetrics = {
  namespace: "Slipway/Streams",
  throughput: "DocumentsPerSecond",
  latency: "LatencyP99Milliseconds",
  memory: "MemoryMegabytes",
  deadLetters: "DeadLetterShare",
} as const;
export type StreamMetrics = Readonly<Record<keyof typeof streamMetrics, string>>;

/** Connections of the files of streams. */
const connections = [
  ...["alerts", "archive", "counters", "events", "geocoder", "lambda", "notifier", "payments", "shop", "warehouse"],
];

/** Processors that are handed over from version to version in prod; the rest are changed in place everywhere. */
const handedOver = [
  ...["alert_system", "analytics_pipeline", "catalog_mirror", "complaint_notifier", "data_enrichment", "fraud_scoring"],
  ...["machine_readings", "order_timeline", "stock_levels", "support_archive", "top_sellers", "user_sessions"],
];
const inPlace = ["login_rate", "smoke_check"];

const processor = (name: string) => `mongodbatlas:index/streamProcessor:StreamProcessor streams-processor-${name}`;
const alert = (name: string) => `mongodbatlas:index/alertConfiguration:AlertConfiguration streams-alerts-${name}`;

/** Everything of stream processing that is the same in every environment. */
export const streamResources: readonly string[] = [
  ...["change-stream-lag", "dead-letters", "failed", "kafka-lag"].map(alert),
  ...connections.map((name) => `mongodbatlas:index/streamConnection:StreamConnection streams-connection-${name}`),
  ...inPlace.map(processor),
  "mongodbatlas:index/streamWorkspace:StreamWorkspace streams-workspace",
  "pulumi:providers:mongodbatlas mongodbatlas",
  "slipway:index:StreamAlerts streams-alerts",
  "slipway:index:StreamsPipeline streams",
  "slipway:index:StreamsWorkspace streams",
];

/** Processors that Pulumi keeps where changes happen in place. */
export const processorsInPlace: readonly string[] = handedOver.map(processor);

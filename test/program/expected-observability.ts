/** What watches an environment as a whole, as long as its stack file asks for no more. */
export const observabilityResources: readonly string[] = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm observability-rollback",
  ...["delivery", "model", "services", "streams"].map(
    (page) => `aws:cloudwatch/dashboard:Dashboard observability-${page}`,
  ),
  "aws:cloudwatch/metricAlarm:MetricAlarm observability-delivery-failed",
  "slipway:index:Observability observability",
];

const page = (subject: string) => `aws:cloudwatch/dashboard:Dashboard observability-${subject}`;

/** What of it an environment has not got, by the pipeline that it does without. */
export const observedOf: Readonly<Record<"data" | "model" | "streams", readonly string[]>> = {
  // Its alarms make the signal, and its topics take warnings.
  data: [
    "aws:cloudwatch/compositeAlarm:CompositeAlarm observability-rollback",
    "aws:cloudwatch/metricAlarm:MetricAlarm observability-delivery-failed",
  ],
  model: [page("model")],
  streams: [page("streams")],
};

/** What watches an environment as a whole, as long as its stack file asks for no more. */
export const observabilityResources: readonly string[] = [
  "aws:cloudwatch/compositeAlarm:CompositeAlarm observability-rollback",
  ...["delivery", "model", "services", "streams"].map(
    (page) => `aws:cloudwatch/dashboard:Dashboard observability-${page}`,
  ),
  "aws:cloudwatch/metricAlarm:MetricAlarm observability-delivery-failed",
  "slipway:index:Observability observability",
];

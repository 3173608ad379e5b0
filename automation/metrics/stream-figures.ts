import type { MetricDatum, StandardUnit } from "@aws-sdk/client-cloudwatch";
import { streamMetrics } from "../../config/metrics.ts";
import type { Profile } from "../streams/observe/profile.ts";

/** What was measured of stream processors, as CloudWatch takes it. What there was nothing to measure by is left out. */
export function streamData(
  environment: string,
  measured: readonly { processor: string; profile: Profile }[],
  at: Date,
): MetricDatum[] {
  return measured.flatMap(({ processor, profile }) => {
    const Dimensions = [
      { Name: "Environment", Value: environment },
      { Name: "Processor", Value: processor },
    ];
    const { throughputPerSecond, latencyMs, memoryMb, dlqRate } = profile;
    const figures: [name: string, value: number | null | undefined, unit: StandardUnit][] = [
      [streamMetrics.throughput, throughputPerSecond?.mean, "Count/Second"],
      [streamMetrics.latency, latencyMs?.p99.p50, "Milliseconds"],
      [streamMetrics.memory, memoryMb?.max, "Megabytes"],
      [streamMetrics.deadLetters, dlqRate, "None"],
    ];
    return figures.flatMap(([MetricName, Value, Unit]) =>
      typeof Value === "number" ? [{ MetricName, Value, Unit, Dimensions, Timestamp: at }] : [],
    );
  });
}

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { alertSpecs } from "../../../components/streams/alerts.ts";
import { promised } from "../../support/harness.ts";
import { args, connections, dlq, made, mirror, processor, types } from "./fixture.ts";

const { alerts: limits } = args;

describe("components/streams: alerts", () => {
  const table: [title: string, pipeline: string, queue: boolean, expected: string[]][] = [
    ["a reader of Kafka", processor.pipeline, false, ["failed", "kafka-lag"]],
    ["a reader of Kafka with a dead letter queue", processor.pipeline, true, ["failed", "dead-letters", "kafka-lag"]],
    ["a reader of a change stream", mirror, false, ["failed", "change-stream-lag"]],
    ["a reader of its own documents", '[{"$source":{"documents":[]}}]', false, ["failed"]],
  ];
  for (const [title, pipeline, queue, expected] of table)
    it(`are those that ${title} can set off`, () => {
      const processors = { orders: { ...processor, pipeline, ...(queue && { dlq }) } };
      assert.deepEqual(Object.keys(alertSpecs({ limits, processors, connections })), expected);
    });

  it("leave out what has no limit", () => {
    const processors = { orders: { ...processor, dlq } };
    assert.deepEqual(
      Object.keys(alertSpecs({ limits: { metrics: limits.metrics, subscribers: [] }, processors, connections })),
      ["failed"],
    );
  });

  it("watch this workspace alone, and are enabled", async () => {
    const [, done] = await made();
    const matchers = [{ fieldName: "INSTANCE_NAME", operator: "EQUALS", value: "dev-streams" }];
    const all = done.ofType(types.alert);
    assert.equal(all.length, 2);
    for (const { inputs } of all) assert.deepEqual([inputs.enabled, inputs.matchers], [true, matchers]);
  });

  it("hold figures against limits, and events against nothing", async () => {
    const [, done] = await made();
    const lag = done.get(types.alert, "streams-alerts-kafka-lag").inputs;
    assert.equal(lag.eventType, "OUTSIDE_STREAM_PROCESSOR_METRIC_THRESHOLD");
    assert.deepEqual(lag.metricThresholdConfig, {
      ...{ metricName: "STREAM_PROCESSOR_KAFKA_LAG", threshold: 1000 },
      ...{ operator: "GREATER_THAN", units: "RAW", mode: "AVERAGE" },
    });
    const failed = done.get(types.alert, "streams-alerts-failed").inputs;
    assert.equal(failed.eventType, "STREAM_PROCESSOR_STATE_IS_FAILED");
    assert.ok(!("metricThresholdConfig" in failed));
  });

  it("go to the project's owners, or to whoever is named", async () => {
    const [, owners] = await made();
    const [, named] = await made({ alerts: { ...limits, subscribers: ["a@example.com"] } });
    const to = (run: typeof owners) => run.get(types.alert, "streams-alerts-failed").inputs.notifications;
    const timing = { delayMin: 0, intervalMin: 60 };
    const group = { typeName: "GROUP", emailEnabled: true, smsEnabled: false, roles: ["GROUP_OWNER"], ...timing };
    assert.deepEqual(to(owners), [group]);
    assert.deepEqual(to(named), [{ typeName: "EMAIL", emailAddress: "a@example.com", ...timing }]);
  });
});

describe("components/streams: outputs", () => {
  it("say where it is and everything that is to run", async () => {
    const processors = { orders: { ...processor, dlq, expect: { dlqRate: 0.1 } } };
    const [streams] = await made({ processors });
    assert.deepEqual(await promised(streams.streams), {
      ...{ projectId: args.projectId, workspace: "dev-streams", provider: "AWS", region: "VIRGINIA_USA" },
      ...{ tier: "SP5", maxTier: "SP30", connections: ["events", "geocoder", "warehouse"], processors },
    });
    assert.deepEqual(streams.checks, [
      {
        ...{ kind: "stream-processor", name: "stream-orders", projectId: args.projectId, workspace: "dev-streams" },
        ...{ processor: "orders", rollout: "in-place", digest: processor.digest, state: "STARTED" },
        ...{ dlqRate: 0.1, timeoutSeconds: 900 },
      },
    ]);
  });
});

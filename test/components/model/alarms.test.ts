import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { guardrailsOf, modelAlarmSpecs } from "../../../components/model/alarms-specs.ts";
import { made, once, settings } from "./fixture.ts";

const specs = modelAlarmSpecs({ environment: "dev", settings });
const spec = (key: string) => specs.find((one) => one.key === key)!;
const dimensions = { EndpointName: "slipway-dev-housing", VariantName: "serving" };

describe("components/model: alarms", () => {
  it("watch the endpoint, training, functions and dead letters, and wake whom they concern", () => {
    assert.deepEqual(
      specs.map(({ key, severity, namespace, metricName }) => [key, severity, namespace, metricName]),
      [
        ["endpoint-errors", "critical", "AWS/SageMaker", "Invocation5XXErrors"],
        ["endpoint-model-errors", "critical", "AWS/SageMaker", "InvocationModelErrors"],
        ["endpoint-latency", "critical", "AWS/SageMaker", "ModelLatency"],
        ["training-failed", "critical", "AWS/Sagemaker/ModelBuildingPipeline", "ExecutionFailed"],
        ["function-errors-training-handler", "warning", "AWS/Lambda", "Errors"],
        ["function-errors-deploy-endpoint", "warning", "AWS/Lambda", "Errors"],
        ["dead-letters", "critical", "AWS/SQS", "ApproximateNumberOfMessagesVisible"],
      ],
    );
  });

  it("count failures by the minute, and none where nobody asks", () => {
    for (const key of ["endpoint-errors", "endpoint-model-errors"]) {
      const { dimensions: of, period, statistic, threshold, treatMissingData, comparisonOperator } = spec(key);
      assert.deepEqual(of, dimensions);
      assert.deepEqual([period, statistic, threshold, treatMissingData], [60, "Sum", 2, "notBreaching"]);
      assert.equal(comparisonOperator, "GreaterThanThreshold");
    }
  });

  it("compare microseconds with microseconds, and forgive one slow minute", () => {
    const latency = spec("endpoint-latency");
    assert.deepEqual(
      [latency.threshold, latency.extendedStatistic, latency.evaluationPeriods, latency.datapointsToAlarm],
      [500_000, "p99", 3, 2],
    );
  });

  it("keep dead letters in mind when SQS stops reporting", () => {
    assert.equal(spec("dead-letters").treatMissingData, "ignore");
    assert.deepEqual(spec("dead-letters").dimensions, { QueueName: "slipway-dev-model-dead-letters" });
  });

  it("guard a deployment by what the endpoint itself does, where there is one", () => {
    const guards = ["endpoint-errors", "endpoint-model-errors", "endpoint-latency"];
    assert.deepEqual(guardrailsOf(settings), guards);
    assert.deepEqual(guardrailsOf({ endpoint: { kind: "none" } }), []);
    const without = modelAlarmSpecs({ environment: "dev", settings: { ...settings, endpoint: { kind: "none" } } });
    assert.ok(!without.some(({ key }) => guards.includes(key)));
  });
});

describe("components/model/ModelAlarms", () => {
  const retained = once(() => made());

  it("has the names by which the endpoint knows them, and tells the topic of their severity", async () => {
    const [, { get }] = await retained();
    const alarm = (key: string) => get("aws:cloudwatch/metricAlarm:MetricAlarm", `model-alarms-${key}`).inputs;
    assert.equal(alarm("endpoint-errors").name, "slipway-dev-model-endpoint-errors");
    assert.deepEqual(alarm("endpoint-errors").alarmActions, ["arn:topic:critical"]);
    assert.deepEqual(alarm("function-errors-deploy-endpoint").alarmActions, ["arn:topic:warning"]);
  });
});

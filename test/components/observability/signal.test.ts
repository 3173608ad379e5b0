import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { anyOf } from "../../../components/observability/rollback-signal.ts";
import { ruleProblem } from "../../../sandbox/types/aws/alarm-rule.ts";
import { args, everything, made, topics } from "./fixture.ts";

const compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const metricType = "aws:cloudwatch/metricAlarm:MetricAlarm";

describe("components/observability: the signal to go back", () => {
  it("rings when any critical alarm of a pipeline does, and tells nobody itself", async () => {
    const { inputs } = (await made()).get(compositeType, "observability-rollback");
    assert.deepEqual(Object.keys(inputs).sort(), ["alarmDescription", "alarmName", "alarmRule"]);
    assert.equal(inputs.alarmName, "slipway-dev-rollback");
    assert.equal(
      inputs.alarmRule,
      'ALARM("slipway-dev-data-executions-failed") OR ALARM("slipway-dev-model-endpoint-errors")',
    );
  });

  it("is made after the pipelines, whose alarms it names", async () => {
    const { dependsOn } = (await made()).get(compositeType, "observability-rollback");
    assert.ok(
      dependsOn.some((resource) => resource.includes("MetricAlarm data-alarm")),
      dependsOn.join(", "),
    );
  });

  it("knows what is seen from outside, and not whether a deployment failed: that would hold up the next one", async () => {
    const { inputs } = (await made({ settings: everything })).get(compositeType, "observability-rollback");
    assert.match(String(inputs.alarmRule), /OR ALARM\("slipway-dev-http-failed"\)$/);
    assert.doesNotMatch(String(inputs.alarmRule), /delivery-failed/);
  });

  it("has a rule that CloudWatch reads, each alarm once", () => {
    assert.equal(anyOf(["a", "b", "a"]), 'ALARM("a") OR ALARM("b")');
    const hundred = Array.from({ length: 100 }, (_, n) => `slipway-staging-data-function-errors-${n}`);
    assert.equal(ruleProblem(anyOf(hundred)), undefined);
  });

  it("refuses more than CloudWatch takes", () => {
    assert.throws(() => anyOf(Array.from({ length: 101 }, (_, n) => `a${n}`)), /watches 101 alarms/);
    const long = Array.from({ length: 60 }, (_, n) => `${n}`.padEnd(200, "x"));
    assert.throws(() => anyOf(long), /at most 100 in 10240/);
  });
});

describe("components/observability: alarms of the environment", () => {
  it("warn of deployments that failed, by the figures of the driver", async () => {
    const { inputs } = (await made()).get(metricType, "observability-delivery-failed");
    assert.equal(inputs.name, "slipway-dev-delivery-failed");
    assert.deepEqual(
      [inputs.namespace, inputs.metricName, inputs.dimensions],
      ["Slipway/Delivery", "DeploymentFailures", { Environment: args.environment }],
    );
    assert.deepEqual([inputs.threshold, inputs.treatMissingData], [1, "notBreaching"]);
    assert.deepEqual(inputs.alarmActions, [topics.warning]);
  });

  it("wake somebody when two of three rounds from outside went wrong, and not before the first", async () => {
    const { inputs } = (await made({ settings: everything })).get(metricType, "observability-http-failed");
    assert.deepEqual(
      [inputs.namespace, inputs.metricName, inputs.dimensions],
      ["CloudWatchSynthetics", "SuccessPercent", { CanaryName: "slipway-dev-http" }],
    );
    const { period, evaluationPeriods, datapointsToAlarm, threshold, treatMissingData, alarmActions } = inputs;
    assert.deepEqual([period, evaluationPeriods, datapointsToAlarm, threshold], [300, 3, 2, 100]);
    assert.deepEqual([treatMissingData, alarmActions], ["missing", [topics.critical]]);
  });
});

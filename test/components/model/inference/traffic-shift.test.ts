import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { made } from "./fixture.ts";

describe("traffic of components/model/InferenceApi", () => {
  it("watches the version that takes over, not the alias as a whole", async () => {
    const { ofType } = await made({ thresholds: { errorsPerMinute: 2, latencyMs: 900 }, alarmTopics: ["arn:topic"] });
    const dimensions = {
      FunctionName: "slipway-dev-models-api",
      Resource: "slipway-dev-models-api:live",
      ExecutedVersion: "3",
    };
    assert.deepEqual(
      ofType("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => {
        const { alarmDescription: _, ...rest } = inputs;
        return rest;
      }),
      [
        {
          ...{ name: "slipway-dev-inference-errors", namespace: "AWS/Lambda", metricName: "Errors", statistic: "Sum" },
          ...{ dimensions, period: 60, evaluationPeriods: 1, threshold: 2 },
          ...{
            comparisonOperator: "GreaterThanThreshold",
            treatMissingData: "notBreaching",
            alarmActions: ["arn:topic"],
          },
        },
        {
          ...{ name: "slipway-dev-inference-latency", namespace: "AWS/Lambda", metricName: "Duration" },
          ...{ extendedStatistic: "p99", dimensions, period: 60, evaluationPeriods: 3, datapointsToAlarm: 2 },
          ...{ threshold: 900, comparisonOperator: "GreaterThanThreshold", treatMissingData: "notBreaching" },
          alarmActions: ["arn:topic"],
        },
      ],
    );
  });

  it("shifts a tenth for half an hour unless told otherwise, and goes back by itself", async () => {
    const result = await made();
    const config = result.get("aws:codedeploy/deploymentConfig:DeploymentConfig", "api-traffic-steps");
    const name = "slipway-dev-inference-canary-10-percent-30-minutes";
    assert.deepEqual(config.inputs, {
      deploymentConfigName: name,
      computePlatform: "Lambda",
      trafficRoutingConfig: { type: "TimeBasedCanary", timeBasedCanary: { percentage: 10, interval: 30 } },
    });
    const made1 = result.get("aws:codedeploy/deploymentGroup:DeploymentGroup", "api-traffic-group");
    assert.deepEqual(made1.inputs, {
      appName: "slipway-dev-inference",
      deploymentGroupName: "slipway-dev-inference",
      serviceRoleArn: "arn:aws:iam::111111111111:role/api-traffic-role",
      deploymentConfigName: name,
      deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
      alarmConfiguration: {
        enabled: true,
        alarms: ["slipway-dev-inference-errors", "slipway-dev-inference-latency"],
        ignorePollAlarmFailure: false,
      },
    });
    assert.ok(made1.dependsOn.includes("aws:iam/rolePolicy:RolePolicy api-traffic-policy"));
    const linear = await made({ shift: { kind: "linear", percentage: 25, minutes: 5 } });
    assert.deepEqual(
      linear.get("aws:codedeploy/deploymentConfig:DeploymentConfig", "api-traffic-steps").inputs.trafficRoutingConfig,
      { type: "TimeBasedLinear", timeBasedLinear: { percentage: 25, interval: 5 } },
    );
    const quick = await made({ shift: { kind: "all-at-once" } });
    assert.deepEqual(quick.ofType("aws:codedeploy/deploymentConfig:DeploymentConfig"), []);
    const [atOnce] = quick.ofType("aws:codedeploy/deploymentGroup:DeploymentGroup");
    assert.equal(atOnce?.inputs.deploymentConfigName, "CodeDeployDefault.LambdaAllAtOnce");
  });
});

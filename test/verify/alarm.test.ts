import assert from "node:assert/strict";
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import type { AlarmState, VerifyTargets } from "../../automation/verify/check-kind.ts";
import { describeAlarms } from "../../automation/verify/cloudwatch.ts";
import { judgeAlarms } from "../../automation/verify/kinds/alarm.ts";
import { verify } from "../../automation/verify/verify.ts";
import { startMiniStack, type MiniStack } from "../support/ministack.ts";

const deployed = { release: undefined, root: () => Promise.reject(new Error("no program here")) };

const state = (name: string, value: string, reason = ""): AlarmState => ({ name, state: value, reason });

describe("alarms that", () => {
  const table: [name: string, found: AlarmState[], verdict: string, detail: string][] = [
    ["are quiet pass", [state("errors", "OK"), state("latency", "OK")], "passed", "2 quiet"],
    ["have no data yet pass", [state("errors", "INSUFFICIENT_DATA"), state("latency", "OK")], "passed", "2 quiet"],
    ["ring fail", [state("errors", "ALARM", "5 > 1"), state("latency", "OK")], "failed", "in alarm: errors (5 > 1)"],
    ["do not exist fail", [state("errors", "OK")], "failed", "no such alarm: latency"],
    [
      "were not asked for do not matter",
      [state("errors", "OK"), state("latency", "OK"), state("other", "ALARM")],
      "passed",
      "2 quiet",
    ],
  ];
  for (const [name, found, verdict, detail] of table)
    it(name, () => assert.deepEqual(judgeAlarms(["errors", "latency"], found), { state: verdict, detail }));

  it("begin to ring while a release proves itself send it back", async () => {
    let asked = 0;
    const targets: VerifyTargets = {
      aws: () => Promise.reject(new Error("no services here")),
      kubernetes: () => Promise.reject(new Error("no cluster here")),
      alarms: () => Promise.resolve([state("errors", (asked += 1) < 3 ? "OK" : "ALARM", "too many")]),
    };
    const check = { kind: "alarm" as const, name: "api", region: "us-east-1", alarms: ["errors"] };
    const options = { targets, deployed, patience: 1_000, bake: 5_000, signal: new AbortController().signal };
    const [result] = await verify([check], options);
    assert.deepEqual([result?.passed, result?.detail], [false, "did not stay well: in alarm: errors (too many)"]);
  });
});

describe("alarms in CloudWatch", function () {
  this.timeout(120_000);
  let server: MiniStack;
  let saved: NodeJS.ProcessEnv;

  before(async () => {
    server = await startMiniStack();
    saved = { ...process.env };
    Object.assign(process.env, server.environment());
  });
  after(async () => {
    process.env = saved;
    await server.stop();
  });

  it("are described by name, with their state and the reason for it", async () => {
    const client = new CloudWatchClient({ region: "us-east-1" });
    const metric = {
      MetricName: "Errors",
      Namespace: "Api",
      Period: 60,
      EvaluationPeriods: 1,
      Statistic: "Sum" as const,
    };
    for (const AlarmName of ["errors", "latency"])
      await client.send(
        new PutMetricAlarmCommand({ AlarmName, ...metric, Threshold: 1, ComparisonOperator: "GreaterThanThreshold" }),
      );
    await client.send(new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason: "a test" }));
    const found = await describeAlarms("us-east-1", ["errors", "latency", "absent"], new AbortController().signal);
    client.destroy();
    assert.deepEqual(found.map(({ name }) => name).sort(), ["errors", "latency"]);
    assert.equal(judgeAlarms(["errors"], found).detail, "in alarm: errors (a test)");
    assert.equal(judgeAlarms(["latency"], found).state, "passed");
  });
});

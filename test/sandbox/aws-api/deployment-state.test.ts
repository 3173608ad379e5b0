import { strict as assert } from "node:assert";

import { advancedDeployment, type DeploymentSeen } from "../../../sandbox/aws-api/codedeploy/advance.ts";
import { appSpecOf } from "../../../sandbox/aws-api/codedeploy/appspec.ts";
import { configSteps } from "../../../sandbox/aws-api/codedeploy/configs.ts";
import {
  aliasTarget,
  deploymentId,
  targetPercent,
  type Deployment,
  type Hook,
} from "../../../sandbox/aws-api/codedeploy/deployment.ts";
import type { CloudRecord } from "../../../sandbox/aws-api/record.ts";

const hook = (changes: Partial<Hook> = {}): Hook => ({
  function: "asks",
  executionId: "x",
  status: "Pending",
  ...changes,
});
const deployment = (changes: Partial<Deployment> = {}): Deployment => ({
  ...{ id: "d-AAAAAAAAA", application: "a", group: "g", config: "c", creator: "user", revision: {} },
  spec: { function: "f", alias: "live", current: "1", target: "2" },
  steps: [{ percent: 10, seconds: 1_800 }, { percent: 100, seconds: 0 }],
  ...{ alarms: ["errors"], ignoreAlarmFailure: false },
  rollbackOn: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
  ...{ status: "InProgress", phase: "shift", step: 0, since: 1_000, applied: true, created: 0 },
  ...changes,
}); // prettier-ignore
const seen = (now: number, changes: Partial<DeploymentSeen> = {}): DeploymentSeen => ({
  ...{ now, from: 0, ringing: [], unreadable: [], rollbackId: "d-BBBBBBBBB" },
  ...changes,
});

describe("a deployment's way", () => {
  it("checks, asks, shifts, asks, and is done", () => {
    let now = 1_000;
    let at = deployment({
      status: "Created",
      phase: "check",
      applied: false,
      before: hook(),
      after: hook({ executionId: "y" }),
    });
    const alias = { version: "1", weights: {} };
    const go = (changes: Partial<DeploymentSeen> = {}) => (at = advancedDeployment(at, seen(now, changes)).deployment);
    const shown = () => [at.phase, targetPercent(at)];
    go({ alias, targetExists: true });
    assert.deepEqual([at.status, ...shown()], ["InProgress", "before", 0]);
    assert.equal(go().before?.status, "InProgress");
    const asked = at;
    assert.equal(go(), asked);
    at = { ...at, before: hook({ status: "Succeeded" }) };
    go();
    assert.deepEqual(
      [...shown(), at.applied, aliasTarget(at)],
      ["shift", 10, false, { version: "1", weights: { 2: 0.1 } }],
    );
    const unseen = at;
    now += 10_000;
    assert.equal(go(), unseen, "a step counts from when the alias shows it");
    at = { ...at, applied: true, since: now };
    now += 499;
    assert.equal(go(), at);
    now += 1;
    go();
    assert.deepEqual([...shown(), at.applied, aliasTarget(at)], ["shift", 100, false, { version: "2", weights: {} }]);
    at = { ...at, applied: true, since: now };
    go();
    assert.deepEqual(shown(), ["after", 100]);
    at = { ...at, after: hook({ status: "Succeeded" }) };
    go();
    assert.deepEqual([at.status, ...shown(), at.completed], ["Succeeded", "end", 100, now]);
  });

  const endings: [title: string, before: Partial<Deployment>, what: Partial<DeploymentSeen>, status: string, code: string, back: boolean][] = [
    ["an alarm", {}, { ringing: ["errors"] }, "Stopped", "ALARM_ACTIVE", true],
    ["an alarm that cannot be read", {}, { unreadable: ["errors"] }, "Stopped", "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND", true],
    ["an alarm, where the group takes nothing back", { rollbackOn: [] }, { ringing: ["errors"] }, "Stopped", "ALARM_ACTIVE", false],
    ["a request", { stop: { rollback: true } }, {}, "Stopped", "MANUAL_STOP", true],
    ["a request to stay", { stop: { rollback: false } }, {}, "Stopped", "MANUAL_STOP", false],
    ["a hook", { phase: "after", after: hook({ status: "Failed" }) }, {}, "Failed", "HOOK_EXECUTION_FAILURE", true],
    ["a hook that hangs", { phase: "before", before: hook({ status: "InProgress", started: 0 }) }, { now: 50_000 }, "Failed", "HOOK_EXECUTION_FAILURE", true],
    ["an alarm before it was looked at", { phase: "check" }, { ringing: ["errors"] }, "Stopped", "ALARM_ACTIVE", false],
    ["no alias", { phase: "check" }, {}, "Failed", "INVALID_LAMBDA_FUNCTION", false],
    ["an alias between two versions", { phase: "check" }, { alias: { version: "1", weights: { 3: 0.5 } }, targetExists: true }, "Failed", "INVALID_LAMBDA_CONFIGURATION", false],
  ]; // prettier-ignore
  for (const [title, before, what, status, code, back] of endings)
    it(`ends for ${title}`, () => {
      const { deployment: after, rollback } = advancedDeployment(deployment(before), seen(1_100, what));
      assert.deepEqual([after.status, after.error?.code, after.phase], [status, code, "end"]);
      assert.deepEqual(
        [rollback?.id, after.rollback?.deployment],
        back ? ["d-BBBBBBBBB", "d-BBBBBBBBB"] : [undefined, undefined],
      );
      if (rollback === undefined) return;
      assert.deepEqual(aliasTarget(rollback), { version: "1", weights: {} });
      const done = advancedDeployment({ ...rollback, applied: true }, seen(1_200, { ringing: ["errors"] })).deployment;
      assert.deepEqual([done.status, done.creator], ["Succeeded", "codeDeployRollback"]);
    });

  it("may go on where an alarm cannot be read", () => {
    const before = deployment({ ignoreAlarmFailure: true });
    assert.equal(advancedDeployment(before, seen(1_100, { unreadable: ["errors"] })).deployment, before);
  });

  it("does not call a hook late that was not called while nobody looked", () => {
    const before = deployment({ phase: "before", before: hook({ status: "InProgress", started: 0 }) });
    assert.equal(advancedDeployment(before, seen(50_000, { from: 45_000 })).deployment, before);
  });

  it("has an id as CodeDeploy gives it", () =>
    assert.equal(
      deploymentId(() => 0.99),
      "d-999999999",
    ));
});

describe("steps of CodeDeploy's configurations", () => {
  const record = (properties: Record<string, unknown>) =>
    ({ find: () => ({ name: "own", properties, createdAt: "" }) }) as unknown as CloudRecord;
  const none = { find: () => undefined } as unknown as CloudRecord;
  const scope = { account: "111111111111", region: "us-east-1" };
  const steps = (name: string, from = none) =>
    configSteps(from, scope, name).map((step) => [step.percent, step.seconds / 60]);
  const linear = (...percents: number[]) => percents.map((percent) => [percent, percent === 100 ? 0 : 2]);

  it("are AWS's own", () => {
    assert.deepEqual(steps("CodeDeployDefault.LambdaAllAtOnce"), [[100, 0]]);
    assert.deepEqual(steps("CodeDeployDefault.LambdaCanary10Percent30Minutes"), [[10, 30], [100, 0]]); // prettier-ignore
    assert.deepEqual(
      steps("CodeDeployDefault.LambdaLinear10PercentEvery2Minutes"),
      linear(10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
    );
    assert.equal(steps("CodeDeployDefault.LambdaLinear10PercentEvery1Minute").length, 10);
    assert.throws(() => steps("CodeDeployDefault.OneAtATime"), { code: "DeploymentConfigDoesNotExistException" });
  });

  it("are those of the record", () => {
    const own = (routing: object) => record({ computePlatform: "Lambda", trafficRoutingConfig: routing });
    assert.deepEqual(
      steps("own", own({ type: "TimeBasedLinear", timeBasedLinear: { percentage: 34, interval: 2 } })),
      linear(34, 68, 100),
    );
    assert.deepEqual(steps("own", own({ type: "TimeBasedCanary", timeBasedCanary: { percentage: 5, interval: 3 } })), [[5, 3], [100, 0]]); // prettier-ignore
    assert.throws(() => steps("own", record({ computePlatform: "Server" })), {
      code: "InvalidComputePlatformException",
    });
  });
});

describe("an AppSpec", () => {
  const content = (changes: object = {}, document: object = {}) => {
    const Properties = { Name: "f", Alias: "live", CurrentVersion: "1", TargetVersion: 2, ...changes };
    return JSON.stringify({
      version: 0.0,
      Resources: [{ f: { Type: "AWS::Lambda::Function", Properties } }],
      ...document,
    });
  };
  const spec = (text: string, more: object = {}) =>
    appSpecOf({ revisionType: "AppSpecContent", appSpecContent: { content: text, ...more } });

  it("names function, alias, versions and hooks", () => {
    const Hooks = [{ BeforeAllowTraffic: "one" }, { AfterAllowTraffic: "two" }];
    const named = { Name: "arn:aws:lambda:us-east-1:111111111111:function:f" };
    assert.deepEqual(spec(content(named, { Hooks })), {
      function: "f",
      alias: "live",
      current: "1",
      target: "2",
      before: "one",
      after: "two",
    });
  });

  const wrong: [text: string, message: RegExp, more?: object][] = [
    ["{", /neither JSON nor YAML/],
    ["", /content is empty/],
    [content({}, { version: 1 }), /its version is 1, expected 0.0/],
    [content({}, { Resources: [] }), /holds 0 resources/],
    [content({}, { Resources: [{ f: { Type: "AWS::ECS::Service" } }] }), /Type of f is "AWS::ECS::Service"/],
    [content({ Alias: "" }), /f.Properties.Alias is missing/],
    [content({}, { Hooks: [{ AfterInstall: "x" }] }), /"AfterInstall" is no hook/],
    [content(), /sha256 is not the digest/, { sha256: "0" }],
  ];
  for (const [text, message, more] of wrong)
    it(`is refused: ${message.source}`, () =>
      assert.throws(() => spec(text, more), { code: "InvalidRevisionException", message }));

  it("is refused in another place than the request", () =>
    assert.throws(() => appSpecOf({ revisionType: "S3" }), /AppSpecContent and String, not "S3"/));
});

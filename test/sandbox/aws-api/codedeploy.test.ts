import { strict as assert } from "node:assert";
import {
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  PutLifecycleEventHookExecutionStatusCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";

import { region } from "../live/live-lab.ts";
import { alarmName, DeploymentLab, lambdaName, watched } from "./deployment-lab.ts";

describe("the sandbox's CodeDeploy", function () {
  this.timeout(60_000);
  let lab: DeploymentLab;

  before(async function () {
    this.timeout(600_000);
    lab = await DeploymentLab.open();
    await lab.hook("good", "Succeeded");
    await lab.hook("bad", "Failed");
    await lab.hook("crashing", "crash");
    await lab.hook("silent", "silence");
  });
  beforeEach(() => lab.moveAlias("1"));
  after(async () => {
    await lab?.close();
  });
  const aliasVersion = () =>
    lab.api.aliasVersion({ account: lab.lab.account, region, functionName: lambdaName, alias: "live" });

  it("gives the new version its share, then everything", async () => {
    assert.equal(aliasVersion(), undefined);
    const id = await lab.deploy();
    assert.match(id, /^d-[A-Z0-9]{9}$/);
    await lab.aliasIs("1 2:0.1");
    const { status, deploymentConfigName, creator, createTime, completeTime } = await lab.ended(id);
    assert.deepEqual([status, deploymentConfigName, creator], ["Succeeded", "lab-canary", "user"]);
    assert.ok(createTime !== undefined && completeTime !== undefined);
    // Half an hour of production.
    assert.ok(completeTime.getTime() - createTime.getTime() >= 500);
    assert.equal(await lab.alias(), "2");
    assert.deepEqual(await lab.counted(3), { 2: 3 });
    assert.equal(aliasVersion(), "2");
  });

  it("stops for an alarm and goes back by a deployment of its own, as calls show", async () => {
    const id = await lab.deploy(undefined, watched);
    await lab.aliasIs("1 2:0.1");
    assert.deepEqual(await lab.counted(20), { 1: 18, 2: 2 });
    assert.equal((await lab.target(id)).lambdaFunctionInfo?.targetVersionWeight, 0.1);
    lab.alarm.ring();
    const { status, errorInformation, rollbackInfo } = await lab.ended(id);
    lab.alarm.ring("OK");
    assert.deepEqual([status, errorInformation?.code], ["Stopped", "ALARM_ACTIVE"]);
    assert.match(errorInformation?.message ?? "", /have been stopped. Activated alarms: <lab-errors>$/);
    const back = await lab.info(rollbackInfo?.rollbackDeploymentId ?? "");
    assert.deepEqual([back.status, back.creator], ["Succeeded", "codeDeployRollback"]);
    assert.equal(back.rollbackInfo?.rollbackTriggeringDeploymentId, id);
    assert.equal(await lab.alias(), "1");
    assert.deepEqual(await lab.counted(5), { 1: 5 });
    assert.equal(aliasVersion(), "1");
  });

  it("may be told to look at no alarm", async () => {
    lab.alarm.ring();
    const deploymentConfigName = "CodeDeployDefault.LambdaAllAtOnce";
    const id = await lab.deploy(lab.appSpec(), {
      deploymentConfigName,
      overrideAlarmConfiguration: { enabled: false },
    });
    assert.equal((await lab.ended(id)).status, "Succeeded");
    lab.alarm.ring("OK");
    assert.equal(await lab.alias(), "2");
  });

  it("asks the hooks before the first and after the last request, and takes YAML", async () => {
    const yaml = [
      "version: 0.0",
      "Resources:",
      `  - api: { Type: AWS::Lambda::Function, Properties: { Name: ${lambdaName}, Alias: live, CurrentVersion: 1, TargetVersion: 2 } }`,
      "Hooks:",
      "  - BeforeAllowTraffic: good",
      "  - AfterAllowTraffic: good",
    ].join("\n");
    const revision = { revisionType: "String" as const, string: { content: yaml } };
    const deploymentConfigName = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute";
    const id = await lab.deploy("", { revision, deploymentConfigName });
    assert.equal((await lab.ended(id)).status, "Succeeded");
    const { lifecycleEvents = [], status } = await lab.target(id);
    assert.deepEqual(
      [status, ...lifecycleEvents.map((event) => `${event.lifecycleEventName} ${event.status}`)],
      ["Succeeded", "BeforeAllowTraffic Succeeded", "AllowTraffic Succeeded", "AfterAllowTraffic Succeeded"],
    );
    const [before, allow, after] = lifecycleEvents.map(({ startTime, endTime }) => [
      Number(startTime),
      Number(endTime),
    ]);
    assert.ok((before?.[1] ?? 0) <= (allow?.[0] ?? 0) && (allow?.[1] ?? 0) <= (after?.[0] ?? 0));
  });

  const failing: [title: string, hooks: Record<string, string>, message: RegExp][] = [
    ["says no", { BeforeAllowTraffic: "bad" }, /BeforeAllowTraffic \(bad\) failed: it reported Failed/],
    ["breaks", { BeforeAllowTraffic: "crashing" }, /the function ended with an error: .*answers nonsense/],
    ["says nothing", { BeforeAllowTraffic: "silent" }, /it ended without reporting a status in time/],
    ["is not there", { BeforeAllowTraffic: "absent" }, /the function cannot be called: .*absent/],
    ["says no at the end", { AfterAllowTraffic: "bad" }, /AfterAllowTraffic \(bad\) failed/],
  ];
  for (const [title, hooks, message] of failing)
    it(`fails when a hook ${title}`, async () => {
      const deploymentConfigName = "CodeDeployDefault.LambdaAllAtOnce";
      const id = await lab.deploy(lab.appSpec({ hooks }), { deploymentConfigName });
      const { status, errorInformation } = await lab.ended(id);
      assert.deepEqual([status, errorInformation?.code], ["Failed", "HOOK_EXECUTION_FAILURE"]);
      assert.match(errorInformation?.message ?? "", message);
      const failed = (await lab.target(id)).lifecycleEvents?.filter((event) => event.status === "Failed");
      assert.deepEqual(failed?.map(({ lifecycleEventName }) => lifecycleEventName), Object.keys(hooks)); // prettier-ignore
      assert.equal(await lab.alias(), "1");
    });

  for (const autoRollbackEnabled of [true, false])
    it(`stops on request, ${autoRollbackEnabled ? "and goes back" : "and leaves the alias as it is"}`, async () => {
      const id = await lab.deploy(undefined, watched);
      await lab.aliasIs("1 2:0.1");
      const stop = new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled });
      assert.equal((await lab.clients.codedeploy.send(stop)).status, "Pending");
      const { status, errorInformation, rollbackInfo } = await lab.ended(id);
      assert.deepEqual([status, errorInformation?.code], ["Stopped", "MANUAL_STOP"]);
      assert.equal(rollbackInfo !== undefined, autoRollbackEnabled);
      assert.equal(await lab.alias(), autoRollbackEnabled ? "1" : "1 2:0.1");
      await assert.rejects(lab.clients.codedeploy.send(stop), { name: "DeploymentAlreadyCompletedException" });
    });

  it("has one deployment of a group at a time, and lists them", async () => {
    const listed = async (includeOnlyStatuses: ("InProgress" | "Created" | "Stopped")[]) => {
      const group = { applicationName: "lab-inference", deploymentGroupName: "live", includeOnlyStatuses };
      return (await lab.clients.codedeploy.send(new ListDeploymentsCommand(group))).deployments;
    };
    const id = await lab.deploy();
    await assert.rejects(lab.deploy(), { name: "DeploymentLimitExceededException", message: new RegExp(id) });
    assert.deepEqual(await listed(["InProgress", "Created"]), [id]);
    await lab.ended(id);
    assert.deepEqual(await listed(["InProgress", "Created"]), []);
    assert.ok(((await listed(["Stopped"])) ?? []).length > 0);
  });

  const unfit: [title: string, spec: { from?: string; to?: string }, code: string, message: RegExp][] = [
    ["another current version", { from: "2", to: "1" }, "INVALID_LAMBDA_CONFIGURATION", /CurrentVersion is 2, and the alias live is at 1/],
    ["a version that is not there", { to: "7" }, "INVALID_LAMBDA_FUNCTION", /has no version 7/],
    ["the same version twice", { to: "1" }, "INVALID_LAMBDA_CONFIGURATION", /are both 1/],
  ]; // prettier-ignore
  for (const [title, spec, code, message] of unfit)
    it(`fails for ${title}, and touches nothing`, async () => {
      const { status, errorInformation } = await lab.ended(await lab.deploy(lab.appSpec(spec)));
      assert.deepEqual([status, errorInformation?.code], ["Failed", code]);
      assert.match(errorInformation?.message ?? "", message);
      assert.equal(await lab.alias(), "1");
    });

  it("refuses what it does not know in CodeDeploy's words", async () => {
    const { codedeploy } = lab.clients;
    const answer = { deploymentId: "d-AAAAAAAAA", lifecycleEventHookExecutionId: "x", status: "Succeeded" } as const;
    const cases: [name: string, work: () => Promise<unknown>][] = [
      ["ApplicationDoesNotExistException", () => lab.deploy(undefined, { applicationName: "absent" })],
      ["DeploymentGroupDoesNotExistException", () => lab.deploy(undefined, { deploymentGroupName: "absent" })],
      ["DeploymentConfigDoesNotExistException", () => lab.deploy(undefined, { deploymentConfigName: "absent" })],
      ["InvalidRevisionException", () => lab.deploy("{")],
      ["RevisionRequiredException", () => lab.deploy("", { revision: {} })],
      ["DeploymentDoesNotExistException", () => lab.info("d-AAAAAAAAA")],
      ["DeploymentDoesNotExistException", () => codedeploy.send(new PutLifecycleEventHookExecutionStatusCommand(answer))],
    ]; // prettier-ignore
    for (const [name, work] of cases) await assert.rejects(work(), { name }, name);
    const group = { applicationName: "lab-inference", deploymentGroupName: "live" };
    const { deploymentGroupInfo } = await codedeploy.send(new GetDeploymentGroupCommand(group));
    assert.deepEqual(deploymentGroupInfo?.alarmConfiguration?.alarms, [{ name: alarmName }]);
  });
});

import assert from "node:assert/strict";
import { hostname } from "node:os";
import { openTraffic, type Traffic } from "../../../automation/deploy/traffic/traffic.ts";
import type { Where } from "../../../automation/deploy/traffic/run.ts";
import type { DeployRequest, Session } from "../../../automation/deploy/session.ts";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import { append } from "../../../automation/promotion/ledger.ts";
import { historyOf } from "../../../automation/promotion/status.ts";
import type { Workspace } from "../../../automation/workspace.ts";
import type { StackOutputs, TrafficShift } from "../../../config/outputs.ts";
import { cloneFixture, scratch } from "../../git/throw-away.ts";
import { AwsFault } from "../../support/fake-aws.ts";
import { labAt, type Lab } from "../promotion-lab.ts";
import { CodeDeploy, shift } from "./code-deploy.ts";

const stackOutputs = (shifts: TrafficShift[] | undefined) =>
  ({ kind: "environment", region: "us-east-1", ...(shifts && { model: { shifts } }) }) as unknown as StackOutputs;

describe("the traffic of a stack", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  let lab: Lab;
  let aws: CodeDeploy;
  let cancel: AbortController;
  let closed: number;
  const servers: CodeDeploy[] = [];

  beforeEach(async () => {
    lab = labAt(clone.root, temporary.directory());
    [aws, cancel, closed] = [new CodeDeploy(), new AbortController(), 0];
    await aws.start();
    servers.push(aws);
  });
  afterEach(() => Promise.all(servers.splice(0).map(({ server }) => server.close())));

  const session = (): Session => {
    const { context, workspace } = lab;
    return {
      context: { ...context, signal: cancel.signal },
      // The pace of the sandbox, without any.
      workspace: { ...workspace, sandbox: {} } as unknown as Workspace,
      ...{ stack: "dev", by: "ada", onEngine: async () => {} },
      record: (entry) => append(workspace.store, "dev", entry, context.now),
    };
  };
  const where = (): Where => ({
    aws: () => Promise.resolve({ simulated: false, config: aws.config }),
    alarms: () => Promise.resolve([]),
    close: () => Promise.resolve(void (closed += 1)),
  });
  const request = async (changes: Partial<DeployRequest> = {}): Promise<DeployRequest> => ({
    ...{ verb: "promote", stack: "dev", workDir: clone.root, release: await lab.release(clone.first) },
    ...{ create: false, verify: true, ...changes },
  });
  const open = async ({
    shifts = [shift],
    asked = {},
    at = where(),
  }: { shifts?: TrafficShift[]; asked?: Partial<DeployRequest>; at?: Where } = {}): Promise<Traffic> =>
    openTraffic(session(), await request(asked), stackOutputs(shifts), () => Promise.resolve(at));
  const refusal = async (work: Promise<unknown>): Promise<SlipwayError> => {
    const error = await work.then(
      () => assert.fail("it went well"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof SlipwayError, String(error));
    return error;
  };
  const last = async () => (await lab.records("dev")).at(-1);

  it("is nobody's business where no alias is shifted", async () => {
    const never = () => Promise.reject(new Error("opened"));
    const traffic = await openTraffic(session(), await request(), stackOutputs(undefined), never);
    assert.equal(traffic.due, false);
    await traffic.shift();
    await traffic.close();
  });

  it("is left alone where everything leads where it should", async () => {
    aws.alias = { version: "7", weights: {} };
    const traffic = await open();
    assert.equal(traffic.due, false);
    await traffic.shift();
    await traffic.close();
    assert.deepEqual(await lab.records("dev"), []);
    assert.equal(closed, 1);
  });

  it("is shifted, and the ledger says from where to where, by what and for which release", async () => {
    const traffic = await open();
    assert.equal(traffic.due, true);
    await traffic.shift();
    await traffic.close();
    const record = await last();
    assert.ok(record?.kind === "traffic-shifted");
    const { function: name, alias, from, to, deployment, release, seconds } = record;
    assert.deepEqual(
      { name, alias, from, to, deployment, release },
      {
        ...{ name: "slipway-dev-models-api", alias: "live", from: "6", to: "7", deployment: "d-1" },
        release: (await lab.release(clone.first)).id,
      },
    );
    assert.match(
      historyOf([record])[0]?.summary ?? "",
      /^slipway-dev-models-api:live shifted from version 6 to 7 in \d+\.\d s$/u,
    );
    assert.ok(seconds > 0);
    assert.match(lab.output(), /simulated/u);
    assert.match(lab.output(), /slipway-dev-models-api:live leads to version 7\n/u);
  });

  it("goes back at once where a release is taken back", async () => {
    await (await open({ asked: { verb: "rollback" } })).shift();
    assert.equal(aws.server.bodies("CreateDeployment")[0]?.deploymentConfigName, "CodeDeployDefault.LambdaAllAtOnce");
  });

  it("that does not arrive is a verification that failed, with what to type", async () => {
    aws.events = [{ lifecycleEventName: "AfterAllowTraffic", status: "Failed", diagnostics: { message: "502" } }];
    aws.frames = [{ status: "InProgress", weight: 0.1 }, { status: "Failed" }];
    const moved = { tag: "dev", to: null };
    const traffic = await open({ asked: { beforeVerdict: () => Promise.resolve({ tagMovedOn: moved }) } });
    const error = await refusal(traffic.shift());
    assert.equal(error.code, ExitCode.verificationFailed);
    assert.equal(
      error.message,
      "dev is deployed, but the traffic of slipway-dev-models-api:live did not go to version 7: " +
        "deployment d-1: hook AfterAllowTraffic (hook-after) failed: 502",
    );
    assert.equal(error.where, "deployment d-1");
    assert.equal(error.changed, "dev has its new infrastructure; slipway-dev-models-api:live leads to version 6");
    assert.match(error.next ?? "", /\.\/slipway history dev; \.\/slipway rollback dev/u);
    const record = await last();
    assert.ok(record?.kind === "failed");
    assert.deepEqual([record.stage, record.error, record.tagMovedOn], ["verify", error.message, moved]);
    assert.deepEqual(
      record.checks?.map(({ name, kind, passed, message }) => [name, kind, passed, message]),
      [[...["slipway-dev-models-api:live", "traffic-shift", false], "hook AfterAllowTraffic (hook-after) failed: 502"]],
    );
  });

  it("that a person stops is an interruption, with what was changed", async () => {
    aws.frames = [
      { status: "InProgress", weight: 0.1 },
      { status: "InProgress", reached: () => cancel.abort() },
    ];
    const error = await refusal((await open()).shift());
    assert.equal(error.code, ExitCode.cancelled);
    assert.equal(
      error.message,
      "The shift of slipway-dev-models-api:live to version 7 was cancelled: it was stopped at 10 %",
    );
    assert.match(error.changed ?? "", /leads to version 6$/u);
    assert.match(error.next ?? "", /^\.\/slipway promote dev shifts it again/u);
    const record = await last();
    assert.ok(record?.kind === "interrupted");
    assert.deepEqual([record.verb, record.host], ["promote", hostname()]);
  });

  it("of one alias that fails stops that of the others", async () => {
    const second = { ...shift, version: "8" };
    aws.frames = [
      { status: "InProgress", weight: 0.1 },
      { status: "Failed", error: { code: "X", message: "broken" } },
    ];
    const slow = new CodeDeploy();
    await slow.start();
    servers.push(slow);
    slow.frames = [{ status: "InProgress", weight: 0.5 }];
    let opened = 0;
    const at: Where = {
      ...where(),
      // Each shift asks for Lambda, then for CodeDeploy.
      aws: () => Promise.resolve({ simulated: false, config: (opened += 1) <= 2 ? slow.config : aws.config }),
    };
    const error = await refusal((await open({ shifts: [second, shift], at })).shift());
    assert.match(error.message, /did not go to version 7: deployment d-1: X: broken$/u);
    assert.equal(slow.server.bodies("StopDeployment").length, 1);
    assert.deepEqual(slow.alias, { version: "6", weights: {} });
    assert.deepEqual(await lab.kinds("dev"), ["failed"]);
  });

  it("that AWS does not speak of fails the deployment before anything is said to be promoted", async () => {
    aws.refuse = () => {
      throw new AwsFault("AccessDeniedException", "not authorized to perform codedeploy:ListDeployments");
    };
    const error = await refusal(open());
    assert.equal(error.code, ExitCode.credentials);
    assert.match(
      error.message,
      /slipway-dev-models-api:live could not be looked after: AccessDeniedException: not auth/u,
    );
    assert.equal(error.next, "./slipway promote dev goes on from there.");
    const record = await last();
    assert.ok(record?.kind === "failed");
    assert.equal(record.stage, "deploy");
    assert.equal(closed, 1);
  });

  it("that the sandbox only remembers is not shifted, which is said where it would have been", async () => {
    let version = "7";
    const resources = () => [{ name: "live", functionName: "slipway-dev-models-api", functionVersion: version }];
    const at: Where = { ...where(), aws: () => Promise.resolve({ simulated: true, resources }) };
    assert.equal((await open({ at })).due, false);
    assert.equal(lab.output(), "");
    version = "6";
    const traffic = await open({ at });
    assert.equal(traffic.due, false);
    await traffic.shift();
    assert.match(lab.output(), /traffic of slipway-dev-models-api:live is not shifted: the sandbox only remembers/u);
  });
});

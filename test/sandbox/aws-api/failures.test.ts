import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DeploymentController } from "../../../sandbox/aws-api/codedeploy/controller.ts";
import type { Deployment } from "../../../sandbox/aws-api/codedeploy/deployment.ts";
import type { Emulator } from "../../../sandbox/aws-api/emulator.ts";
import { Outbox } from "../../../sandbox/aws-api/outbox.ts";
import { CloudRecord } from "../../../sandbox/aws-api/record.ts";
import { State } from "../../../sandbox/aws-api/state.ts";
import { until } from "../live/live-lab.ts";

const scope = { account: "111111111111", region: "us-east-1" };

/** An emulator of which only one thing is asked. */
function emulatorWith(parts: Partial<Emulator>): Emulator {
  const unasked = () => Promise.reject(new Error("not asked for here"));
  return { lambda: unasked, object: unasked, putEvent: unasked, close: () => undefined, ...parts };
}

describe("SageMaker and CodeDeploy of the sandbox, when the emulator fails them", () => {
  let directory: string;
  let state: State;
  let notes: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "slipway-aws-failures-"));
    state = new State(directory);
    notes = [];
  });
  afterEach(() => {
    state.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const emit = (detailType: string) =>
    state.emit(scope, { source: "aws.sagemaker", detailType, resources: [], detail: {} });
  const outbox = (putEvent: Emulator["putEvent"]) =>
    new Outbox(state, emulatorWith({ putEvent }), (line) => notes.push(line));
  const waiting = () => state.pendingEvents().map(({ event }) => event.detailType);

  it("lose an event that the bus refuses, say so, and go on with the next", async () => {
    emit("first");
    emit("second");
    const taken: string[] = [];
    const sending = outbox(async ({ event }) => {
      if (event.detailType === "first") return "TooLarge: at most 256 KB";
      taken.push(event.detailType);
      return undefined;
    });
    assert.equal(sending.busy, true);
    sending.flush();
    await sending.settled();
    assert.deepEqual([taken, waiting(), sending.busy], [["second"], [], false]);
    assert.deepEqual(notes, ["event first of 111111111111 is lost: TooLarge: at most 256 KB"]);
  });

  it("keep events, in their order, while nobody answers", async () => {
    emit("first");
    emit("second");
    const sending = outbox(() => Promise.reject(new Error("connect ECONNREFUSED")));
    sending.flush();
    await sending.settled();
    assert.deepEqual([waiting(), sending.busy], [["first", "second"], true]);
    assert.deepEqual(notes, ["event first of 111111111111 waits: connect ECONNREFUSED"]);
  });

  it("give a deployment up that Lambda fails for too long", async () => {
    const spec = { function: "f", alias: "live", current: "1", target: "2" };
    const deployment: Deployment = {
      ...{ id: "d-AAAAAAAAA", application: "a", group: "g", config: "c", creator: "user", revision: {}, spec },
      ...{ steps: [], alarms: [], ignoreAlarmFailure: false, rollbackOn: [], status: "Created", phase: "check" },
      ...{ step: 0, since: 0, applied: false, created: 0 },
    };
    state.put("deployment", scope, deployment.id, deployment);
    const record = new CloudRecord(directory);
    const emulator = emulatorWith({ lambda: () => Promise.reject(new Error("internal error")) });
    const services = { state, record, emulator, onNote: (line: string) => notes.push(line), patienceMs: 20 };
    const controller = new DeploymentController(services);
    controller.round();
    await controller.settled();
    assert.equal(controller.busy, true, "one failure is none");
    await until("it is given up", () => {
      controller.round();
      return !controller.busy;
    });
    const { status, error } = state.get("deployment", scope, deployment.id) ?? {};
    assert.deepEqual([status, error?.code], ["Failed", "INTERNAL_ERROR"]);
    assert.match(error?.message ?? "", /Lambda could not be asked: internal error/);
    record.close();
  });
});

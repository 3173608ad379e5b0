import assert from "node:assert/strict";
import { ExitCode, type SlipwayError } from "../../../automation/errors.ts";
import { failure } from "./fake-atlas.ts";
import { Lab, orders, pipeline, refused, unavailable } from "./lab.ts";

describe("a request to Atlas that fails", () => {
  const lab = new Lab();
  beforeEach(() => lab.open());
  afterEach(() => lab.atlas.close());

  it("comes back when Atlas says so, and says what it waits for", async () => {
    lab.atlas.faults = [{ status: 429, headers: { "retry-after": "7" }, body: failure(429, "RATE", "slow down")[1] }];
    assert.equal((await lab.client().workspace())?.name, "main");
    assert.deepEqual(lab.pauses, [7000]);
    assert.deepEqual(lab.said, ["Atlas: slow down; asked again in 7 s"]);
  });

  it("knows that what was refused for its number was not taken", async () => {
    lab.atlas.faults = [{ status: 429, headers: { "retry-after": "1" } }];
    await lab.client().createProcessor(orders);
    assert.deepEqual(lab.atlas.calls(), [
      "POST /api/oauth/token",
      ...Array<string>(2).fill("POST /streams/main/processor"),
    ]);
  });

  it("repeats no token", async () => {
    const [status, body] = failure(400, "ODD", "what is Bearer token-1?");
    lab.atlas.faults = [{ status, body }];
    const error = await refused(lab.client().workspace());
    assert.equal(error.detail, "what is Bearer [secret]?");
    lab.assertHidden(error, "token-1");
  });

  it("waits longer each time, and gives up with what was said last", async () => {
    lab.atlas.faults = Array.from({ length: 6 }, () => unavailable);
    const error = await refused(lab.client().processors());
    assert.deepEqual([error.status, lab.pauses.length, error.code], [503, 5, ExitCode.resourceFailed]);
    for (const [index, pause] of lab.pauses.entries())
      assert.ok(pause >= 250 * 2 ** index && pause <= 500 * 2 ** index, `${index}: ${pause}`);
    assert.match(error.message, /503 after 6 attempts: it says no more/);
  });

  it("does not wait for longer than anybody has time", async () => {
    lab.atlas.faults = [{ status: 429, headers: { "retry-after": "3600" } }];
    const error = await refused(lab.client().workspace());
    assert.deepEqual([error.retryAfter, lab.pauses.length], [3600, 0]);
  });

  it("does not repeat what was refused for what it is", async () => {
    const [status, body] = failure(400, "STREAM_PROCESSOR_INVALID", "no such stage");
    lab.atlas.faults = [{ status, body }];
    const error = await refused(lab.client().createProcessor(orders));
    assert.deepEqual([error.status, error.errorCode, lab.pauses.length], [400, "STREAM_PROCESSOR_INVALID", 0]);
    assert.match(error.message, /no such stage/);
  });

  for (const fault of ["drop-after", { status: 504, after: true }] as const)
    it(`does not make a processor twice (${JSON.stringify(fault)})`, async () => {
      lab.atlas.faults = [fault];
      const made = await lab.client().createProcessor(orders);
      assert.equal(made.text, pipeline);
      assert.equal(lab.atlas.calls().filter((call) => call === "POST /streams/main/processor").length, 1);
    });

  for (const fault of ["drop", unavailable] as const)
    it(`makes a processor that was not made (${JSON.stringify(fault)})`, async () => {
      lab.atlas.faults = [fault];
      await lab.client().createProcessor(orders);
      assert.equal(lab.atlas.calls().filter((call) => call === "POST /streams/main/processor").length, 2);
    });

  it("takes a conflict after a lost answer for that answer, if it is the very same processor", async () => {
    // Lost, not there yet when looked up, and then in the way.
    lab.atlas.faults = ["drop-after", { status: 404, body: failure(404, "STREAM_PROCESSOR_NOT_FOUND", "")[1] }];
    assert.equal((await lab.client().createProcessor(orders)).name, "orders");
    lab.atlas.faults = ["drop"];
    const other = { ...orders, text: pipeline.replace(`"b"`, `"c"`) };
    assert.equal((await refused(lab.client().createProcessor(other))).status, 409);
  });

  it("takes a conflict without a lost answer for one", async () => {
    await lab.client().createProcessor(orders);
    assert.equal((await refused(lab.client().createProcessor(orders))).status, 409);
  });

  it("does not start or stop twice what was started or stopped", async () => {
    const streams = lab.client();
    await streams.createProcessor(orders);
    for (const action of ["start", "stop"] as const) {
      lab.atlas.faults = ["drop-after"];
      await (action === "start" ? streams.startProcessor("orders") : streams.stopProcessor("orders"));
      assert.equal(lab.atlas.calls().filter((call) => call.endsWith(`:${action}`)).length, 1);
    }
  });

  it("says so where the answer is none of the API's", async () => {
    lab.atlas.workspace = `{"name": "main"}`;
    assert.match((await refused(lab.client().workspace())).message, /not of the form/);
  });

  it("follows nobody to another address", async () => {
    lab.atlas.faults = [{ status: 302, headers: { location: "http://127.0.0.1:1/steal" } }];
    assert.match((await refused(lab.client().workspace())).message, /answered 302: it points to another address/);
  });

  it("ends when it is cancelled, while it waits and while it asks", async () => {
    const controller = new AbortController();
    lab.atlas.faults = [unavailable];
    const wait = () => (controller.abort(), Promise.reject(new Error("aborted")));
    const isCancelled = (error: SlipwayError) => error.code === ExitCode.cancelled;
    await assert.rejects(lab.client({ signal: controller.signal, wait }).workspace(), isCancelled);
    await assert.rejects(lab.client({ signal: AbortSignal.abort() }).workspace(), isCancelled);
  });
});

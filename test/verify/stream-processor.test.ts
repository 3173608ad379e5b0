import assert from "node:assert/strict";
import type { Check } from "../../config/outputs.ts";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { AtlasError } from "../../automation/streams/atlas/errors.ts";
import type { AtlasProcessor } from "../../automation/streams/atlas/types.ts";
import type { VerifyTargets } from "../../automation/verify/check-kind.ts";
import { judgeProcessor, streamProcessor } from "../../automation/verify/kinds/stream-processor.ts";
import { verify } from "../../automation/verify/verify.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { pipelineText, processor } from "../streams/observe/made.ts";

type ProcessorCheck = Extract<Check, { kind: "stream-processor" }>;

const digest = definitionDigest({ pipelineText });
const version = `orders__${digest.slice(7, 15)}`;
const check = (changes: Partial<ProcessorCheck> = {}): ProcessorCheck => ({
  ...{ kind: "stream-processor", name: "orders", projectId: "p", workspace: "w", processor: "orders" },
  ...{ rollout: "in-place", digest, state: "STARTED", timeoutSeconds: 60 },
  ...changes,
});
const counted = (input: number, dlq: number) => ({ stats: { inputMessageCount: input, dlqMessageCount: dlq } });

describe("a stream processor that", () => {
  const table: [name: string, state: string, changes: Partial<ProcessorCheck>, verdict: string, detail: RegExp][] = [
    ["runs", "STARTED", {}, "passed", /^orders is STARTED with the definition that was deployed$/],
    ["is made ready", "PROVISIONING", {}, "pending", /is PROVISIONING, expected STARTED/],
    ["begins", "INIT", {}, "pending", /is INIT/],
    ["is created", "CREATING", {}, "pending", /is CREATING/],
    ["moves to another tier", "STOPPED", {}, "pending", /is STOPPED, expected STARTED/],
    ["rests, as it should", "STOPPED", { state: "STOPPED" }, "passed", /is STOPPED/],
    ["never ran, as it should", "CREATED", { state: "STOPPED" }, "passed", /is CREATED/],
    ["runs, and should not", "STARTED", { state: "CREATED" }, "pending", /expected CREATED/],
    ["failed", "FAILED", {}, "failed", /is FAILED: out of memory/],
    ["was dropped", "DROPPED", {}, "failed", /is DROPPED/],
    ["runs another definition", "STARTED", { digest: `sha256:${"0".repeat(64)}` }, "failed", /another definition/],
  ];
  for (const [name, state, changes, verdict, detail] of table)
    it(`${name} is ${verdict}`, () => {
      const probe = judgeProcessor(check(changes), processor({ state, errorMsg: "out of memory" }), undefined);
      assert.equal(probe.state, verdict);
      assert.match(probe.detail, detail);
    });

  it("has the same definition however Atlas writes it, and another where keys changed their order", () => {
    const spaced = pipelineText.replaceAll(",", " ,\n ");
    assert.equal(judgeProcessor(check(), processor({}, spaced), undefined).state, "passed");
    const turned = pipelineText.replace(`"db":"a","coll":"b"`, `"coll":"b","db":"a"`);
    assert.equal(judgeProcessor(check(), processor({}, turned), undefined).state, "failed");
  });

  describe("has a limit of dead letters", () => {
    const limited = check({ dlqRate: 0.05 });
    const judge = (now: [number, number], since?: [number, number]) =>
      judgeProcessor(limited, processor(counted(...now)), since && { input: since[0], dlq: since[1] }).state;

    it("is looked at twice", () => assert.equal(judge([1000, 900]), "pending"));
    it("is well where only old ones are there", () => assert.equal(judge([1200, 900], [1000, 900]), "passed"));
    it("fails where they grow", () => assert.equal(judge([1200, 960], [1000, 900]), "failed"));
    it("is not judged by chance", () => assert.equal(judge([1010, 901], [1000, 900]), "passed"));
    it("fails where all are refused", () => assert.equal(judge([1003, 903], [1000, 900]), "failed"));
    it("counts anew after a fresh start", () => {
      assert.equal(judge([10, 0], [1000, 900]), "passed");
      assert.equal(judge([10, 8], [1000, 900]), "failed");
    });
    it("may have none where none is allowed", () => {
      const none = check({ dlqRate: 0 });
      assert.equal(judgeProcessor(none, processor(counted(9999, 1)), { input: 0, dlq: 0 }).state, "failed");
    });
  });

  describe("is asked for in Atlas", () => {
    const signal = new AbortController().signal;
    const deployed = { release: undefined, root: () => Promise.reject(new Error("no program here")) };
    const nothing = () => Promise.reject(new Error("not here"));
    const targets = (find: (name: string) => AtlasProcessor | undefined, standIn?: string): VerifyTargets => ({
      ...{ aws: nothing, kubernetes: nothing, alarms: nothing },
      atlas: (place) => {
        assert.deepEqual(place, { projectId: "p", workspace: "w" });
        const client = { processor: (name: string) => Promise.resolve().then(() => find(name)) };
        return Promise.resolve({ client, ...(standIn === undefined ? {} : { standIn }) });
      },
    });
    const probe = (one: ProcessorCheck, to: VerifyTargets) =>
      streamProcessor.probe(one, { targets: to, signal, deployed, progress: () => undefined });
    const named =
      (...names: string[]) =>
      (name: string) =>
        names.includes(name) ? processor({ name }) : undefined;

    it("by its version where versions are handed over, else by the plain one that is the same", async () => {
      const handed = check({ rollout: "blue-green" });
      assert.match(
        (await probe(handed, targets(named("orders", version)))).detail,
        new RegExp(`^${version} is STARTED`),
      );
      assert.match((await probe(handed, targets(named("orders")))).detail, /^orders is STARTED/);
      const other = check({ rollout: "canary", digest: `sha256:${"0".repeat(64)}` });
      assert.deepEqual(await probe(other, targets(named("orders"))), {
        ...{ state: "pending", detail: "no processor orders in w" },
      });
      assert.equal((await probe(check(), targets(named(version)))).state, "pending");
    });

    it("and says where that is only the sandbox's", async () => {
      const seen = await probe(check(), targets(named("orders"), "simulated Atlas"));
      assert.deepEqual([seen.state, seen.simulated], ["passed", true]);
      assert.match(seen.detail, /^simulated Atlas: orders is STARTED/);
    });

    it("again where Atlas is in trouble, and not where it refuses", async () => {
      const failing = (error: Error) =>
        targets(() => {
          throw error;
        });
      const answer = (status: number) => new AtlasError({ call: "GET /x", host: "h", status, detail: "no" });
      assert.equal((await probe(check(), failing(answer(503)))).state, "pending");
      assert.equal((await probe(check(), failing(answer(403)))).state, "failed");
      const none = { ...targets(named()), atlas: () => Promise.reject(new SlipwayError(ExitCode.credentials, "none")) };
      assert.deepEqual(await probe(check(), none), { state: "failed", detail: "none" });
      await assert.rejects(probe(check(), failing(new TypeError("a defect"))), TypeError);
    });

    it("until it has what was deployed and loses nothing", async () => {
      const states = ["PROVISIONING", "STARTED", "STARTED"];
      let asked = 0;
      const find = () => processor({ state: states[asked++] ?? "STARTED", ...counted(100 * asked, 7) });
      const options = { targets: targets(find), deployed, patience: 5_000, signal };
      const [result] = await verify([check({ dlqRate: 0.01 })], options);
      assert.deepEqual([result?.passed, result?.attempts], [true, 2]);
      let growing = 0;
      const lossy = () => processor(counted(100 * ++growing, 50 * growing));
      const [lost] = await verify([check({ dlqRate: 0.01 })], { ...options, targets: targets(lossy) });
      assert.deepEqual([lost?.passed, lost?.attempts], [false, 2]);
      assert.match(lost?.detail ?? "", /50 of 100 documents of orders went to its dead letter queue, at most 1 % may/);
    });
  });
});

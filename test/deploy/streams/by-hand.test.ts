import assert from "node:assert/strict";
import { handedProcessor, versionToGoBackTo, withFiles } from "../../../automation/deploy/streams/by-hand.ts";
import type { HandoverRecord } from "../../../automation/deploy/streams/state.ts";
import { SlipwayError } from "../../../automation/errors.ts";
import type { StreamsOutputs } from "../../../config/streams-outputs.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { processor } from "../../streams/observe/made.ts";
import { outputOf } from "./lab.ts";

const since = "2026-03-01T12:00:00.000Z";
const record = (...names: string[]): HandoverRecord => ({
  ...{ schema: 1, processor: "orders" },
  served: names.map((name) => ({ name, since })),
});
const [a, b, c] = ["orders__aaaaaaaa", "orders__bbbbbbbb", "orders__cccccccc"];
const seen = (...names: [name: string, state: string][]) => names.map(([name, state]) => processor({ name, state }));
const refusal = (work: () => unknown): SlipwayError => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof SlipwayError);
    return error;
  }
  return assert.fail("it went well");
};

describe("the version to go back to by hand", () => {
  const all = seen([a, "STOPPED"], [b, "STOPPED"], [c, "STARTED"], [`${a}__shadow`, "STARTED"], ["other", "STARTED"]);
  const served = record(c, b, a);

  it("is the one in service before, or the one that is named in any way", () => {
    assert.equal(versionToGoBackTo(served, all, undefined).name, b);
    for (const asked of [a, "aaaa", "aaaaaaaa"]) assert.equal(versionToGoBackTo(served, all, asked).name, a);
    // After going back once, the way leads to what was left.
    assert.equal(
      versionToGoBackTo(record(b, c, a), seen([b, "STARTED"], [c, "STOPPED"], [a, "STOPPED"]), undefined).name,
      c,
    );
  });

  it("has to be there, and another than the one that runs", () => {
    const none = refusal(() => versionToGoBackTo(record(c), seen([c, "STARTED"]), undefined));
    assert.equal(none.code, 6);
    assert.match(none.next ?? "", /slipway rollback/);
    assert.match(refusal(() => versionToGoBackTo(served, all, "cccc")).message, /no version "cccc" of orders/);
    const twins = seen(["orders__aaaaaaaa", "STOPPED"], ["orders__aaaabbbb", "STOPPED"]);
    const several = refusal(() => versionToGoBackTo(record(), twins, "aaaa"));
    assert.match(several.message, /several versions/);
    assert.match(several.next ?? "", /--to: orders__aaaaaaaa, orders__aaaabbbb/);
  });
});

describe("a processor that is handed over by hand", () => {
  const outputs = (rollout: "in-place" | "blue-green") =>
    ({ processors: { orders: { ...outputOf(1), rollout, thresholds: {} } } }) as unknown as StreamsOutputs;

  it("is one of the environment's, and not changed in place there", () => {
    assert.equal(handedProcessor("prod", outputs("blue-green"), "orders").rollout, "blue-green");
    const typo = refusal(() => handedProcessor("prod", outputs("blue-green"), "order"));
    assert.deepEqual([typo.code, typo.next], [6, "did you mean orders?"]);
    assert.equal(refusal(() => handedProcessor("dev", outputs("in-place"), "orders")).code, 2);
  });

  it("may have the definition of a file", () => {
    const output = handedProcessor("prod", outputs("blue-green"), "orders");
    const files = loadStreams({
      "processors/orders.json": JSON.stringify({ pipeline: JSON.parse(outputOf(2).pipeline) as [] }),
    });
    const changed = withFiles(output, files, "orders");
    assert.equal(changed.pipeline, outputOf(2).pipeline);
    assert.notEqual(changed.digest, output.digest);
    assert.ok(!("dlq" in changed));
    assert.equal(refusal(() => withFiles(output, loadStreams({}), "orders")).code, 6);
  });
});

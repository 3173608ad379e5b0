import assert from "node:assert/strict";
import type { ProcessorOutput, StreamsOutputs } from "../../../config/streams-outputs.ts";
import { ExitCode } from "../../../automation/errors.ts";
import { statusRows, type StatusRow } from "../../../automation/streams/observe/status.ts";
import { asked, subjectsOf, workingVersion } from "../../../automation/streams/observe/subjects.ts";
import { definitionDigest } from "../../../streams/engine/diff/digest.ts";
import { failsWith } from "../../git/throw-away.ts";
import { pipelineText, processor } from "./made.ts";

const digest = definitionDigest({ pipelineText });
const short = digest.slice(7, 15);
const version = `orders__${short}`;
const wanted = (changes: Partial<ProcessorOutput> = {}): ProcessorOutput => ({
  ...{ digest, rollout: "blue-green", state: "STARTED", failover: false, pipeline: pipelineText, thresholds: {} },
  ...changes,
});
const outputs = (processors: Record<string, ProcessorOutput>): StreamsOutputs => ({
  ...{ projectId: "p", workspace: "w", provider: "AWS", region: "VIRGINIA_USA", tier: "SP10", maxTier: "SP50" },
  ...{ connections: [], processors },
});
const there = (name: string, state = "STARTED", more: Record<string, unknown> = {}) =>
  processor({ name, state, ...more });

describe("the version that does a processor's work", () => {
  const table: [
    name: string,
    rollout: ProcessorOutput["rollout"],
    there: [string, string][],
    found: string | undefined,
  ][] = [
    [
      "in place: the plain one",
      "in-place",
      [
        ["orders", "STOPPED"],
        [version, "STARTED"],
      ],
      "orders",
    ],
    ["in place: no other", "in-place", [[version, "STARTED"]], undefined],
    [
      "the one that is wanted",
      "blue-green",
      [
        ["orders__00000000", "STARTED"],
        [version, "STOPPED"],
      ],
      version,
    ],
    [
      "before that: one that runs",
      "blue-green",
      [
        ["orders", "STOPPED"],
        ["orders__00000000", "STARTED"],
      ],
      "orders__00000000",
    ],
    [
      "no trial",
      "canary",
      [
        ["orders", "STOPPED"],
        [`${version}__canary`, "STARTED"],
      ],
      "orders",
    ],
    [
      "nobody else's",
      "canary",
      [
        ["orders2", "STARTED"],
        ["orders__late", "STARTED"],
      ],
      undefined,
    ],
  ];
  for (const [name, rollout, names, found] of table)
    it(name, () => {
      const all = names.map(([one, state]) => there(one, state));
      assert.equal(workingVersion("orders", { rollout, digest }, all)?.name, found);
    });

  it("goes by both of its names", () => {
    const subjects = subjectsOf(outputs({ orders: wanted(), views: wanted() }), [there(version)]);
    assert.deepEqual(
      asked(subjects, [version]).map(({ processor: name }) => name),
      ["orders"],
    );
    assert.deepEqual(
      asked(subjects, ["views"]).map(({ name }) => name),
      [`views__${short}`],
    );
    assert.throws(() => asked(subjects, ["order"]), failsWith(ExitCode.notFound, /no processor "order"/));
  });
});

describe("the status of processors", () => {
  const rowsOf = (declared: Record<string, ProcessorOutput>, seen: ReturnType<typeof there>[]): StatusRow[] =>
    statusRows(outputs(declared), seen, subjectsOf(outputs(declared), seen));
  const only = (state: string, declared: Partial<ProcessorOutput> = {}, more: Record<string, unknown> = {}) => {
    const [row] = rowsOf({ orders: wanted(declared) }, [there(version, state, more)]);
    return [row?.severity, row?.problem];
  };

  it("is well where everything is as it should be, or on the way there", () => {
    for (const state of ["STARTED", "PROVISIONING", "INIT"]) assert.deepEqual(only(state), [null, null]);
    for (const state of ["STOPPED", "CREATED"]) assert.deepEqual(only(state, { state: "STOPPED" }), [null, null]);
  });

  it("is failed where it does not do its work", () => {
    assert.deepEqual(only("STOPPED"), ["failed", "it is STOPPED, and should be STARTED"]);
    assert.deepEqual(only("STARTED", { state: "STOPPED" }), ["failed", "it is STARTED, and should be STOPPED"]);
    assert.deepEqual(only("FAILED", {}, { errorMsg: "broker is gone" }), ["failed", "broker is gone"]);
    const [missing] = rowsOf({ orders: wanted() }, []);
    assert.deepEqual([missing?.state, missing?.name, missing?.severity], [null, version, "failed"]);
  });

  it("is changed where its definition is another one", () => {
    const dlq = { connectionName: "a", db: "b", coll: "c" };
    assert.equal(only("STARTED", {}, { options: { dlq } })[0], "changed");
  });

  it("is what was deployed where a handover wrote down where to begin", () => {
    const begun = pipelineText.replace(`"topic":"t"`, `"topic":"t","config":{"group_id":"slipway-w-orders"}`);
    const [row] = rowsOf({ orders: wanted() }, [processor({ name: version }, begun)]);
    assert.deepEqual([row?.definition, row?.severity], ["deployed", null]);
  });

  it("shows trials, versions before and strangers behind those that work", () => {
    const names = [version, `${version}__shadow`, "orders__00000000", "orders", "theirs"];
    const rows = rowsOf(
      { orders: wanted() },
      names.map((name) => there(name)),
    );
    assert.deepEqual(
      rows.map(({ name, role, processor: of }) => [name, role, of]),
      [
        [version, "working", "orders"],
        [`${version}__shadow`, "shadow", "orders"],
        ["orders__00000000", "version", "orders"],
        ["orders", "version", "orders"],
        ["theirs", "stranger", null],
      ],
    );
  });

  it("tells what waits by documents, else by seconds", () => {
    const lag = (raw: Record<string, unknown>) =>
      rowsOf({ orders: wanted() }, [there(version, "STARTED", { stats: raw })])[0]?.lag;
    const kafkaPartitions = [{ partition: 0, partitionOffsetLag: { $numberLong: "7" } }];
    assert.deepEqual(lag({ kafkaPartitions }), { value: 7, unit: "documents" });
    assert.deepEqual(lag({ changeStreamTimeDifferenceSecs: 3 }), { value: 3, unit: "seconds" });
    assert.equal(lag({}), null);
  });
});

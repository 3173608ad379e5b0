import assert from "node:assert/strict";
import type { StreamsOutputs } from "../../config/streams-outputs.ts";
import { classify } from "../../automation/drift/findings.ts";
import { pipelineDifferences } from "../../automation/drift/pipelines.ts";
import { processorType, streamsFindings } from "../../automation/drift/streams-findings.ts";
import { versionName } from "../../automation/deploy/streams/names.ts";
import type { StepMetadata } from "../../automation/engine/events.ts";
import { findingLine, nextSteps } from "../../automation/report/drift.ts";
import type { AtlasEvent, AtlasProcessor } from "../../automation/streams/atlas/types.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { processorThere } from "../streams/custody/atlas-lab.ts";
import { green, outputs, pipeline } from "./streams-lab.ts";

const version = (more: Partial<Omit<AtlasProcessor, "stats">> = {}) =>
  processorThere({ name: green, text: pipeline, ...more });
const lines = (there: readonly AtlasProcessor[], of = outputs()) =>
  streamsFindings(of, there, []).map((finding) => findingLine(finding).replace(` (${processorType})`, ""));

describe("drift of stream processors", () => {
  const table: readonly [string, readonly AtlasProcessor[], StreamsOutputs, readonly string[]][] = [
    ["none where the version runs", [version()], outputs(), []],
    ["none while it is on its way", [version({ state: "PROVISIONING" })], outputs(), []],
    ["none because of counts and the tier that autoscaling chose", [version({ effectiveTier: "SP50" })], outputs(), []],
    [
      "none because of a blue that is kept stopped",
      [version(), processorThere({ name: "orders__00000000", state: "STOPPED" })],
      outputs(),
      [],
    ],
    [
      "none because of another order of keys",
      [version({ text: pipeline.replace('"amount":{"$gt":5},"open":true', '"open":true,"amount":{"$gt":5}') })],
      outputs(),
      [],
    ],
    ["none where it was never to be started", [version({ state: "CREATED" })], outputs({ state: "STOPPED" }), []],
    [
      "none in what the engine looks at",
      [processorThere({ name: "orders", state: "STOPPED" })],
      outputs({}, "in-place"),
      [],
    ],
    [
      "a version that was stopped",
      [version({ state: "STOPPED" })],
      outputs(),
      [`${green} was changed outside: state: STARTED -> STOPPED`],
    ],
    [
      "one that failed, with Atlas' reason",
      [version({ state: "FAILED", errorMsg: "out of memory" })],
      outputs(),
      [`${green} was changed outside: state: STARTED -> FAILED: out of memory`],
    ],
    ["a version that is gone", [], outputs(), [`${green} was deleted outside: ${green} is gone`]],
    [
      "another tier",
      [version({ tier: "SP50" })],
      outputs({ tier: "SP10" }),
      [`${green} was changed outside: tier: SP10 -> SP50`],
    ],
    [
      "another definition",
      [version({ text: pipeline.replace('"$gt":5', '"$gt":6') })],
      outputs(),
      [`${green} was changed outside: pipeline[1].$match.amount.$gt: 5 -> 6`],
    ],
    [
      "another dead letter queue",
      [version({ dlq: { connectionName: "w", db: "d", coll: "c" } })],
      outputs(),
      [`${green} was changed outside: dlq: (none) -> w.d.c`],
    ],
    [
      "two versions that run",
      [version(), processorThere({ name: "orders__00000000" })],
      outputs(),
      ["orders__00000000 was changed outside: state: STOPPED -> STARTED"],
    ],
    [
      "a trial that nobody ended",
      [version(), processorThere({ name: `${green}__shadow` })],
      outputs(),
      [`${green}__shadow is there, and no program says so: STARTED`],
    ],
    [
      "one that nobody declared",
      [version(), processorThere({ name: "mine", state: "STOPPED" })],
      outputs(),
      ["mine is there, and no program says so: STOPPED"],
    ],
  ];
  for (const [name, there, of, expected] of table) it(name, () => assert.deepEqual(lines(there, of), expected));

  it("is not a place where a handover made a version begin", () => {
    const stages = [{ $source: { connectionName: "shop", db: "d", coll: "c" } }, { $merge: { into: "x" } }];
    const text = JSON.stringify(stages);
    const digest = definitionDigest({ pipelineText: text });
    const of = outputs({ pipeline: text, digest });
    const placed = [
      { $source: { connectionName: "shop", db: "d", coll: "c", config: { startAfter: { _data: "82" } } } },
      ...stages.slice(1),
    ];
    const there = processorThere({ name: versionName("orders", digest), text: JSON.stringify(placed) });
    assert.deepEqual(lines([there], of), []);
  });

  it("names who did the last of it, and when", () => {
    const event = (at: string, by: string | undefined, processorName: string): AtlasEvent => ({
      ...{ id: at, type: "STREAM_PROCESSOR_STOPPED", at, raw: { processorName } },
      ...(by === undefined ? {} : { by }),
    });
    const events = [
      event("2026-03-01T10:00:00Z", "ada", green),
      event("2026-03-01T11:00:00Z", "eve", green),
      event("2026-03-01T12:00:00Z", "bob", "other"),
    ];
    const [finding] = streamsFindings(outputs(), [version({ state: "STOPPED" })], events);
    assert.match(
      finding ? findingLine(finding) : "",
      /STARTED -> STOPPED \(STREAM_PROCESSOR_STOPPED by eve at 2026-03-01T11:00:00Z\)$/,
    );
    const [unnamed] = streamsFindings(
      outputs(),
      [version({ state: "STOPPED" })],
      [event("2026-03-01T10:00:00Z", undefined, green)],
    );
    assert.match(unnamed ? findingLine(unnamed) : "", /by nobody that Atlas names/);
  });

  it("that nobody declared is left where it is", () => {
    const findings = streamsFindings(outputs(), [version(), processorThere({ name: "mine" })], []);
    assert.deepEqual(nextSteps("prod", findings), [
      "what nobody declared stays: declare it in the program, or delete it where it is",
    ]);
  });
});

describe("pipelines as the engine compares them", () => {
  const type = "mongodbatlas:index/streamProcessor:StreamProcessor";
  const refreshed = (found: string): StepMetadata => {
    const side = (text: string) => ({
      type,
      urn: `urn:pulumi:dev::lab::${type}::orders`,
      id: "o",
      inputs: { pipeline: text },
      outputs: { pipeline: text },
    });
    return {
      op: "update",
      urn: side("").urn,
      type,
      old: side(pipeline),
      new: side(found),
      detailedDiff: { pipeline: { diffKind: "update", inputDiff: true } },
    };
  };
  const found = (text: string) =>
    classify({ refreshed: [refreshed(text)], preview: { resources: [] }, pending: [], rules: [] });

  it("are the same in another order of keys that means nothing, and with white space", () => {
    const spaced = JSON.stringify(JSON.parse(pipeline), null, 2).replace(
      '"group_id": "orders",',
      '"group_id": "orders" ,',
    );
    const { findings, noise } = found(spaced);
    assert.deepEqual(
      [findings, noise[0]?.reason],
      [[], "Atlas gives keys back in another order, and there it means nothing"],
    );
  });

  it("are others where a value is", () => {
    assert.equal(found(pipeline.replace('"$gt":5', '"$gt":6')).findings[0]?.class, "changed-outside");
  });

  it("are others where the order of a sort is", () => {
    const sort = (keys: string) =>
      `[{"$source":{"connectionName":"a"}},{"$tumblingWindow":{"interval":{"size":1,"unit":"day"},"pipeline":[{"$sort":{${keys}}}]}}]`;
    assert.equal(pipelineDifferences(sort('"a":1,"b":1'), sort('"b":1,"a":1')).length, 1);
    assert.deepEqual(
      pipelineDifferences('[{"$source":{}},{"$match":{"b":1}}]', '[{"$source":{}},{"$match":{"b":1}},{"$unset":"x"}]'),
      [{ path: "pipeline[2].$unset", recorded: undefined, found: "there" }],
    );
  });
});

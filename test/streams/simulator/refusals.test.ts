import assert from "node:assert/strict";
import { CannotSimulate, PipelineRefused } from "../../../streams/engine/simulator/errors.ts";
import { createSimulator } from "../../../streams/engine/simulator/simulator.ts";
import { log, plain, sink, source } from "./processing.ts";

type Kind = typeof CannotSimulate | typeof PipelineRefused;
type Row = readonly [pipeline: readonly unknown[], kind: Kind, message: RegExp];

const windowed = (more: object, name = "$tumblingWindow") => [
  source,
  { [name]: { interval: { size: 1, unit: "minute" }, pipeline: [{ $count: "n" }], ...more } },
  sink,
];
const inWindow = (stage: object) => windowed({ pipeline: [stage] });
const main = (stage: object) => [plain, stage, sink];
const from = { connectionName: "c", db: "d", coll: "x" };

const rows: Readonly<Record<string, readonly Row[]>> = {
  "the ends of a pipeline": [
    [[], PipelineRefused, /at least a \$source and a sink/],
    [[sink], PipelineRefused, /the first stage is \$source/],
    [[plain], PipelineRefused, /ends with a sink/],
    [[plain, { $match: {} }], PipelineRefused, /\$match is none \(pipeline\[1\]\.\$match\)/],
    [[plain, plain, sink], PipelineRefused, /no \$source outside of a window: it stands first/],
    [[plain, sink, sink], PipelineRefused, /no \$merge outside of a window: it stands last/],
    [[plain, { $iceberg: {} }], CannotSimulate, /\$iceberg/],
    [[plain, { $emit: { connectionName: "a", container: "c" } }], CannotSimulate, /\$emit to anything but/],
    [
      [plain, { $externalFunction: { connectionName: "l", functionName: "f", as: "a" } }],
      PipelineRefused,
      /only where execution is async/,
    ],
    [["stage", sink], PipelineRefused, /a stage is an object with one operator/],
    [[plain, { $match: {}, $set: {} }, sink], PipelineRefused, /one operator/],
  ],
  "stages in the wrong place": [
    ...(["$group", "$sort", "$count", "$limit"] as const).map((name): Row => [
      main({ [name]: {} }),
      PipelineRefused,
      new RegExp(`no \\${name} outside of a window: it stands inside a window`),
    ]),
    ...(["$cachedLookup", "$setStreamMeta", "$throttle"] as const).map((name): Row => [
      inWindow({ [name]: {} }),
      PipelineRefused,
      new RegExp(`no \\${name} inside a window: it stands outside of a window`),
    ]),
    [inWindow({ $merge: {} }), PipelineRefused, /no \$merge inside a window/],
    [inWindow({ $sessionWindow: {} }), PipelineRefused, /one window, and none inside it/],
    [[...windowed({}).slice(0, 2), ...windowed({}).slice(1)], PipelineRefused, /a pipeline has one window/],
    [main({ $facet: {} }), PipelineRefused, /no \$facet outside of a window/],
    [main({ $skip: 1 }), PipelineRefused, /no \$skip/],
    [main({ $vectorSearch: {} }), CannotSimulate, /\$vectorSearch/],
    [
      main({ $https: { connectionName: "h", as: "a", payload: [{ $match: {} }] } }),
      PipelineRefused,
      /no \$match in a payload/,
    ],
    [
      main({ $lookup: { from, as: "a", pipeline: [{ $unionWith: "x" }] } }),
      CannotSimulate,
      /\$unionWith inside a \$lookup/,
    ],
    [[plain, { $merge: { into: from, whenMatched: [{ $match: {} }] } }], CannotSimulate, /\$match in whenMatched/],
  ],
  "stages that say something wrong": [
    [main({ $match: { $nope: 1 } }), CannotSimulate, /the condition \$nope/],
    [main({ $set: {} }), PipelineRefused, /at least one field/],
    [main({ $set: { "a..b": 1 } }), PipelineRefused, /"a\.\.b" is no path/],
    [main({ $project: { a: 1, b: 0 } }), PipelineRefused, /keep some fields and drop others/],
    [main({ $project: { a: 1, "a.b": 1 } }), PipelineRefused, /two specifications are about a\.b/],
    [main({ $unset: [1] }), PipelineRefused, /a list of fields/],
    [main({ $unwind: "a" }), PipelineRefused, /starts with \$/],
    [
      main({ $validate: { validator: {}, validationAction: "warn" } }),
      PipelineRefused,
      /got "warn", expected one of discard, dlq/,
    ],
    [main({ $validate: { validator: {}, action: "dlq" } }), PipelineRefused, /\$validate has no field action/],
    [
      main({ $lookup: { from: "x", localField: "a", foreignField: "b", as: "c" } }),
      PipelineRefused,
      /\$lookup takes an object \(pipeline\[1\]\.\$lookup\.from\)/,
    ],
    [main({ $lookup: { from, as: "a" } }), PipelineRefused, /localField and foreignField, or a pipeline/],
    [main({ $setStreamMeta: { coll: 1 } }), PipelineRefused, /begins with stream\./],
    [main({ $throttle: {} }), PipelineRefused, /requires at least one of/],
    [
      main({ $externalFunction: { connectionName: "l", functionName: "f", execution: "async", as: "a" } }),
      PipelineRefused,
      /leave out as/,
    ],
    [inWindow({ $group: { n: { $sum: 1 } } }), PipelineRefused, /\$group needs _id/],
    [inWindow({ $group: { _id: 1, n: { $median: {} } } }), CannotSimulate, /the accumulator \$median/],
    [inWindow({ $group: { _id: 1, n: 1 } }), PipelineRefused, /one accumulator/],
    [inWindow({ $sort: { a: 2 } }), PipelineRefused, /must be 1/],
    [inWindow({ $limit: 0 }), PipelineRefused, /whole number from 1, not 0/],
    [inWindow({ $count: "$n" }), PipelineRefused, /name of a field/],
    [
      [plain, { $merge: { into: from, whenMatched: "fail" } }],
      PipelineRefused,
      /got "fail", expected one of merge, replace, keepExisting, delete/,
    ],
    [[plain, { $merge: { into: from, on: [] } }], PipelineRefused, /on takes a field/],
    [
      [plain, { $emit: { connectionName: "k", topic: "t", config: { key: "$a" } } }],
      PipelineRefused,
      /config\.key needs config\.keyFormat/,
    ],
  ],
  "windows that say something wrong": [
    [windowed({ interval: { size: 0, unit: "minute" } }), PipelineRefused, /whole number from 1, not 0/],
    [
      windowed({ interval: { size: 1, unit: "month" } }),
      PipelineRefused,
      /unit is one of ms, second, minute, hour, day, not "month"/,
    ],
    [windowed({ allowedLateness: 5 }), PipelineRefused, /size is a whole number/],
    [windowed({ hopSize: { size: 1, unit: "minute" } }), PipelineRefused, /\$tumblingWindow has no field hopSize/],
    [windowed({}, "$hoppingWindow"), PipelineRefused, /hopSize\)/],
    [
      windowed({ boundary: "processingTime", allowedLateness: { size: 1, unit: "second" } }),
      PipelineRefused,
      /allowedLateness cannot be set/,
    ],
    [
      windowed({ boundary: "processingTime", idleTimeout: { size: 1, unit: "second" } }),
      PipelineRefused,
      /idleTimeout cannot be set/,
    ],
    [
      [source, { $sessionWindow: { gap: { size: 1, unit: "minute" }, pipeline: [] } }, sink],
      PipelineRefused,
      /needs partitionBy/,
    ],
    [
      [
        source,
        { $sessionWindow: { partitionBy: 1, gap: { size: 1, unit: "minute" }, pipeline: [], idleTimeout: 1 } },
        sink,
      ],
      PipelineRefused,
      /no field idleTimeout/,
    ],
  ],
  "sources that say something wrong": [
    [[{ $source: { connectionName: "k", topic: [] } }, log], PipelineRefused, /topic is the name/],
    [
      [{ $source: { connectionName: "k", topic: "t", timeField: "$ts" } }, log],
      PipelineRefused,
      /timeField is \$toDate or \$dateFromString/,
    ],
    [[{ $source: { connectionName: "k", topic: "t", nope: 1 } }, log], PipelineRefused, /no field nope/],
    [
      [{ $source: { connectionName: "k", topic: "t", config: { auto_offset_reset: "middle" } } }, log],
      PipelineRefused,
      /got "middle"/,
    ],
    [[{ $source: { connectionName: "k" } }, log], CannotSimulate, /the source k/],
    [[{ $source: { documents: [1] } }, log], PipelineRefused, /list of documents/],
    [
      [{ $source: { ...from, initialSync: { enable: true } } }, ...windowed({}).slice(1)],
      PipelineRefused,
      /initialSync does not go with a window/,
    ],
  ],
};

describe("what the simulator refuses", () => {
  for (const [group, all] of Object.entries(rows))
    it(group, () => {
      for (const [pipeline, kind, message] of all)
        assert.throws(
          () => createSimulator(pipeline),
          (error) => {
            assert.ok(error instanceof kind, `${JSON.stringify(pipeline)}: ${String(error)}`);
            assert.match(error.message, message);
            assert.equal(error.message.startsWith("cannot be simulated: "), kind === CannotSimulate);
            return true;
          },
        );
    });

  it("an error of its own is never a document's", () => {
    const running = createSimulator([plain, { $set: { a: { $dateDiff: "$nothing" } } }, log]);
    assert.throws(
      () => running.push({ n: 1 }),
      (error) => error instanceof CannotSimulate && /what \$set does with \{"n":1\}/.test(error.message),
    );
  });

  it("time that is none", () => {
    const running = createSimulator([plain, log]);
    running.start();
    for (const span of ["soon", "-1s", "1", -5, NaN]) assert.throws(() => running.advance(span), /is no time/);
  });
});

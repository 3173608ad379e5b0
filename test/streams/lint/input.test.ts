import assert from "node:assert/strict";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { didYouMean } from "../../../streams/engine/lint/suggest.ts";
import { connections, dlq, group, kafka, lintOne, merge, minute, tumbling, watch } from "./lab.ts";

const found = (files: Record<string, string>) =>
  lint(loadStreams({ "connections/all.json": connections, ...files }))
    .filter(({ rule }) => rule !== "connections/unused")
    .map(({ rule, file, line, column }) => [rule, file, line, column]);

describe("lint: bad input gets findings with places", () => {
  const rows: [what: string, files: Record<string, string>, findings: unknown[][]][] = [
    [
      "broken JSON",
      { "processors/p.json": '{"pipeline": [\n  {"$source" {}}]}' },
      [["json/syntax", "processors/p.json", 2, 14]],
    ],
    [
      "a doubled key",
      {
        "processors/p.json": `{"pipeline": [\n${JSON.stringify(watch)},\n${JSON.stringify(merge)}],\n"options": {"dlq": ${JSON.stringify(dlq)}},\n"options": {"dlq": ${JSON.stringify(dlq)}}}`,
      },
      [["json/duplicate-key", "processors/p.json", 5, 1]],
    ],
    [
      "an unknown threshold",
      { "environments/dev/thresholds.json": '{\n  "cpu": 1\n}' },
      [["file/unknown-key", "environments/dev/thresholds.json", 2, 3]],
    ],
    [
      "a secret in config.env",
      { "environments/dev/config.env": "\nATLAS_PRIVATE_KEY=abc\n" },
      [["env/secret", "environments/dev/config.env", 2, 1]],
    ],
    [
      "a list for a stage",
      { "processors/p.json": '{"pipeline": [[]]}' },
      [["file/schema", "processors/p.json", 1, 15]],
    ],
  ];
  for (const [what, files, findings] of rows) it(what, () => assert.deepEqual(found(files), findings));

  it("a pipeline above 16 MB, at once", () => {
    const text = `{"pipeline": [${`${JSON.stringify(watch)},`.repeat(260_000)}{}]}`;
    const start = performance.now();
    assert.deepEqual(found({ "processors/p.json": text }), [["json/too-large", "processors/p.json", 1, 1]]);
    assert.ok(performance.now() - start < 1000);
  });

  it("a pipeline of 20,000 stages, with the first findings of each rule", () => {
    const text = `{"pipeline": [${`${JSON.stringify(watch)},`.repeat(20_000)}{}]}`;
    const count = found({ "processors/p.json": text }).filter(([rule]) => rule === "placement/second-source").length;
    assert.equal(count, 101);
  });

  it("operands of any form are findings and never failures", () => {
    const names = [
      "$source",
      "$match",
      "$group",
      "$lookup",
      "$https",
      "$merge",
      "$emit",
      "$tumblingWindow",
      "$setStreamMeta",
      "$iceberg",
      "$validate",
    ];
    for (const name of names)
      for (const operand of [null, 1, "", [], {}, [[]], true]) {
        const findings = lintOne({ pipeline: [watch, { [name]: operand }, merge] });
        for (const { line, column, file } of findings) assert.ok(line > 0 && column > 0 && file !== "");
      }
  });
});

describe("lint: what is right", () => {
  const from = { connectionName: "atlas", db: "shop", coll: "customers" };
  const good: Record<string, unknown[]> = {
    "everything of a pipeline": [
      {
        $source: {
          ...kafka.$source,
          timeField: { $toDate: "$ts" },
          partitionIdleTimeout: minute,
          config: { auto_offset_reset: "earliest", group_id: "g" },
        },
      },
      { $validate: { validator: { $jsonSchema: { required: ["id"] } }, validationAction: "dlq" } },
      { $match: { $expr: { $gt: ["$a", 1] }, b: { $in: ["x"] } } },
      { $cachedLookup: { from, localField: "a", foreignField: "b", as: "c", ttl: minute, maxMemUsageBytes: 1024 } },
      { $lookup: { from, let: { id: "$id" }, pipeline: [{ $match: { $expr: { $eq: ["$_id", "$$id"] } } }], as: "d" } },
      {
        $https: {
          connectionName: "web",
          path: { $concat: ["/", "$id"] },
          as: "r",
          onError: "ignore",
          payload: [{ $project: { a: 1 } }],
        },
      },
      { $externalFunction: { connectionName: "lambda", functionName: "f", as: "score" } },
      { $setStreamMeta: { "stream.tenant": "$tenant" } },
      { $unwind: { path: "$d", preserveNullAndEmptyArrays: true } },
      { $redact: { $cond: [{ $eq: ["$a", 1] }, "$$KEEP", "$$PRUNE"] } },
      tumbling([{ $match: {} }, group, { $sort: { n: -1 } }, { $limit: 5 }], {
        allowedLateness: { size: 0, unit: "ms" },
        idleTimeout: minute,
      }),
      { $set: { start: { $meta: "stream.window.start" } } },
      { $replaceRoot: { newRoot: "$$ROOT" } },
      {
        $merge: {
          into: { connectionName: "other", db: { $meta: "stream.tenant" }, coll: "t" },
          on: ["id", "start"],
          whenMatched: "replace",
        },
      },
    ],
    "a session": [
      watch,
      { $sessionWindow: { partitionBy: "$user", gap: minute, pipeline: [group] } },
      { $emit: { connectionName: "kafka", topic: "out", config: { key: "$_id", keyFormat: "string" } } },
    ],
    "a time series": [
      watch,
      { $emit: { connectionName: "atlas", db: "d", coll: "c", timeseries: { timeField: "t" } } },
    ],
    "a stream of Kinesis": [
      { $source: { connectionName: "kinesis", stream: "s", config: { consumerARN: "arn:x" } } },
      { $emit: { connectionName: "kinesis", stream: "t", partitionKey: "$id" } },
    ],
    "a call at the end": [
      watch,
      { $externalFunction: { connectionName: "lambda", functionName: "f", execution: "async" } },
    ],
    "a table of files": [
      watch,
      { $iceberg: { connectionName: "bucket", bucket: "b", databaseName: "d", tableName: "$t", path: "p/" } },
    ],
  };
  for (const [what, pipeline] of Object.entries(good))
    it(`finds nothing in ${what}`, () => assert.deepEqual(lintOne({ pipeline }), []));
});

describe("did you mean", () => {
  const known = ["$match", "$merge", "$emit", "interval"];
  const rows: [string, string | undefined][] = [
    ["$mach", "$match"],
    ["$megre", "$merge"],
    ["$MATCH", "$match"],
    ["intervall", "interval"],
    ["somethingElse", undefined],
  ];
  for (const [word, like] of rows) it(word, () => assert.equal(didYouMean(word, known), like));
});

import { checkRules, type RuleCase } from "./table.ts";
import { group, kafka, merge, tumbling, watch } from "./lab.ts";

const between = (...stages: unknown[]) => [watch, ...stages, merge];
const from = { connectionName: "other", db: "shop", coll: "customers" };
const lookup = (more: object) => between({ $lookup: { from, localField: "c", foreignField: "_id", as: "c", ...more } });
const call = (more: object) => ({ $externalFunction: { connectionName: "lambda", functionName: "f", ...more } });
const https = (more: object) => ({ $https: { connectionName: "web", as: "r", ...more } });
const vector = (more: object) =>
  between({ $vectorSearch: { from, as: "v", index: "i", path: "p", limit: 5, numCandidates: 50, ...more } });
const nested = (inner: unknown) =>
  lookup({ pipeline: [{ $lookup: { from: inner, as: "x", localField: "a", foreignField: "b" } }] });

const calls: RuleCase[] = [
  [
    "calls/lookup-missing-from",
    lookup({}),
    between({ $lookup: { as: "c", localField: "a", foreignField: "b" } }),
    [3, "pipeline[1].$lookup"],
  ],
  ["calls/lookup-from", lookup({}), lookup({ from: "customers" }), [3, "pipeline[1].$lookup.from"]],
  [
    "calls/lookup-fields",
    lookup({}),
    between({ $lookup: { from, localField: "c", as: "c" } }),
    [3, "pipeline[1].$lookup"],
  ],
  [
    "calls/lookup-fields",
    between({ $lookup: { from, as: "c", pipeline: [] } }),
    between({ $lookup: { from, as: "c" } }),
    [3, "pipeline[1].$lookup"],
  ],
  ["calls/nested-lookup", nested("regions"), nested(from), [3, "pipeline[1].$lookup.pipeline[0].$lookup.from"]],
  [
    "calls/reads-own-sink",
    lookup({}),
    lookup({ from: { connectionName: "other", db: "shop", coll: "totals" } }),
    [3, "pipeline[1].$lookup.from (warning)"],
  ],
  ["calls/https-as", between(https({})), between({ $https: { connectionName: "web" } }), [3, "pipeline[1].$https"]],
  [
    "calls/https-as",
    [watch, { $https: { connectionName: "web" } }],
    between({ $https: { connectionName: "web" } }),
    [3, "pipeline[1].$https"],
  ],
  ["calls/function-as", between(call({ as: "r" })), between(call({})), [3, "pipeline[1].$externalFunction"]],
  [
    "calls/function-as",
    between(call({ execution: "async" })),
    between(call({ execution: "async", as: "r" })),
    [3, "pipeline[1].$externalFunction.as"],
  ],
  [
    "calls/function-parallelism",
    between(call({ as: "r", parallelism: 2 })),
    between(call({ execution: "async", parallelism: 2 })),
    [3, "pipeline[1].$externalFunction.parallelism"],
  ],
  [
    "calls/function-partition",
    between(call({ as: "r", parallelism: 2, partitionBy: "$a" })),
    between(call({ as: "r", partitionBy: "$a" })),
    [3, "pipeline[1].$externalFunction.partitionBy"],
  ],
  [
    "calls/function-sink",
    [watch, call({ execution: "async" })],
    [watch, call({})],
    [3, "pipeline[1].$externalFunction (warning)"],
  ],
  ["calls/vector-search-query", vector({ queryVector: "$v" }), vector({}), [3, "pipeline[1].$vectorSearch"]],
  [
    "calls/vector-search-model",
    vector({ query: { text: "$t" }, model: "m" }),
    vector({ queryVector: "$v", model: "m" }),
    [3, "pipeline[1].$vectorSearch"],
  ],
  [
    "calls/vector-search-candidates",
    between({ $vectorSearch: { from, as: "v", index: "i", path: "p", limit: 5, queryVector: "$v", exact: true } }),
    between({ $vectorSearch: { from, as: "v", index: "i", path: "p", limit: 5, queryVector: "$v" } }),
    [3, "pipeline[1].$vectorSearch"],
  ],
  [
    "calls/vector-search-limit",
    vector({ queryVector: "$v" }),
    vector({ queryVector: "$v", limit: 51 }),
    [3, "pipeline[1].$vectorSearch"],
  ],
  [
    "calls/throttle",
    between({ $throttle: { messagesPerSec: 5 } }),
    between({ $throttle: {} }),
    [3, "pipeline[1].$throttle"],
  ],
  [
    "calls/stream-meta",
    between({ $setStreamMeta: { "stream.tenant": "$t" } }),
    between({ $setStreamMeta: { tenant: "$t" } }),
    [3, "pipeline[1].$setStreamMeta.tenant"],
  ],
];

const into = { connectionName: "other", db: "shop", coll: "totals" };
const mergeWith = (more: object) => [watch, { $merge: { into, ...more } }];
const emit = (more: object) => [watch, { $emit: { connectionName: "kafka", topic: "out", ...more } }];
const files = (interval: object) => [
  watch,
  { $emit: { connectionName: "bucket", bucket: "b", path: "p", config: { writeOptions: { interval } } } },
];
const iceberg = (partitionedBy: object) => [
  watch,
  { $iceberg: { connectionName: "bucket", bucket: "b", tableName: "t", path: "p", partitionedBy } },
];
const addUp = (sum: unknown[]) => mergeWith({ whenMatched: [{ $set: { n: { $add: sum } } }] });

const sinks: RuleCase[] = [
  [
    "sinks/merge-mode",
    mergeWith({ whenMatched: "delete" }),
    mergeWith({ whenMatched: "fail" }),
    [3, "pipeline[1].$merge.whenMatched"],
  ],
  [
    "sinks/merge-mode",
    mergeWith({ whenNotMatched: { $cond: [true, "insert", "discard"] } }),
    mergeWith({ whenNotMatched: "fail" }),
    [3, "pipeline[1].$merge.whenNotMatched"],
  ],
  ["sinks/not-idempotent", [kafka, merge], [kafka, { $merge: { into } }], [3, "pipeline[1].$merge (warning)"]],
  [
    "sinks/not-idempotent",
    [kafka, { $set: { _id: "$orderId" } }, { $merge: { into } }],
    [kafka, { $project: { _id: 0, orderId: 1 } }, { $merge: { into } }],
    [4, "pipeline[2].$merge (warning)"],
  ],
  ["sinks/adds-up", addUp(["$$new.n", 1]), addUp(["$n", "$$new.n"]), [3, "pipeline[1].$merge.whenMatched (warning)"]],
  [
    "sinks/key-format",
    emit({ config: { key: "$a", keyFormat: "string" } }),
    emit({ config: { key: "$a" } }),
    [3, "pipeline[1].$emit.config.key"],
  ],
  [
    "sinks/tombstone",
    emit({ config: { key: "$a", keyFormat: "string", tombstoneWhen: "$gone" } }),
    emit({ config: { tombstoneWhen: "$gone" } }),
    [3, "pipeline[1].$emit.config.tombstoneWhen (warning)"],
  ],
  [
    "sinks/interval",
    files({ size: 7, unit: "day" }),
    files({ size: 169, unit: "hour" }),
    [3, "pipeline[1].$emit.config.writeOptions.interval"],
  ],
  [
    "sinks/iceberg-partition",
    iceberg({ _id: { bucket: 8 }, day: "day" }),
    iceberg({ day: "day", _id: "identity" }),
    [3, "pipeline[1].$iceberg.partitionedBy"],
  ],
  [
    "sinks/loop",
    [watch, merge],
    [watch, { $merge: { into: watch.$source } }],
    [3, "pipeline[1].$merge.into (warning)"],
  ],
];

const window = (interval: unknown) => between({ $tumblingWindow: { interval, pipeline: [group] } });

const fields: RuleCase[] = [
  ["fields/missing", [watch, merge], [watch, { $merge: { on: "a" } }], [3, "pipeline[1].$merge"]],
  ["fields/missing", [kafka, merge], [{ $source: { connectionName: "kafka" } }, merge], [2, "pipeline[0].$source"]],
  [
    "fields/unknown",
    [watch, merge],
    [{ $source: { ...watch.$source, topic: "a" } }, merge],
    [2, "pipeline[0].$source.topic"],
  ],
  ["fields/unknown", emit({}), emit({ config: { kee: 1 } }), [3, "pipeline[1].$emit.config.kee"]],
  [
    "fields/kind",
    between(tumbling()),
    between({ $tumblingWindow: { interval: { size: 1, unit: "day" }, pipeline: "x" } }),
    [3, "pipeline[1].$tumblingWindow.pipeline"],
  ],
  [
    "fields/kind",
    window({ size: 1, unit: "hour" }),
    window({ size: 0, unit: "hour" }),
    [3, "pipeline[1].$tumblingWindow.interval.size"],
  ],
  [
    "fields/kind",
    between(tumbling([group], { allowedLateness: { size: 0, unit: "ms" } })),
    between(tumbling([group], { allowedLateness: { size: -1, unit: "ms" } })),
    [3, "pipeline[1].$tumblingWindow.allowedLateness.size"],
  ],
  [
    "fields/kind",
    [{ $source: { ...kafka.$source, timeField: { $toDate: "$t" } } }, merge],
    [{ $source: { ...kafka.$source, timeField: "$t" } }, merge],
    [2, "pipeline[0].$source.timeField"],
  ],
  [
    "fields/value",
    window({ size: 1, unit: "day" }),
    window({ size: 1, unit: "days" }),
    [3, "pipeline[1].$tumblingWindow.interval.unit"],
  ],
  [
    "fields/value",
    between(https({ method: "POST" })),
    between(https({ method: "HEAD" })),
    [3, "pipeline[1].$https.method"],
  ],
];

describe("lint: calls, sinks and the fields of stages", () => {
  checkRules([...calls, ...sinks, ...fields]);
});

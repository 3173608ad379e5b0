import { checkRules, type RuleCase } from "./table.ts";
import { dlq, group, kafka, merge, minute, tumbling, watch } from "./lab.ts";

const session = (partitionBy: unknown) => ({ $sessionWindow: { gap: minute, partitionBy, pipeline: [group] } });
const hopping = (hop: number) => ({
  $hoppingWindow: { interval: minute, hopSize: { size: hop, unit: "second" }, pipeline: [group] },
});
const tumble = (more: object) => [watch, tumbling([group], more), merge];
const sync = { $source: { ...watch.$source, initialSync: { enable: true } } };
const idle = { $source: { ...kafka.$source, partitionIdleTimeout: minute } };
const config = (fields: object) => ({ $source: { ...watch.$source, config: fields } });
const kinesis = (more: object) => ({
  $source: { connectionName: "kinesis", stream: "s", config: { consumerARN: "arn", ...more } },
});

const placement: RuleCase[] = [
  ["placement/stage-form", [watch, merge], [watch, { $match: {}, $unset: "a" }, merge], [3, "pipeline[1]"]],
  ["placement/stage-form", [watch, merge], [watch, {}, merge], [3, "pipeline[1]"]],
  ["placement/unknown-stage", [watch, { $match: {} }, merge], [watch, { $mach: {} }, merge], [3, "pipeline[1].$mach"]],
  ["placement/unknown-stage", [watch, merge], [watch, { $facet: {} }, merge], [3, "pipeline[1].$facet"]],
  ["placement/wrong-place", [watch, tumbling([group]), merge], [watch, group, merge], [3, "pipeline[1].$group"]],
  [
    "placement/wrong-place",
    [watch, tumbling([{ $match: {} }, group]), merge],
    [watch, tumbling([{ $setStreamMeta: { "stream.a": 1 } }, group]), merge],
    [3, "pipeline[1].$tumblingWindow.pipeline[0].$setStreamMeta"],
  ],
  [
    "placement/wrong-place",
    [watch, { $https: { connectionName: "web", as: "r", payload: [{ $project: { a: 1 } }] } }, merge],
    [watch, { $https: { connectionName: "web", as: "r", payload: [{ $match: { a: 1 } }] } }, merge],
    [3, "pipeline[1].$https.payload[0].$match"],
  ],
  ["placement/no-source", [watch, merge], [{ $match: {} }, merge], [1, "pipeline"]],
  ["placement/second-source", [watch, merge], [watch, watch, merge], [3, "pipeline[1].$source"]],
  ["placement/source-not-first", [watch, merge], [{ $match: {} }, watch, merge], [3, "pipeline[1].$source"]],
  [
    "placement/second-window",
    [watch, tumbling(), merge],
    [watch, tumbling(), tumbling(), merge],
    [4, "pipeline[2].$tumblingWindow"],
  ],
  ["placement/sink-not-last", [watch, merge], [watch, merge, { $match: {} }], [3, "pipeline[1].$merge"]],
  ["placement/sink-not-last", [watch, merge], [watch, merge, merge], [3, "pipeline[1].$merge"]],
  ["placement/no-sink", [watch, merge], [watch, { $match: {} }], [3, "pipeline[1].$match"]],
];

const sources: RuleCase[] = [
  [
    "sources/initial-sync-with-window",
    [sync, merge],
    [sync, tumbling(), merge],
    [2, "pipeline[0].$source.initialSync"],
  ],
  [
    "sources/two-starts",
    [config({ startAfter: {} }), merge],
    [config({ startAfter: {}, startAtOperationTime: {} }), merge],
    [2, "pipeline[0].$source.config.startAtOperationTime"],
  ],
  [
    "sources/timestamp",
    [kinesis({ initialPosition: "AT_TIMESTAMP", atTimestamp: { $date: "2026-01-01T00:00:00Z" } }), merge],
    [kinesis({ initialPosition: "AT_TIMESTAMP" }), merge],
    [2, "pipeline[0].$source.config.initialPosition"],
  ],
  [
    "sources/collection-without-database",
    [watch, merge],
    [{ $source: { connectionName: "atlas", coll: "orders" } }, merge],
    [2, "pipeline[0].$source.coll"],
  ],
  [
    "sources/idle-partition",
    [idle, tumbling(), merge],
    [kafka, tumbling(), merge],
    [2, "pipeline[0].$source (warning)"],
  ],
  [
    "sources/inline-documents",
    [watch, merge],
    [{ $source: { documents: [{ a: 1 }] } }, merge],
    [2, "pipeline[0].$source.documents (warning)"],
  ],
  [
    "sources/change-event-times",
    [config({ pipeline: [{ $project: { "fullDocument.secret": 0 } }] }), merge],
    [config({ pipeline: [{ $project: { fullDocument: 1, wallTime: 1 } }] }), merge],
    [2, "pipeline[0].$source.config.pipeline[0]"],
  ],
];

const windows: RuleCase[] = [
  [
    "windows/gaps",
    [watch, hopping(60), merge],
    [watch, hopping(61), merge],
    [3, "pipeline[1].$hoppingWindow.hopSize (warning)"],
  ],
  [
    "windows/processing-time",
    tumble({ boundary: "processingTime" }),
    tumble({ boundary: "processingTime", idleTimeout: minute }),
    [3, "pipeline[1].$tumblingWindow.idleTimeout"],
  ],
  [
    "windows/no-group",
    tumble({}),
    [watch, tumbling([{ $match: {} }]), merge],
    [3, "pipeline[1].$tumblingWindow.pipeline (warning)"],
  ],
  [
    "windows/partition-by",
    [watch, session({ $concat: ["$a", "$b"] }), merge],
    [watch, session({ a: "$a", b: "$b" }), merge],
    [3, "pipeline[1].$sessionWindow.partitionBy"],
  ],
];

const queue = { dlq };
const validate = (action: string) => [watch, { $validate: { validator: {}, validationAction: action } }, merge];
const atDlq = { $merge: { into: dlq } };
const watchDlq = { $source: dlq };

const queues: RuleCase[] = [
  [
    "dlq/missing",
    { pipeline: [watch, merge], options: queue },
    { pipeline: [watch, merge], options: {} },
    [4, "options (warning)"],
  ],
  [
    "dlq/asked-for",
    { pipeline: validate("discard"), options: {} },
    { pipeline: validate("dlq"), options: {} },
    [3, "pipeline[1].$validate.validationAction"],
  ],
  ["dlq/is-the-sink", [watch, merge], [watch, atDlq], [4, "options.dlq"]],
  ["dlq/is-the-source", [watch, merge], [watchDlq, merge], [4, "options.dlq"]],
];

describe("lint: placement, sources, windows and dead letter queues", () => {
  checkRules([...placement, ...sources, ...windows, ...queues]);
});

import assert from "node:assert/strict";
import { pipelineDigest } from "../../../streams/engine/diff/digest.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { checkRules, type RuleCase } from "./table.ts";
import { type Lab, connections, dlq, kafka, lintOne, merge, short, tumbling, watch } from "./lab.ts";

const parallel = (parallelism: number) => [watch, { $merge: { ...merge.$merge, parallelism } }];
const policy = (value: object) => ({ "policies/p.json": JSON.stringify(value) });
const withPolicy = (value: object, pipeline: unknown[] = [watch, merge]): Lab => ({ pipeline, files: policy(value) });
const environment = (config: string, more: Record<string, string> = {}): Lab => ({
  pipeline: parallel(3),
  files: { "environments/dev/config.env": config, ...more },
});
const sync = (...coll: string[]) => [{ $source: { ...watch.$source, coll, initialSync: { enable: true } } }, merge];
const cached = (maxMemUsageBytes: number) => [
  watch,
  {
    $cachedLookup: {
      from: dlq,
      localField: "a",
      foreignField: "b",
      as: "c",
      ttl: { size: 1, unit: "day" },
      maxMemUsageBytes,
    },
  },
  merge,
];
const iceberg = [watch, { $iceberg: { connectionName: "bucket", bucket: "b", tableName: "t", path: "p" } }];

const tiers: RuleCase[] = [
  [
    "tiers/parallelism",
    withPolicy({ tier: "SP5" }, parallel(3)),
    withPolicy({ tier: "SP2" }, parallel(3)),
    [3, "pipeline[1].$merge.parallelism"],
  ],
  [
    "tiers/parallelism",
    environment("DEFAULT_TIER=SP5"),
    environment("DEFAULT_TIER=SP2"),
    [3, "pipeline[1].$merge.parallelism"],
  ],
  ["tiers/parallelism", parallel(64), parallel(65), [3, "pipeline[1].$merge.parallelism"]],
  [
    "tiers/kafka-partitions",
    withPolicy({ tier: "SP2", kafkaPartitions: 32 }, [kafka, merge]),
    withPolicy({ tier: "SP2", kafkaPartitions: 33 }, [kafka, merge]),
    [2, "pipeline[0].$source.topic"],
  ],
  [
    "tiers/initial-sync",
    withPolicy({ tier: "SP2" }, sync("a")),
    withPolicy({ tier: "SP5" }, sync("a", "b")),
    [2, "pipeline[0].$source.initialSync"],
  ],
  [
    "tiers/iceberg",
    withPolicy({ tier: "SP10" }, iceberg),
    withPolicy({ tier: "SP5" }, iceberg),
    [3, "pipeline[1].$iceberg"],
  ],
  [
    "tiers/cache",
    withPolicy({ tier: "SP2" }, cached(64 * 1024 ** 2)),
    withPolicy({ tier: "SP2" }, cached(65 * 1024 ** 2)),
    [3, "pipeline[1].$cachedLookup.maxMemUsageBytes"],
  ],
  [
    "tiers/failover",
    withPolicy({ tier: "SP10", failover: true }),
    withPolicy({ tier: "SP5", failover: true }),
    [1, ""],
  ],
  [
    "tiers/lookup-parallelism",
    [watch, { $lookup: { from: dlq, localField: "a", foreignField: "b", as: "c", parallelism: 16 } }, merge],
    [watch, { $lookup: { from: dlq, localField: "a", foreignField: "b", as: "c", parallelism: 17 } }, merge],
    [3, "pipeline[1].$lookup.parallelism (warning)"],
  ],
  [
    "tiers/max-tier",
    environment("DEFAULT_TIER=SP10\nMAX_TIER=SP10"),
    environment("MAX_TIER=SP10\nDEFAULT_TIER=SP30"),
    [2, ""],
  ],
  [
    "tiers/max-tier",
    environment("MAX_TIER=SP30", policy({ tier: "SP30" })),
    environment("MAX_TIER=SP30", policy({ autoscaling: { minTier: "SP5", maxTier: "SP50" } })),
    [1, "autoscaling.maxTier"],
  ],
  [
    "policies/bounds",
    withPolicy({ autoscaling: { minTier: "SP2", maxTier: "SP2" } }),
    withPolicy({ autoscaling: { minTier: "SP5", maxTier: "SP2" } }),
    [1, "autoscaling"],
  ],
  [
    "policies/bounds",
    withPolicy({ tier: "SP5", autoscaling: { minTier: "SP5", maxTier: "SP10" } }),
    withPolicy({ tier: "SP2", autoscaling: { minTier: "SP5", maxTier: "SP10" } }),
    [1, "tier"],
  ],
  [
    "policies/expectation",
    environment("", {
      "environments/dev/thresholds.json": '{"memory_mb": 500}',
      ...policy({ expect: { memoryMb: 500 } }),
    }),
    environment("", {
      "environments/dev/thresholds.json": '{"memory_mb": 500}',
      ...policy({ expect: { memoryMb: 501 } }),
    }),
    [1, "expect.memoryMb"],
  ],
  [
    "policies/memory",
    environment("", policy({ tier: "SP2", expect: { memoryMb: 409 } })),
    environment("", policy({ tier: "SP2", expect: { memoryMb: 410 } })),
    [1, "expect.memoryMb"],
  ],
];

const digest = pipelineDigest(JSON.stringify([watch, merge]));
const other = pipelineDigest("[]");
const consent = (more: object): Lab => ({
  pipeline: [watch, merge],
  files: {
    "consents/p.json": JSON.stringify({
      processor: "p",
      from: other,
      to: digest,
      class: "resume-false",
      reason: "windows of a minute",
      by: "me",
      ...more,
    }),
  },
});
const extra = (file: string, value: unknown): Lab => ({
  pipeline: [watch, merge],
  files: { [file]: JSON.stringify(value) },
});
const cluster = (more: object): Lab =>
  extra("connections/more.json", {
    name: "c",
    type: "Cluster",
    clusterName: "c",
    dbRoleToExecute: { role: "r", type: "CUSTOM" },
    ...more,
  });
const emitted = (connectionName: string) => [
  watch,
  { $merge: { into: { ...merge.$merge.into, connectionName }, on: "id" } },
];

const files: RuleCase[] = [
  ["connections/missing", [watch, merge], emitted("othr"), [3, "pipeline[1].$merge.into.connectionName"]],
  [
    "connections/missing",
    [watch, merge],
    { pipeline: [watch, merge], options: { dlq: { ...dlq, connectionName: "x" } } },
    [4, "options.dlq.connectionName"],
  ],
  ["connections/type", [watch, merge], emitted("kafka"), [3, "pipeline[1].$merge.into.connectionName"]],
  ["connections/twice", cluster({}), cluster({ name: "kafka" }), [1, "name"]],
  ["connections/incomplete", cluster({}), extra("connections/more.json", { name: "h", type: "Https" }), [1, ""]],
  [
    "connections/url",
    extra("connections/more.json", { name: "h", type: "Https", url: "https://a.example" }),
    extra("connections/more.json", { name: "h", type: "Https", url: "http://a.example" }),
    [1, "url"],
  ],
  [
    "connections/admin",
    cluster({}),
    cluster({ dbRoleToExecute: { role: "atlasAdmin", type: "BUILT_IN" } }),
    [1, "dbRoleToExecute.role (warning)"],
  ],
  [
    "names/file",
    { pipeline: [watch, merge], name: "p" },
    { pipeline: [watch, merge], name: "q" },
    [1, "name (warning)"],
  ],
  [
    "names/key-order",
    [watch, tumbling([{ $sort: { "1": 1, a: 1 } }]), merge],
    {
      pipeline: `${JSON.stringify(watch)},\n{"$tumblingWindow": {"interval": {"size": 1, "unit": "day"}, "pipeline": [{"$sort": {"a": 1, "1": 1}}]}},\n${JSON.stringify(merge)}`,
    },
    [3, "pipeline[1].$tumblingWindow.pipeline[0].$sort"],
  ],
  [
    "names/key-order",
    [watch, { $set: { "1": 1, a: 1 } }, merge],
    { pipeline: `${JSON.stringify(watch)},\n{"$set": {"a": 1, "1": 1}},\n${JSON.stringify(merge)}` },
    [3, "pipeline[1].$set (warning)"],
  ],
  ["files/orphan", extra("policies/p.json", {}), extra("policies/pp.json", {}), [1, ""]],
  ["files/orphan", extra("tests/p.test.json", {}), extra("tests/q.test.json", {}), [1, ""]],
  ["files/consent", consent({}), consent({ processor: "q" }), [1, "processor"]],
  ["files/consent", consent({}), consent({ to: other }), [1, "to (warning)"]],
];

describe("lint: tiers, policies, connections and names", () => {
  checkRules([...tiers, ...files]);

  it("takes the name of a file for the processor's, and looks at it", () => {
    const files = {
      "processors/a b.json": JSON.stringify({ pipeline: [watch, merge], options: { dlq } }),
      "connections/a.json": connections,
    };
    const rules = lint(loadStreams(files)).map(({ rule }) => rule);
    assert.equal(rules.filter((rule) => rule === "names/form").length, 1);
  });

  it("says which connections nothing uses, and says nothing where a processor cannot be read", () => {
    const unused = (text: string) =>
      lint(loadStreams({ "processors/p.json": text, "connections/a.json": connections })).filter(
        ({ rule }) => rule === "connections/unused",
      );
    const text = JSON.stringify({ pipeline: [watch, merge], options: { dlq } });
    assert.deepEqual(
      unused(text).map(({ path }) => path),
      ["[0].name", "[3].name", "[4].name", "[5].name", "[6].name", "[7].name"],
    );
    assert.deepEqual(unused("{"), []);
  });

  it("looks at one environment alone where one is asked for", () => {
    const files = {
      "environments/dev/config.env": "DEFAULT_TIER=SP2\n",
      "environments/prod/config.env": "DEFAULT_TIER=SP10\n",
    };
    const of = (environment?: string) =>
      short(lintOne({ pipeline: parallel(3), files, ...(environment === undefined ? {} : { environment }) }));
    assert.deepEqual(of("prod"), []);
    assert.deepEqual(of("dev"), [["tiers/parallelism", 3, "pipeline[1].$merge.parallelism"]]);
    assert.deepEqual(of(), of("dev"));
  });
});

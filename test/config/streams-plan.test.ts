import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type StreamsSources, planStreams } from "../../config/streams.ts";
import { streamsDefaults } from "../../config/streams-profile.ts";
import { type StreamsOverrides, withStreamsProfile } from "../../config/streams-schema.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { loadStreams } from "../../streams/engine/files/project.ts";

const place: StreamsOverrides = { projectId: "0123456789abcdef01234567", region: "VIRGINIA_USA" };
const dlq = { connectionName: "warehouse", db: "dlq", coll: "orders" };
const source = { $source: { connectionName: "events", topic: "orders" } };
const merge = { $merge: { into: { connectionName: "warehouse", db: "d", coll: "c" }, on: ["_id"] } };
const window = {
  $tumblingWindow: { interval: { size: 1, unit: "minute" }, pipeline: [{ $group: { _id: "$k", n: { $sum: 1 } } }] },
};
const json = JSON.stringify;

const kafka = {
  ...{ name: "events", type: "Kafka", bootstrapServers: "kafka:9092" },
  ...{ authentication: { mechanism: "PLAIN" }, security: { protocol: "SASL_SSL" } },
};
const warehouse = {
  ...{ name: "warehouse", type: "Cluster", clusterName: "w" },
  dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" },
};

const files: Record<string, string> = {
  "connections/all.json": json([kafka, warehouse]),
  "environments/dev/config.env": "WORKSPACE_NAME=dev-streams\nDEFAULT_TIER=SP5\nPROJECT_ID=$PROJECT_ID_DEV\n",
  "environments/dev/thresholds.json": json({ $schema: "x", memory_mb: 400 }),
  "processors/orders.json": json({ pipeline: [source, merge], options: { dlq } }),
};

interface Change {
  files?: Record<string, unknown>;
  settings?: Partial<StreamsOverrides>;
  environment?: Record<string, string>;
  now?: string;
}

/** The plan of the files, changed. Those that are undefined are not there. */
function planned({ files: changed = {}, settings = {}, environment = {}, now = "2026-12-01" }: Change = {}) {
  const all = Object.entries({ ...files, ...changed }).filter(([, text]) => text !== undefined);
  const texts = all.map(([path, text]) => [path, typeof text === "string" ? text : json(text)]);
  const sources: StreamsSources = {
    name: "dev",
    settings: withStreamsProfile(streamsDefaults, { ...place, ...settings })!,
    project: loadStreams(Object.fromEntries(texts) as Record<string, string>),
    ...{ environment, now: new Date(now) },
  };
  return planStreams(sources);
}

const orders = (change: Change) => planned(change).definition.processors["orders"]!;
const policy = (value: object, more: Change = {}): Change => ({
  ...more,
  files: { "policies/orders.json": value, ...more.files },
});

describe("config/streams: the plan", () => {
  it("is where it runs, and every processor with all that it runs by", () => {
    const { definition, problems } = planned();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [definition.workspace, definition.tier, definition.maxTier, definition.features],
      ["dev-streams", "SP5", "SP30", []],
    );
    const pipeline = json([source, merge]);
    assert.deepEqual(definition.processors, {
      orders: {
        digest: definitionDigest({ pipelineText: pipeline, dlq }),
        ...{ rollout: "in-place", state: "STARTED", tier: "SP5", failover: false, pipeline, dlq },
        thresholds: { memory_mb: 400 },
      },
    });
  });

  it("takes the pipeline as it is written, without spaces alone", () => {
    const text = `{"pipeline": [{"$source": {"connectionName": "events", "topic": "t"}}, {"$project": {"b": 1, "2": 1.0}}, ${json(merge)}]}`;
    const { pipeline } = orders({ files: { "processors/orders.json": text } });
    assert.ok(pipeline.includes('{"$project":{"b":1,"2":1.0}}'), pipeline);
  });

  it("reads the project's id from config.env where the stack file has none", () => {
    const settings = { projectId: undefined };
    const environment = { PROJECT_ID_DEV: "f".repeat(24) };
    assert.equal(planned({ settings, environment }).definition.projectId, "f".repeat(24));
    assert.match(planned({ settings }).problems.join("\n"), /slipway:streams\.projectId: missing/);
  });

  const tiers: [title: string, change: Change, expected: object][] = [
    ["of the environment", {}, { tier: "SP5" }],
    ["of the policy", policy({ tier: "SP10" }), { tier: "SP10" }],
    [
      "between the policy's bounds, from the lower on",
      policy({ autoscaling: { minTier: "SP2", maxTier: "SP10" } }),
      { tier: "SP2", autoscaling: { minTier: "SP2", maxTier: "SP10" } },
    ],
    ["of the advisor, which knows limits", policy({ tier: "auto", kafkaPartitions: 50 }), { tier: "SP5" }],
    [
      "of the advisor, with bounds where no file says how much state there is",
      policy({ tier: "auto" }, { files: { "processors/orders.json": { pipeline: [source, window, merge] } } }),
      { tier: "SP2", autoscaling: { minTier: "SP2", maxTier: "SP5" } },
    ],
  ];
  for (const [title, change, expected] of tiers)
    it(`runs a processor on the tier ${title}`, () => {
      const { tier, autoscaling } = orders(change);
      assert.deepEqual({ tier, ...(autoscaling && { autoscaling }) }, expected);
    });

  for (const [strategy, wanted, rollout] of [
    ["in-place", undefined, "in-place"],
    ["in-place", "canary", "in-place"],
    ["blue-green", undefined, "blue-green"],
    ["blue-green", "canary", "canary"],
    ["blue-green", "in-place", "in-place"],
  ] as const)
    it(`changes ${rollout} where the environment does ${strategy} and the policy says ${wanted ?? "nothing"}`, () => {
      const change = policy(wanted === undefined ? {} : { rollout: wanted }, { settings: { rollout: strategy } });
      assert.equal(orders(change).rollout, rollout);
    });

  it("has workspaces of branches until their time is over", () => {
    const settings = { features: [{ branch: "a", until: "2026-12-24" }] };
    const at = (now: string) => planned({ settings, now }).definition.features;
    assert.deepEqual(at("2026-12-24T23:59:59Z"), [{ workspace: "feature-a", start: false }]);
    assert.deepEqual(at("2026-12-25T00:00:00Z"), []);
  });

  it("starts without their checkpoints what this deployment names", () => {
    const environment = { SLIPWAY_STREAMS_RESTART: " orders, " };
    assert.deepEqual(planned({ environment }).definition.restart, ["orders"]);
    assert.deepEqual(planned().definition.restart, []);
  });
});

describe("config/streams: what stands against a plan", () => {
  const bad: [title: string, change: Change, problem: RegExp][] = [
    [
      "an environment without a folder",
      {
        files: {
          "environments/dev/config.env": undefined,
          "environments/dev/thresholds.json": undefined,
          "environments/test/config.env": "",
        },
        settings: { workspace: "w" },
      },
      /^streams\/environments\/dev: missing, expected config\.env.* There are test\.$/,
    ],
    [
      "a workspace that config.env names badly",
      { files: { "environments/dev/config.env": "WORKSPACE_NAME=a_b\n" } },
      /got "a_b" of config\.env/,
    ],
    [
      "a tier above the largest",
      policy({ tier: "SP50" }),
      /^processor orders: needs SP50, .* above SP30 \(maxTier\)\.$/,
    ],
    [
      "bounds above the largest",
      policy({ autoscaling: { minTier: "SP2", maxTier: "SP50" } }),
      /^processor orders: needs SP50/,
    ],
    [
      "a default tier above the largest of config.env",
      {
        files: { "environments/dev/config.env": "WORKSPACE_NAME=w\nDEFAULT_TIER=SP5\nMAX_TIER=SP2\n" },
        settings: { tier: "SP2" },
      },
      /^processor orders: needs SP5, .* above SP2/,
    ],
    [
      "failover on too small a tier",
      policy({ failover: true }, { settings: { failoverRegions: [{ provider: "AWS", region: "OREGON_USA" }] } }),
      /processors\/orders\.json.*failover takes part from SP10 on.*tiers\/failover/,
    ],
    [
      "failover to nowhere",
      policy({ failover: true, tier: "SP10" }),
      /policies\/orders\.json asks for failover, and slipway/,
    ],
    [
      "a connection without rights in its cluster",
      { files: { "connections/more.json": { name: "x", type: "Cluster", clusterName: "w" } } },
      /connection x: dbRoleToExecute is missing, which Atlas asks of a connection of type Cluster\.$/,
    ],
    [
      "a missing connection",
      { files: { "connections/all.json": [warehouse] } },
      /^streams\/processors\/orders\.json:1:\d+: there is no connection "events" \(connections\/missing\)/,
    ],
    [
      "a broken file",
      { files: { "processors/broken.json": "{" } },
      /^streams\/processors\/broken\.json:1:\d+: .*json\/syntax/,
    ],
    [
      "a connection's unknown key",
      { files: { "connections/more.json": { name: "x", type: "Https", url: "https://x.example.com", header: {} } } },
      /^streams\/connections\/more\.json:1: connection x: unknown key header\. Did you mean headers\?$/,
    ],
    [
      "a way to log in that Atlas does not know",
      {
        files: {
          "connections/more.json": { ...kafka, name: "x", authentication: { mechanism: "SCRAM-SHA-512" } },
        },
      },
      /authentication\.mechanism is "SCRAM-SHA-512", expected one of PLAIN, SCRAM-256/,
    ],
    [
      "a restart of nobody",
      { environment: { SLIPWAY_STREAMS_RESTART: "order" } },
      /^SLIPWAY_STREAMS_RESTART: there is no processor order\.$/,
    ],
  ];
  for (const [title, change, expected] of bad)
    it(`is ${title}`, () => {
      const { problems } = planned(change);
      assert.equal(problems.filter((problem) => expected.test(problem)).length, 1, problems.join("\n"));
      assert.equal(problems.length, 1, problems.join("\n"));
    });

  it("is not what is wrong in another environment's files", () => {
    assert.deepEqual(planned({ files: { "environments/prod/config.env": "DEFAULT_TIER=SP3\n" } }).problems, []);
  });

  it("is told all at once", () => {
    const { problems } = planned({
      ...policy({ tier: "SP50" }),
      files: {
        "policies/orders.json": { tier: "SP50" },
        "connections/more.json": { name: "x", type: "Https", url: "https://${HOST}/" },
        "processors/broken.json": "{",
      },
      settings: { projectId: undefined },
      environment: { SLIPWAY_STREAMS_RESTART: "nobody" },
    });
    const expected = [/projectId/, /broken/, /\$\{HOST\}/, /needs SP50/, /nobody/];
    for (const one of expected)
      assert.ok(
        problems.some((problem) => one.test(problem)),
        String(one),
      );
    assert.equal(problems.length, expected.length, problems.join("\n"));
  });
});

import assert from "node:assert/strict";
import { advise, costOf, type AdviceOptions } from "../../../streams/engine/advise/advise.ts";
import { bandOf, measured, percentile, type Sample } from "../../../streams/engine/advise/measured.ts";
import { hourlyPrices, pricedRegions, pricesSchema, shippedPrices } from "../../../streams/engine/catalogue/prices.ts";
import { stateLimit, tierLimits } from "../../../streams/engine/catalogue/tiers.ts";
import { tiers } from "../../../streams/engine/files/documents.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";

const source = (more: object = {}) => ({ $source: { connectionName: "atlas", db: "d", coll: "c", ...more } });
const topic = { $source: { connectionName: "kafka", topic: "t" } };
const into = { connectionName: "atlas", db: "d", coll: "e" };
const merge = (parallelism?: number) => ({ $merge: { into, ...(parallelism === undefined ? {} : { parallelism }) } });
const lookup = (parallelism: number) => ({
  $lookup: { from: into, localField: "a", foreignField: "b", as: "c", parallelism },
});
const day = {
  $sessionWindow: { partitionBy: "$a", gap: { size: 1, unit: "day" }, pipeline: [{ $group: { _id: "$a" } }] },
};

function adviceFor(
  pipeline: object[],
  files: Record<string, object | string> = {},
  options: Partial<AdviceOptions> = {},
  env?: string,
) {
  const texts = Object.entries(files).map(([path, value]) => [
    path,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const project = loadStreams({
    "processors/p.json": JSON.stringify({ pipeline }),
    ...(Object.fromEntries(texts) as Record<string, string>),
  });
  assert.deepEqual(project.findings, []);
  const environment = env === undefined ? undefined : project.environments.get(env);
  const [advice] = advise(project, { prices: shippedPrices, region: "us-east-1", environment, ...options });
  assert.ok(advice !== undefined);
  return advice;
}

describe("the floor that files set", () => {
  const policy = (value: object) => ({ "policies/p.json": value });
  const rows: [
    what: string,
    pipeline: object[],
    files: Record<string, object>,
    floor: string | undefined,
    parallelism: number,
  ][] = [
    ["nothing in particular", [source(), merge()], {}, "SP2", 0],
    ["a cumulative parallelism of 1", [source(), merge(2)], {}, "SP2", 1],
    ["a cumulative parallelism of 2", [source(), merge(3)], {}, "SP5", 2],
    [
      "stages add up: (4 - 1) + (2 - 1)",
      [source({ initialSync: { enable: true, parallelism: 4 } }), lookup(1), merge(2)],
      {},
      "SP10",
      4,
    ],
    ["17 do not fit into 16", [source(), lookup(9), merge(10)], {}, "SP50", 17],
    ["16 do", [source(), lookup(9), merge(9)], {}, "SP30", 16],
    ["more than any tier has", [source(), lookup(33), merge(34)], {}, undefined, 65],
    ["32 partitions", [topic, merge()], policy({ kafkaPartitions: 32 }), "SP2", 0],
    ["64 partitions", [topic, merge()], policy({ kafkaPartitions: 64 }), "SP5", 0],
    ["65 partitions", [topic, merge()], policy({ kafkaPartitions: 65 }), "SP10", 0],
    [
      "an initial sync of 6 collections",
      [source({ coll: [..."abcdef"], initialSync: { enable: true } }), merge()],
      {},
      "SP30",
      0,
    ],
    ["the same without a sync", [source({ coll: [..."abcdef"] }), merge()], {}, "SP2", 0],
    ["failover", [source(), merge()], policy({ failover: true }), "SP10", 0],
    ["$iceberg", [source(), { $iceberg: { connectionName: "s3" } }], {}, "SP10", 0],
  ];
  for (const [what, pipeline, files, floor, parallelism] of rows)
    it(what, () => {
      const advice = adviceFor(pipeline, files);
      assert.deepEqual([advice.floor, advice.recommended, advice.parallelism], [floor, floor, parallelism]);
      assert.equal(advice.problems.length, floor === undefined ? 1 : 0);
      assert.equal(advice.costPerMonth === undefined, floor === undefined);
      assert.equal(advice.reasons.length > 0, parallelism > 0 || floor !== "SP2" || "policies/p.json" in files);
    });

  it("every figure of the catalogue grows with the tier", () => {
    for (const key of [
      "vcpu",
      "memoryGb",
      "bandwidthMbps",
      "parallelism",
      "kafkaPartitions",
      "initialSyncCollections",
      "icebergTables",
    ] as const)
      tiers
        .slice(1)
        .forEach((tier, index) => assert.ok(tierLimits[tier][key] >= tierLimits[tiers[index] ?? "SP2"][key], key));
    assert.equal(stateLimit("SP10"), 1.6 * 1024 ** 3);
  });
});

const mb = 1024 ** 2;
const samples = (count: number, megabytes: number): Sample[] =>
  Array.from({ length: count }, () => ({ memoryUsageBytes: megabytes * mb }));
const stats = (list: Sample[]) => ({ stats: new Map([["p", list]]) });

describe("headroom that was measured", () => {
  const bands: [share: number, band: string][] = [
    [0.2, "over-provisioned"],
    [0.49, "over-provisioned"],
    [0.5, "fit"],
    [0.7, "fit"],
    [0.71, "watch"],
    [0.8, "watch"],
    [0.81, "raise"],
  ];
  for (const [share, band] of bands) it(`${share} is ${band}`, () => assert.equal(bandOf(share), band));

  it("takes the percentile that was really measured, and needs a figure", () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.deepEqual([percentile(values, 0.95), percentile([7], 0.95), percentile([], 0.5)], [95, 7, 0]);
    assert.equal(measured([{}, { memoryUsageBytes: Number.NaN }], "SP2"), undefined);
    assert.equal(measured([{ stateSize: 5 }], undefined)?.memoryP95, 5);
  });

  it("one peak in a hundred does not decide", () => {
    const peak = [...samples(99, 100), ...samples(1, 5000)];
    assert.equal(adviceFor([source(), merge()], {}, stats(peak)).recommended, "SP2");
  });

  it("raises what the files alone would leave small, and says what it saw", () => {
    const advice = adviceFor([source(), day, merge()], {}, stats(samples(30, 1200)));
    assert.deepEqual([advice.floor, advice.recommended, advice.confidence], ["SP2", "SP10", "high"]);
    assert.match(advice.reasons.join("\n"), /95 % of 30 samples use at most 1200 MB: SP10 holds that with room/);
    assert.deepEqual(advice.autoscaling, { minTier: "SP2", maxTier: "SP30" });
  });

  it("never falls below the floor", () => {
    assert.equal(adviceFor([source(), merge(3)], {}, stats(samples(30, 1))).recommended, "SP5");
  });

  it("is a problem where a processor would fail, and none where there is time to watch", () => {
    const on = { "policies/p.json": { tier: "SP2" } };
    assert.deepEqual(adviceFor([source(), merge()], on, stats(samples(30, 400))).problems, []);
    assert.deepEqual(adviceFor([source(), merge()], on, stats(samples(30, 420))).problems, [
      "SP2 is set, SP5 is needed",
    ]);
    assert.match(
      adviceFor([source(), merge()], on, stats(samples(30, 40_000))).problems.join(),
      /^no tier holds 40000 MB/,
    );
  });

  it("notices that another version runs, by what Atlas counts", () => {
    const sample = { ...samples(1, 1)[0], addedParallelism: 4 };
    assert.deepEqual(adviceFor([source(), merge(2)], {}, stats([sample])).problems, [
      "Atlas counts a parallelism of 4, the file 1: another version runs",
    ]);
    assert.deepEqual(adviceFor([source(), merge(5)], {}, stats([sample])).problems, []);
  });

  it("is as sure as it can be", () => {
    const sure = (pipeline: object[], list: Sample[]) => adviceFor(pipeline, {}, stats(list)).confidence;
    assert.equal(sure([source(), merge()], []), "medium");
    assert.equal(sure([source(), day, merge()], []), "low");
    assert.equal(sure([source(), day, merge()], samples(19, 1)), "medium");
    assert.equal(sure([source(), day, merge()], samples(20, 1)), "high");
  });
});

describe("environments and bounds", () => {
  const config = (text: string) => ({ "environments/dev/config.env": text });
  it("holds the environment's tier against what is needed, and its largest too", () => {
    const advice = adviceFor([source(), merge(3)], config("DEFAULT_TIER=SP2\nMAX_TIER=SP2\n"), {}, "dev");
    assert.deepEqual(advice.problems, ["SP2 is set, SP5 is needed", "dev starts nothing above SP2, SP5 is needed"]);
    assert.equal(advice.autoscaling, undefined);
    assert.equal(advice.set, "SP2");
  });

  it("scales no further than the environment allows, and not at all above the largest tier", () => {
    assert.deepEqual(adviceFor([source(), merge(3)], config("MAX_TIER=SP5\n"), {}, "dev").autoscaling, {
      minTier: "SP5",
      maxTier: "SP5",
    });
    assert.deepEqual(adviceFor([source(), merge(60)], {}).autoscaling, { minTier: "SP50", maxTier: "SP50" });
  });

  it("lets the advisor decide where the files say auto", () => {
    assert.equal(adviceFor([source(), merge()], config("DEFAULT_TIER=auto\n"), {}, "dev").set, undefined);
  });
});

describe("prices", () => {
  it("are dated, have a source, and grow with the tier in every region", () => {
    assert.match(shippedPrices.asOf, /^\d{4}-\d{2}-\d{2}$/);
    assert.ok(shippedPrices.source.length > 10);
    const regions = pricedRegions(shippedPrices);
    assert.equal(regions.length, 21);
    for (const region of regions) {
      const hourly = hourlyPrices(shippedPrices, region);
      assert.ok(hourly !== undefined, region);
      const inOrder = tiers.map((tier) => hourly[tier]);
      assert.deepEqual(
        inOrder,
        [...inOrder].sort((a, b) => a - b),
        region,
      );
    }
  });

  it("are those of an average month, by either name of a region", () => {
    assert.equal(costOf(shippedPrices, "us-east-1", "SP10"), 138.7);
    assert.equal(costOf(shippedPrices, "VIRGINIA_USA", "SP10"), 138.7);
    assert.equal(costOf(shippedPrices, "eu-central-1", "SP50"), 1363.35);
    assert.equal(costOf(shippedPrices, "moon-1", "SP10"), undefined);
    assert.equal(costOf(shippedPrices, "us-east-1", undefined), undefined);
  });

  it("of another file must have every tier, a date and a source", () => {
    const wrong = [{ asOf: "last week" }, { source: "" }, { hourly: { AWS: { a: { SP2: 1 } } } }, { more: 1 }];
    for (const change of wrong) assert.ok(!pricesSchema.safeParse({ ...shippedPrices, ...change }).success);
  });
});

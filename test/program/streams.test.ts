import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it } from "mocha";
import { parseStackOutputs } from "../../config/outputs.ts";
import program from "../../index.ts";
import { atlasProvider } from "../../program/providers.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { loadStreams } from "../../streams/engine/files/project.ts";
import { type Run, run } from "../support/harness.ts";
import { siblingStacks } from "../support/operations-outputs.ts";
import { stackConfig } from "../support/stack-files.ts";

type StackName = "dev" | "staging" | "prod";
const runs = new Map<StackName, Promise<Run>>();

async function outputsOf(stack: StackName) {
  const known = runs.get(stack) ?? run(program, { stack, config: stackConfig(stack), stacks: siblingStacks });
  runs.set(stack, known);
  const outputs = parseStackOutputs((await known).outputs, stack);
  assert.ok(outputs.kind === "environment" && outputs.streams);
  return { ...outputs, streams: outputs.streams };
}

const folder = new URL("../../streams/processors/", import.meta.url);
const { processors } = loadStreams(
  Object.fromEntries(
    readdirSync(folder).map((file) => [`processors/${file}`, readFileSync(new URL(file, folder), "utf8")]),
  ),
);

describe("program: streams", function () {
  this.timeout(60_000);

  const table = [
    { stack: "dev", workspace: "dev-stream-processing", tier: "SP5", maxTier: "SP30", rollout: "in-place" },
    { stack: "staging", workspace: "staging-stream-processing", tier: "SP10", maxTier: "SP30", rollout: "in-place" },
    { stack: "prod", workspace: "prod-stream-processing", tier: "SP10", maxTier: "SP50", rollout: "blue-green" },
  ] as const;

  for (const { stack, rollout, ...place } of table) {
    it(`${stack}: ${rollout} in ${place.workspace}`, async () => {
      const { streams } = await outputsOf(stack);
      const { workspace, tier, maxTier } = streams;
      assert.deepEqual({ workspace, tier, maxTier }, place);
      assert.equal(streams.processors["top_sellers"]?.rollout, rollout);
      assert.equal(streams.processors["smoke_check"]?.rollout, "in-place");
      assert.equal(streams.processors["data_enrichment"]?.rollout, stack === "prod" ? "canary" : "in-place");
    });

    it(`${stack}: every processor of the repository, as it is written, and a check of each`, async () => {
      const { streams, checks } = await outputsOf(stack);
      const wanted = processors.map(({ name, pipelineText, dlq }) => [
        name,
        pipelineText,
        definitionDigest({ pipelineText, dlq }),
      ]);
      const found = Object.entries(streams.processors).map(([name, { pipeline, digest }]) => [name, pipeline, digest]);
      assert.deepEqual(found.sort(), wanted.sort());
      const checked = checks.flatMap((check) => (check.kind === "stream-processor" ? [check.processor] : []));
      assert.deepEqual(checked.sort(), processors.map(({ name }) => name).sort());
    });
  }

  it("lets Atlas size in prod what no file can, and names tiers for the rest", async () => {
    const { streams } = await outputsOf("prod");
    for (const [name, { tier }] of Object.entries(streams.processors)) assert.ok(tier !== undefined, name);
    assert.deepEqual(streams.processors["top_sellers"]?.autoscaling, { minTier: "SP2", maxTier: "SP5" });
    assert.equal(streams.processors["fraud_scoring"]?.autoscaling, undefined);
  });

  it("shows no secret in its outputs", async () => {
    const text = JSON.stringify(await outputsOf("dev"));
    for (const name of ["KAFKA_USERNAME", "KAFKA_PASSWORD", "GEOCODER_TOKEN", "NOTIFIER_TOKEN"])
      assert.ok(!text.includes(`test-${name}`), name);
  });
});

describe("program: the provider of Atlas", () => {
  /** Inputs of the provider and what of them is secret. */
  async function provider(env: Record<string, string>) {
    const done = await run(() => void atlasProvider({ environment: "dev" }, env));
    const { inputs, secrets } = done.get("pulumi:providers:mongodbatlas", "mongodbatlas");
    return { inputs, secrets };
  }

  const keys = { ATLAS_PUBLIC_KEY: "pub", ATLAS_PRIVATE_KEY: "priv" };
  const own = { ATLAS_PUBLIC_KEY_DEV: "pub-dev", ATLAS_PRIVATE_KEY_DEV: "priv-dev" };
  const cases: [title: string, env: Record<string, string>, expected: object][] = [
    ["its own variables, which it reads itself", { MONGODB_ATLAS_CLIENT_ID: "id", ...keys }, {}],
    ["keys", keys, { publicKey: "pub", privateKey: "priv" }],
    ["keys of this environment before others", { ...keys, ...own }, { publicKey: "pub-dev", privateKey: "priv-dev" }],
    ["half a pair, which is none", { ATLAS_PUBLIC_KEY: "pub" }, {}],
  ];
  for (const [title, env, expected] of cases)
    it(`takes ${title}`, async () => {
      const { inputs, secrets } = await provider(env);
      const { publicKey, privateKey } = inputs;
      assert.deepEqual({ ...(publicKey !== undefined && { publicKey, privateKey }) }, expected);
      assert.deepEqual(secrets, Object.keys(expected).sort());
    });
});

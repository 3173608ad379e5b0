import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { missingStreamVariables, startAtlasApi, type AtlasApi } from "../../../sandbox/index.ts";
import { callAt, statsOf } from "./atlas-lab.ts";

const streams = fileURLToPath(new URL("../../../streams", import.meta.url));
const jsonIn = (folder: string): { name: string; value: Record<string, unknown> }[] =>
  readdirSync(join(streams, folder)).map((file) => ({
    name: basename(file, ".json"),
    value: JSON.parse(readFileSync(join(streams, folder, file), "utf8")) as Record<string, unknown>,
  }));
const connections = () => jsonIn("connections").flatMap(({ value }) => (value["connections"] ?? value) as object[]);

describe("the repository's own stream processors in the sandbox's Atlas", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "slipway-atlas-"));
  let time = Date.parse("2026-03-01T00:00:00Z");
  let api: AtlasApi;

  before(async () => {
    api = await startAtlasApi({ directory, streams, now: () => time });
    const region = { cloudProvider: "AWS", region: "VIRGINIA_USA" };
    const config = { tier: "SP10", maxTierSize: "SP50" };
    await callAt(api.endpoint, "POST", "/streams", { name: "flow", dataProcessRegion: region, streamConfig: config });
    for (const connection of connections()) await callAt(api.endpoint, "POST", "/streams/flow/connections", connection);
  });
  after(async () => {
    await api.close();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const { name, value } of jsonIn("processors"))
    it(`runs ${name}, which reads and writes`, async () => {
      const path = `/streams/flow/processor/${name}`;
      const made = await callAt(api.endpoint, "POST", "/streams/flow/processor", { name, ...value });
      assert.equal(made.status, 200, made.text);
      await callAt(api.endpoint, "POST", `${path}:start`);
      for (let second = 0; second < 8; second += 2) {
        time += 2_000;
        await callAt(api.endpoint, "GET", path);
      }
      const seen = await callAt(api.endpoint, "GET", path);
      assert.equal(seen.body["state"], "STARTED", seen.text);
      const { inputMessageCount = 0, outputMessageCount = 0, dlqMessageCount = 0 } = statsOf(seen);
      assert.ok(inputMessageCount > 0 && outputMessageCount > 0, seen.text);
      // Samples are what is usual: tests hold the mistakes.
      if (name !== "support_archive") assert.ok(dlqMessageCount <= inputMessageCount * 0.05, seen.text);
    });

  it("has a value for every variable of its connections that nobody set", () => {
    const missing = missingStreamVariables(streams, { KAFKA_USERNAME: "me" });
    const named = [...JSON.stringify(connections()).matchAll(/\$\{(\w+)\}/g)].map(([, variable = ""]) => variable);
    const wanted = [...new Set(named)].filter((variable) => variable !== "KAFKA_USERNAME").sort();
    assert.deepEqual(missing, Object.fromEntries(wanted.map((variable) => [variable, `sandbox-${variable}`])));
    assert.deepEqual(missingStreamVariables(join(streams, "nowhere"), {}), {});
  });
});

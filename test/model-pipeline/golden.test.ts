import assert from "node:assert/strict";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "mocha";
import { modelPipeline } from "../../model/pipeline/housing.ts";
import { renderDefinition } from "../../model/pipeline/render.ts";
import type { PipelineSettings } from "../../model/pipeline/settings.ts";
import { settings, settingsOf } from "./settings.ts";

/** `UPDATE_GOLDEN=1 npx mocha test/model-pipeline/golden.test.ts` writes what is rendered now; look at the difference. */
const update = process.env["UPDATE_GOLDEN"] === "1";
const folder = path.join(import.meta.dirname, "golden");

/** Definitions of the stack files, and of what no stack file asks for today. */
const definitions: Record<string, PipelineSettings> = {
  dev: settingsOf("dev"),
  staging: settingsOf("staging"),
  prod: settingsOf("prod"),
  tuned: {
    ...settings,
    approval: "manual",
    tuning: { grid: { algorithm: ["ridge", "forest"], alpha: [0.1, 1, 10] }, parallel: 3 },
  },
  tracked: {
    ...settings,
    metric: "within_10_percent",
    trackingUri: "arn:aws:sagemaker:us-east-1:222222222222:mlflow-tracking-server/slipway-dev-model-tracking",
  },
};

describe("model/pipeline: definitions", () => {
  for (const [name, of] of Object.entries(definitions)) {
    it(`${name} is the one in golden/`, async () => {
      const text = `${JSON.stringify(renderDefinition(modelPipeline(of)), null, 2)}\n`;
      const file = path.join(folder, `${name}.json.snap`);
      if (update) {
        await mkdir(folder, { recursive: true });
        await writeFile(file, text);
      }
      assert.equal(text, await readFile(file, "utf8"));
    });
  }

  it("keeps no definition that nobody renders any more", async () => {
    const kept = (await readdir(folder)).map((file) => file.replace(".json.snap", ""));
    assert.deepEqual(kept.sort(), Object.keys(definitions).sort());
  });
});

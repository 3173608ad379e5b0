import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { snapshotOfWorkingTree } from "../../automation/git/objects.ts";
import { ArtifactFolder } from "../../automation/release/artifact-folder.ts";
import { packSnapshot } from "../../automation/release/pack.ts";
import { ensureVenv } from "../../tools/testing/python.ts";

const execute = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

/** Houses whose price is a sum of straight lines, but for a little. */
const houses = Array.from({ length: 60 }, (_, at) => {
  const [area, bedrooms, bathrooms, age] = [50 + ((at * 37) % 180), 1 + (at % 5), 1 + (at % 3), (at * 7) % 90];
  const price = 18_500 + 1420 * area + 8300 * bedrooms + 11_200 * bathrooms - 350 * age + 1000 * (at % 4);
  return `H${String(at).padStart(8, "0")},${area},${bedrooms},${bathrooms},${age},${price}`;
});

describe("the zip of the model's code", function () {
  // Four processes that load scikit-learn, also while others keep both processors busy.
  this.timeout(180_000);
  let folder: string;
  let zip: string;
  let python: string;

  const at = (...parts: string[]) => join(folder, ...parts);
  const run = (args: string[], environment: Record<string, string> = {}) =>
    execute(python, [zip, ...args], { cwd: folder, env: { PATH: process.env["PATH"], ...environment } });
  const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8")) as Record<string, unknown>;

  before(async () => {
    python = await ensureVenv({ root, environment: process.env, say: () => undefined });
    folder = mkdtempSync(join(tmpdir(), "slipway-model-zip-"));
    const bytes = new ArtifactFolder(at("bytes"));
    const { modelCode } = await packSnapshot(await snapshotOfWorkingTree(root, ["model/src"]), {
      folder: bytes,
    });
    const digest = modelCode["model"]?.digest ?? "";
    zip = at(`${digest.replace("sha256:", "")}.zip`);
    copyFileSync(bytes.pathOf(digest), zip);
    mkdirSync(at("data"));
    writeFileSync(
      at("data", "houses.csv"),
      ["house_id,area,bedrooms,bathrooms,age,price", ...houses].join("\n") + "\n",
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("runs as a program, step by step", async () => {
    const split = await run(["preprocess", "--input", at("data"), "--output", at("splits")]);
    assert.equal(split.stdout, "train: 42 rows, validation: 9 rows, test: 9 rows\n");
    const trained = await run(["train"], {
      SM_CHANNEL_TRAIN: at("splits", "train"),
      SM_CHANNEL_VALIDATION: at("splits", "validation"),
      SM_MODEL_DIR: at("model"),
      SM_OUTPUT_DATA_DIR: at("output"),
      SM_HPS: JSON.stringify({ algorithm: "linear" }),
    });
    assert.match(trained.stdout, /^validation:r2=0\.9\d+;$/m);
    assert.equal(json("model", "model.json")["algorithm"], "linear");
    await execute(python, ["-m", "tarfile", "-c", "model.tar.gz", "model.onnx", "model.json"], { cwd: at("model") });
    const inputs = ["test", "validation", "manifest"].flatMap((name) => [`--${name}`, at("splits", name)]);
    await run(["evaluate", "--model", at("model"), ...inputs, "--output", at("evaluation")]);
    const { r2 } = json("evaluation", "evaluation.json")["metrics"] as { r2: { value: number } };
    assert.ok(r2.value > 0.9 && r2.value < 1, String(r2.value));
    for (const name of ["model-card.json", "model-card.md", "predictions.csv"])
      assert.ok(existsSync(at("evaluation", name)), name);
  });

  it("ends with 2 and a reason where a person can do something about it", async () => {
    const failed = run(["train"], { SM_CHANNEL_TRAIN: at("nowhere"), SM_CHANNEL_VALIDATION: at("data") });
    await assert.rejects(failed, {
      code: 2,
      stderr: `train: channel train is missing: no folder ${at("nowhere")}\n`,
    });
  });
});

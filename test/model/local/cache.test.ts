import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bucket, Lab, outputOf, pipelineWith, processingStep, property, statuses, trainingRequest } from "./lab.ts";

const cached = { CacheConfig: { Enabled: true, ExpireAfter: "P30D" } };
/** Copies a folder, with a word put before. */
const copy = `
import pathlib, sys
for source in pathlib.Path(sys.argv[1]).rglob("*.txt"):
    pathlib.Path(sys.argv[2], source.name).write_text(sys.argv[3] + source.read_text())
`;
const copying = (name: string, from: unknown, word: unknown = "", more: object = cached) =>
  processingStep(name, copy, {
    inputs: { in: from },
    outputs: ["out"],
    arguments: ["/opt/ml/processing/input/in", "/opt/ml/processing/output/out", word],
    more,
  });
const out = "ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri";
const model = `import os; open(os.environ["SM_MODEL_DIR"] + "/m.bin", "w").write(os.environ["SM_HP_ALPHA"])`;

/** Leaves half of what the cache knows of a step, as a full disk would. */
async function breakEntries(lab: Lab, step: string): Promise<void> {
  const folder = join(lab.directory, "cache", step);
  for (const entry of await readdir(folder)) await writeFile(join(folder, entry), '{"schema": 1, "exec');
}

describe("steps of a pipeline that were done before", function () {
  this.timeout(30_000);
  let lab: Lab;
  beforeEach(async () => {
    lab = await Lab.open();
    await lab.put("in/a.txt", "a");
  });
  afterEach(() => lab.remove());

  const two = (word: unknown = "") =>
    pipelineWith(
      [copying("first", `${bucket}/in/`, word), copying("second", outputOf("first", "out"))],
      [{ Name: "Word", Type: "String", DefaultValue: "x" }],
    );

  it("are taken again, with the places that they wrote to", async () => {
    const first = await lab.run(two());
    const again = await lab.run(two());
    assert.deepEqual(statuses(again), { first: "cached", second: "cached" });
    assert.equal(property(again, "second", out), property(first, "second", out));
    assert.deepEqual(
      again.steps.map(({ execution }) => execution),
      ["execution001", "execution001"],
    );
  });

  const changes: [name: string, change: () => Promise<unknown>, expected: string[]][] = [
    ["another content of an input", () => lab.put("in/a.txt", "b"), ["done", "done"]],
    ["one more file of an input", () => lab.put("in/b.txt", "a"), ["done", "done"]],
    [
      "a lost output",
      () => rm(join(lab.directory, "s3/lab-bucket/runs/execution001/second"), { recursive: true }),
      ["cached", "done"],
    ],
    ["a changed output", () => lab.put("runs/execution001/second/out/a.txt", "forged"), ["cached", "done"]],
    ["broken entries of the cache", () => breakEntries(lab, "second"), ["cached", "done"]],
    ["an object that nothing reads", () => lab.put("unrelated/a.txt", "a"), ["cached", "cached"]],
  ];
  for (const [name, change, expected] of changes)
    it(`are ${expected.includes("done") ? "run" : "not run"} again for ${name}`, async () => {
      await lab.run(two());
      await change();
      const { steps } = await lab.run(two());
      assert.deepEqual(
        steps.map(({ status }) => status),
        expected,
      );
    });

  it("are run again where a parameter that they use has another value", async () => {
    const document = two({ Get: "Parameters.Word" });
    await lab.run(document);
    assert.deepEqual(statuses(await lab.run(document, { word: "y" })), { first: "done", second: "done" });
    assert.deepEqual(statuses(await lab.run(document, { word: "x" })), { first: "cached", second: "cached" });
  });

  it("are run again with another Python, without the cache, and when they are too old", async () => {
    await lab.run(two());
    const run = async (changes: Parameters<Lab["run"]>[2]) =>
      Object.values(statuses(await lab.run(two(), {}, changes)));
    assert.deepEqual(await run({ runtime: "another python" }), ["done", "done"]);
    assert.deepEqual(await run({ cacheDirectory: undefined }), ["done", "done"]);
    const soon = Date.now() + 29 * 86_400_000;
    assert.deepEqual(await run({ now: () => new Date(soon) }), ["cached", "cached"]);
    const late = Date.now() + 31 * 86_400_000;
    assert.deepEqual(await run({ now: () => new Date(late) }), ["done", "done"]);
  });

  it("stay as they are where a step allows no cache", async () => {
    const document = pipelineWith([copying("first", `${bucket}/in/`, "", {})]);
    await lab.run(document);
    assert.deepEqual(statuses(await lab.run(document)), { first: "done" });
  });

  it("stay done when a later one fails, and a second run goes on from there", async () => {
    const failing = (program: string) =>
      pipelineWith([
        copying("first", `${bucket}/in/`),
        processingStep("second", program, { inputs: { in: outputOf("first", "out") } }),
      ]);
    const broken = await lab.run(failing(`import sys; print("about to break", file=sys.stderr); sys.exit(3)`));
    assert.deepEqual(statuses(broken), { first: "done", second: "failed" });
    assert.equal(broken.failure?.message, "ended with exit code 3");
    assert.deepEqual(broken.failure.lastWords, ["about to break"]);
    assert.deepEqual(statuses(await lab.run(failing("pass"))), { first: "cached", second: "done" });
  });

  it("give the same artifact, byte by byte, in another execution", async () => {
    const train = {
      Name: "train",
      Type: "Training",
      Arguments: { ...trainingRequest(model, { in: `${bucket}/in` }), HyperParameters: { alpha: "1" } },
    };
    const bytes = async () => {
      const result = await lab.run(pipelineWith([train]));
      return lab.text(property(result, "train", "ModelArtifacts.S3ModelArtifacts"));
    };
    const [one, other] = [await bytes(), await bytes()];
    assert.notEqual(one, "");
    assert.equal(one, other);
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { executionId, bucket, Lab, pipelineWith, processingStep, property, statuses, trainingRequest } from "./lab.ts";

/** Copies every file of one folder below a name, in capitals. */
const shout = `
import pathlib, sys
for source in sorted(pathlib.Path(sys.argv[1]).rglob("*.txt")):
    (pathlib.Path(sys.argv[2]) / source.name).write_text(source.read_text().upper())
`;
const words = ["/opt/ml/processing/input/words", "/opt/ml/processing/output/loud"];
const cached = { CacheConfig: { Enabled: true, ExpireAfter: "P30D" } };

/** Writes the metric that it is given. */
const reporting = (value: number | string) =>
  processingStep(
    "evaluate",
    `import json, sys; json.dump({"metrics": {"r2": {"value": float(sys.argv[2])}}}, open(sys.argv[1] + "/report.json", "w"))`,
    {
      outputs: ["report"],
      arguments: ["/opt/ml/processing/output/report", String(value)],
      more: { PropertyFiles: [{ PropertyFileName: "report", OutputName: "report", FilePath: "report.json" }] },
    },
  );

const registering = (name: string, status: string) => ({
  Name: name,
  Type: "RegisterModel",
  Arguments: {
    ModelPackageGroupName: "lab",
    ModelApprovalStatus: status,
    InferenceSpecification: { Containers: [{ Image: "i", ModelDataUrl: "s3://lab-bucket/model.tar.gz" }] },
    CustomerMetadataProperties: { execution: executionId },
  },
});

const gate = (conditions: unknown[], then: unknown[], otherwise: unknown[]) => ({
  Name: "check",
  Type: "Condition",
  Arguments: { Conditions: conditions, IfSteps: then, ElseSteps: otherwise },
});
const r2 = {
  "Std:JsonGet": { PropertyFile: { Get: "Steps.evaluate.PropertyFiles.report" }, Path: "metrics.r2.value" },
};
const reaches = (minimum: unknown) => ({ Type: "GreaterThanOrEqualTo", LeftValue: r2, RightValue: minimum });

describe("a pipeline run locally", function () {
  this.timeout(30_000);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
    await lab.put("words/a.txt", "one");
    await lab.put("words/deep/b.txt", "two");
  });
  after(() => lab.remove());

  it("takes inputs to a step, and what it leaves to its place", async () => {
    const step = processingStep("shout", shout, {
      inputs: { words: `${bucket}/words/` },
      outputs: ["loud"],
      arguments: words,
    });
    const result = await lab.run(pipelineWith([step]));
    assert.equal(result.failure, undefined);
    const loud = property(result, "shout", "ProcessingOutputConfig.Outputs['loud'].S3Output.S3Uri");
    assert.match(loud, /^s3:\/\/lab-bucket\/runs\/execution001\/shout\/loud$/);
    assert.deepEqual([await lab.text(`${loud}/a.txt`), await lab.text(`${loud}/b.txt`)], ["ONE", "TWO"]);
    const folder = join(lab.directory, "executions", "execution001", "shout");
    assert.deepEqual([existsSync(join(folder, "ml")), existsSync(join(folder, "job.log"))], [false, true]);
  });

  it("brings what a manifest lists, and nothing else", async () => {
    await lab.put("lists/m.json", JSON.stringify([{ prefix: `${bucket}/words/` }, "deep/b.txt"]));
    const step = processingStep("shout", shout, {
      inputs: { words: `${bucket}/lists/m.json` },
      outputs: ["loud"],
      arguments: words,
    });
    (
      step["Arguments"] as { ProcessingInputs: { S3Input: { S3DataType: string } }[] }
    ).ProcessingInputs[0]!.S3Input.S3DataType = "ManifestFile";
    const result = await lab.run(pipelineWith([step]));
    const loud = property(result, "shout", "ProcessingOutputConfig.Outputs['loud'].S3Output.S3Uri");
    assert.deepEqual([await lab.text(`${loud}/a.txt`), await lab.text(`${loud}/b.txt`)], ["", "TWO"]);
  });

  const absent: [name: string, uri: string, problem: RegExp][] = [
    ["nothing", `${bucket}/nowhere/`, /there is nothing at s3:\/\/lab-bucket\/nowhere\//],
    ["the beginning of two names", `${bucket}/wor`, /s3:\/\/lab-bucket\/wor is also the beginning of/],
    ["no place", "file:///etc/passwd", /got "file:\/\/\/etc\/passwd", expected s3:/],
    ["a way out", `${bucket}/words/../x`, /has \. or \.\. in its key/],
  ];
  for (const [name, uri, problem] of absent)
    it(`fails at a step whose input is ${name}`, async () => {
      const step = processingStep("shout", shout, { inputs: { words: uri }, outputs: ["loud"], arguments: words });
      const { failure } = await lab.run(pipelineWith([step]));
      assert.match(failure?.message ?? "", problem);
    });

  it("gives a training its channels, hyper-parameters and folders as the service does", async () => {
    const program = `
import json, os, pathlib
def tree(folder): return sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file())
config = pathlib.Path(os.environ["SM_INPUT_CONFIG_DIR"])
facts = {
  "train": tree(os.environ["SM_CHANNEL_TRAIN"]),
  "hps": json.loads(os.environ["SM_HPS"]),
  "file": json.loads((config / "hyperparameters.json").read_text()),
  "channels": json.loads((config / "inputdataconfig.json").read_text()),
  "one": os.environ["SM_HP_ALPHA"],
  "variables": sorted(os.environ),
}
pathlib.Path(os.environ["SM_MODEL_DIR"], "facts.json").write_text(json.dumps(facts))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "extra.txt").write_text("more")
print("validation:r2=0.5;"); print("validation:r2=0.75;")
`;
    const request = {
      ...trainingRequest(program, { train: `${bucket}/words` }, ["validation:r2"]),
      HyperParameters: { alpha: "0.5", algorithm: "ridge" },
      Environment: { EXTRA: "/opt/ml/model" },
    };
    process.env["SLIPWAY_SECRET_OF_A_TEST"] = "secret";
    const result = await lab.run(pipelineWith([{ Name: "train", Type: "Training", Arguments: request }]));
    delete process.env["SLIPWAY_SECRET_OF_A_TEST"];
    assert.equal(result.failure, undefined, JSON.stringify(result.failure));
    assert.equal(property(result, "train", "FinalMetricDataList['validation:r2'].Value"), 0.75);
    const artifact = property(result, "train", "ModelArtifacts.S3ModelArtifacts");
    assert.match(artifact, /^s3:\/\/lab-bucket\/models\/pipelines-execution\d+-train\/output\/model\.tar\.gz$/);
    const facts = JSON.parse(fromArchive(lab, artifact, "facts.json")) as Record<string, unknown>;
    assert.deepEqual(facts["train"], ["a.txt", "deep/b.txt"]);
    assert.deepEqual(facts["hps"], { alpha: 0.5, algorithm: "ridge" });
    assert.deepEqual(facts["file"], { alpha: "0.5", algorithm: "ridge" });
    assert.equal(facts["one"], "0.5");
    assert.equal((facts["channels"] as Record<string, { ContentType: string }>)["train"]?.ContentType, "text/csv");
    const variables = facts["variables"] as string[];
    assert.ok(variables.includes("EXTRA") && !variables.includes("SLIPWAY_SECRET_OF_A_TEST"), variables.join());
    assert.notEqual(await lab.text(artifact.replace("model.tar.gz", "output.tar.gz")), "");
  });

  it("registers in the branch that a condition leads to, and nothing in the other", async () => {
    const document = pipelineWith(
      [
        reporting(0.83),
        gate(
          [reaches({ Get: "Parameters.Threshold" })],
          [registering("good", "Approved")],
          [registering("bad", "Rejected")],
        ),
      ],
      [{ Name: "Threshold", Type: "Float", DefaultValue: 0.6 }],
    );
    const good = await lab.run(document);
    assert.deepEqual(statuses(good), { evaluate: "done", check: "done", good: "done", bad: "skipped" });
    assert.match(good.steps[1]?.detail ?? "", /^0\.83 >= 0\.6: yes$/);
    assert.equal(lab.registered.at(-1)?.ModelApprovalStatus, "Approved");
    assert.match(lab.registered.at(-1)?.CustomerMetadataProperties["execution"] ?? "", /^execution\d+$/);
    const bad = await lab.run(document, { threshold: "0.9" });
    assert.deepEqual(statuses(bad), { evaluate: "done", check: "done", good: "skipped", bad: "done" });
    assert.equal(lab.registered.at(-1)?.ModelApprovalStatus, "Rejected");
  });

  const judged: [name: string, conditions: unknown[], expected: boolean][] = [
    ["equal texts", [{ Type: "Equals", LeftValue: "a", RightValue: "a" }], true],
    ["all of a list", [reaches(0.5), reaches(0.9)], false],
    ["one of several", [{ Type: "Or", Conditions: [reaches(0.9), reaches(0.5)] }], true],
    ["the opposite", [{ Type: "Not", Expression: reaches(0.9) }], true],
    ["greater", [{ Type: "GreaterThan", LeftValue: r2, RightValue: 0.83 }], false],
    ["less", [{ Type: "LessThan", LeftValue: r2, RightValue: 0.84 }], true],
    ["less or equal", [{ Type: "LessThanOrEqualTo", LeftValue: r2, RightValue: 0.83 }], true],
    ["one of a list", [{ Type: "In", QueryValue: "b", Values: ["a", "b"] }], true],
    ["none of a list", [{ Type: "In", QueryValue: "c", Values: ["a", "b"] }], false],
  ];
  for (const [name, conditions, expected] of judged)
    it(`judges ${name}`, async () => {
      const result = await lab.run(pipelineWith([{ ...reporting(0.83), ...cached }, gate(conditions, [], [])]));
      assert.equal(property(result, "check", "Outcome"), expected);
    });

  it("does not compare what cannot be compared", async () => {
    const { failure } = await lab.run(
      pipelineWith([gate([{ Type: "GreaterThan", LeftValue: "a", RightValue: 1 }], [], [])]),
    );
    assert.match(failure?.message ?? "", /GreaterThan: got "a" and 1, expected two numbers/);
  });

  it("skips what depends on a step of the branch that was not taken, inside of it and outside", async () => {
    const then = [processingStep("first", ""), { ...processingStep("second", ""), DependsOn: ["first"] }];
    const outside = { ...processingStep("outside", ""), DependsOn: ["first"] };
    const never = gate([{ Type: "Equals", LeftValue: 1, RightValue: 2 }], then, []);
    const result = await lab.run(pipelineWith([never, outside]));
    assert.deepEqual(statuses(result), { check: "done", first: "skipped", second: "skipped", outside: "skipped" });
  });

  it("ends with what a Fail step says", async () => {
    const fail = {
      Name: "stop",
      Type: "Fail",
      Arguments: { ErrorMessage: { "Std:Join": { On: " ", Values: ["only", r2] } } },
    };
    const result = await lab.run(pipelineWith([reporting(0.1), gate([reaches(0.5)], [], [fail])]));
    assert.deepEqual([result.failure?.step, result.failure?.message], ["stop", "only 0.1"]);
  });

  it("says that a property file is not there, or is no JSON", async () => {
    const step = reporting(0.1);
    const other = {
      ...step,
      PropertyFiles: [{ PropertyFileName: "report", OutputName: "report", FilePath: "other.json" }],
    };
    assert.match(
      (await lab.run(pipelineWith([other]))).failure?.message ?? "",
      /there is no other\.json in the output report/,
    );
  });
});

/** One file of a `.tar.gz` in the store, as text. */
const fromArchive = (lab: Lab, uri: string, name: string): string =>
  execFileSync("tar", ["-xzOf", lab.store.show(uri), name], { encoding: "utf8" });

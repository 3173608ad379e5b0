import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { best, combinations } from "../../../automation/model/local/tuning.ts";
import { bucket, Lab, pipelineWith, processingStep, property, statuses, trainingRequest } from "./lab.ts";

/** Prints what its two numbers make together; breaks for one of them. */
const program = `
import os, sys
a, b = float(os.environ["SM_HP_A"]), float(os.environ["SM_HP_B"])
if a == 13: sys.exit("unlucky")
open(os.environ["SM_MODEL_DIR"] + "/m.txt", "w").write(f"{a} {b} {os.environ['SM_HP_FIXED']}")
if a != 0: print(f"score={a * b};")
`;

const ranges = (a: string[], b: string[]) => ({
  CategoricalParameterRanges: [
    { Name: "a", Values: a },
    { Name: "b", Values: b },
  ],
});

function tuningStep(parameterRanges: object, type = "Maximize", limits: object = {}) {
  const { AlgorithmSpecification, ...rest } = trainingRequest(program, { in: `${bucket}/in` }, ["score"]);
  const { ContainerEntrypoint: _, ...algorithm } = AlgorithmSpecification;
  return {
    Name: "tune",
    Type: "Tuning",
    Arguments: {
      HyperParameterTuningJobConfig: {
        Strategy: "Grid",
        HyperParameterTuningJobObjective: { Type: type, MetricName: "score" },
        ResourceLimits: { MaxParallelTrainingJobs: 2, ...limits },
        ParameterRanges: parameterRanges,
      },
      TrainingJobDefinition: {
        ...rest,
        AlgorithmSpecification: algorithm,
        StaticHyperParameters: { fixed: "yes" },
      },
    },
  };
}

describe("a grid", () => {
  it("has every combination, the last range changing fastest", () => {
    assert.deepEqual(
      combinations([
        { Name: "a", Values: ["1", "2"] },
        { Name: "b", Values: ["x", "y"] },
      ]),
      [
        { a: "1", b: "x" },
        { a: "1", b: "y" },
        { a: "2", b: "x" },
        { a: "2", b: "y" },
      ],
    );
  });

  const table: [type: "Maximize" | "Minimize", objectives: (number | undefined)[], at: number][] = [
    ["Maximize", [1, 3, 2], 1],
    ["Minimize", [2, 1, 3], 1],
    ["Maximize", [1, 3, 3], 1],
    ["Minimize", [1, 1, 3], 0],
    ["Maximize", [undefined, -1], 1],
    ["Maximize", [undefined], -1],
    ["Maximize", [], -1],
  ];
  for (const [type, objectives, at] of table)
    it(`${type.toLowerCase()}s ${JSON.stringify(objectives)}`, () => {
      const attempts = objectives.map((objective) => ({ objective }));
      assert.equal(best(attempts, type), attempts[at]);
    });
});

describe("a tuning run locally", function () {
  this.timeout(60_000);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
    await lab.put("in/a.txt", "a");
  });
  after(() => lab.remove());

  const run = (step: unknown, more: unknown[] = []) =>
    lab.run(pipelineWith([step, ...more]), {}, { entrypointOf: () => ["python3", "-c", program] });

  it("trains every combination and names the best, with all others behind it", async () => {
    const lines: string[] = [];
    const result = await lab.run(
      pipelineWith([tuningStep(ranges(["1", "2"], ["3", "4"]))]),
      {},
      { entrypointOf: () => ["python3", "-c", program], say: (_, line) => lines.push(line) },
    );
    assert.deepEqual(lines, [
      "1 of 4: a 1, b 3: score 3",
      "2 of 4: a 1, b 4: score 4",
      "3 of 4: a 2, b 3: score 6",
      "4 of 4: a 2, b 4: score 8",
    ]);
    const ranked = ["BestTrainingJob", ...[0, 1, 2, 3].map((at) => `TrainingJobSummaries[${at}]`)];
    assert.deepEqual(
      ranked.map((path) => property(result, "tune", `${path}.TrainingJobName`).slice(-3)),
      ["004", "004", "003", "002", "001"],
    );
    assert.equal(result.steps[0]?.detail, "best of 4: a 2, b 4; score 8");
  });

  it("hands its best model on to the next step", async () => {
    const job = { Get: "Steps.tune.BestTrainingJob.TrainingJobName" };
    const read = "import sys, tarfile; print(tarfile.open(sys.argv[1]).extractfile('m.txt').read().decode())";
    const use = processingStep("use", read, {
      inputs: { model: { "Std:Join": { On: "/", Values: [`${bucket}/models`, job, "output/model.tar.gz"] } } },
      arguments: ["/opt/ml/processing/input/model/model.tar.gz"],
    });
    const result = await run(tuningStep(ranges(["1", "2"], ["3"])), [use]);
    assert.deepEqual(statuses(result), { tune: "done", use: "done" });
    const executions = await readdir(join(lab.directory, "executions"));
    const log = join(lab.directory, "executions", executions.sort().at(-1) ?? "", "use", "job.log");
    assert.equal((await readFile(log, "utf8")).trim(), "2.0 3.0 yes");
  });

  it("goes on where one training fails or says nothing, as the service does", async () => {
    const result = await run(tuningStep(ranges(["13", "0", "2"], ["1"])));
    assert.equal(result.failure, undefined);
    assert.match(property(result, "tune", "BestTrainingJob.TrainingJobName"), /-003$/);
  });

  it("fails where every training fails, or none prints its objective", async () => {
    const broken = await run(tuningStep(ranges(["13"], ["1", "2"])));
    assert.match(broken.failure?.message ?? "", /every training failed; the first ended with exit code 1/);
    assert.deepEqual(broken.failure?.lastWords, ["unlucky"]);
    const silent = await run(tuningStep(ranges(["0"], ["1"])));
    assert.match(silent.failure?.message ?? "", /no training printed its objective score/);
  });

  it("refuses a number of jobs that is not the grid's", async () => {
    const result = await run(tuningStep(ranges(["1"], ["1", "2"]), "Maximize", { MaxNumberOfTrainingJobs: 3 }));
    assert.match(result.failure?.message ?? "", /MaxNumberOfTrainingJobs: got 3, expected none or 2/);
  });
});

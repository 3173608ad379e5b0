import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Lab, pipelineWith, processingStep, statuses } from "./lab.ts";

describe("a pipeline run locally, within its limits", function () {
  this.timeout(30_000);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab.remove());

  it("gives a step the time that it may take, and no more", async () => {
    const job = { StoppingCondition: { MaxRuntimeInSeconds: 1 } };
    const slow = processingStep("slow", "import time; time.sleep(600)", { job });
    const result = await lab.run(pipelineWith([slow, { ...processingStep("next", ""), DependsOn: ["slow"] }]));
    assert.deepEqual(statuses(result), { slow: "failed", next: "not-reached" });
    assert.deepEqual([result.failure?.outcome, result.failure?.message], ["timeout", "was stopped after 1 s"]);
  });

  it("ends with the person who does not want it any more, and keeps what the step worked with", async () => {
    const person = new AbortController();
    const slow = processingStep("slow", "import time; time.sleep(600)", { outputs: ["out"] });
    const { signal } = person;
    const result = await lab.run(
      pipelineWith([slow]),
      {},
      { signal, onStart: () => setTimeout(() => person.abort(), 1) },
    );
    assert.deepEqual([statuses(result), result.failure?.outcome], [{ slow: "cancelled" }, "cancelled"]);
    const folder = dirname(result.failure?.log ?? "");
    assert.ok(existsSync(join(folder, "ml", "processing", "output", "out")));
  });

  it("refuses a path that is not a container's, and a link out of an output", async () => {
    const step = processingStep("a", "", { outputs: ["out"] });
    (
      step["Arguments"] as { ProcessingOutputConfig: { Outputs: { S3Output: { LocalPath: string } }[] } }
    ).ProcessingOutputConfig.Outputs[0]!.S3Output.LocalPath = "/etc";
    assert.match(
      (await lab.run(pipelineWith([step]))).failure?.message ?? "",
      /LocalPath: got \/etc, expected a folder below \/opt\/ml/,
    );
    const link = processingStep("b", `import os, sys; os.symlink("/etc/passwd", sys.argv[1] + "/x")`, {
      outputs: ["out"],
      arguments: ["/opt/ml/processing/output/out"],
    });
    assert.match((await lab.run(pipelineWith([link]))).failure?.message ?? "", /is neither a file nor a folder/);
  });
});

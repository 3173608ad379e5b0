import assert from "node:assert/strict";
import { isLeftOut } from "../../automation/release/artifact-kinds.ts";
import { discoverArtifacts } from "../../automation/release/discover.ts";

describe("discovering artifacts", () => {
  const paths: [string, string[]][] = [
    ["services/web/Dockerfile", ["images web"]],
    ["services/web/src/a.py", []],
    ["services/Dockerfile", []],
    ["data/functions/f/a.py", ["functions f"]],
    ["model/functions/g/a.py", ["functions g"]],
    ["data/functions/a.py", []],
    ["data/layers/l/python/x.py", ["layers l"]],
    ["data/jobs/j.py", ["jobScripts j"]],
    ["data/jobs/j.sql", []],
    ["data/jobs/sub/j.py", []],
    ["model/src/a/b.py", ["modelCode model"]],
    ["model/src/__main__.py", ["modelCode model"]],
    ["model/src/README.md", []],
    ["model/src/modelkit/hashing.py", ["layers modelkit", "modelCode model"]],
    ["model/src/modelkit/cloud/endpoint.py", ["layers modelkit"]],
    ["model/src/modelkit/README.md", []],
    ["model/image/Dockerfile", ["images model"]],
    ["model/image/requirements.txt", []],
    ["model/pipeline/housing.ts", []],
    ["model/tests/test_train.py", []],
    ["streams/processors/p.json", ["processors p"]],
    ["streams/connections/c.json", []],
    ["frontend/a/b.js", ["frontend frontend"]],
    ["other/frontend/x", []],
    ["data/src/lakehouse/schema.py", ["layers lakehouse", "jobScripts lakehouse"]],
    ["data/src/lakehouse/datasets/orders.json", ["layers lakehouse", "jobScripts lakehouse"]],
    ["data/src/lakehouse/README.md", []],
    ["data/src/lakehouse/samples/1k/orders.csv", []],
    ["data/src/lakehouse/dqdl/tests/test_parse.py", []],
    ["data/src/preprocess.py", []],
    ["data/tests/test_schema.py", []],
    ["data/samples/1k/orders.csv", []],
    ["data/functions/f/README.md", []],
    ["data/functions/f/tests/t.py", []],
  ];
  for (const [path, expected] of paths) {
    it(`routes ${path} to ${expected.join() || "no artifact"}`, () => {
      const found = discoverArtifacts([{ path, mode: "100644", object: "0" }]);
      assert.deepEqual(
        found.map((one) => `${one.kind} ${one.name}`),
        expected,
      );
    });
  }

  it("leaves tests and caches out, and nothing that only looks like them", () => {
    const out = [
      "tests/a.py",
      "src/test/a.py",
      "__pycache__/x",
      "a.pyc",
      "node_modules/x/y",
      ".gitignore",
      "a/.DS_Store",
    ];
    const kept = ["testing/a.py", "contest/a.py", "test.py", "a.pycx", "my.gitignore"];
    assert.deepEqual([...out, ...kept].filter(isLeftOut), out);
  });

  it("builds the image of the training steps from its folder alone", () => {
    const files = ["Dockerfile", "README.md", "requirements.txt"].map((file) => `model/image/${file}`);
    const [image] = discoverArtifacts(files.map((path) => ({ path, mode: "100644", object: "0" })));
    assert.equal(image?.base, "model/image/");
    assert.deepEqual(
      image.files.map((file) => file.path),
      ["Dockerfile", "requirements.txt"],
    );
  });

  it("puts the model's library where a function looks for its layers", () => {
    const found = discoverArtifacts([{ path: "model/src/modelkit/hashing.py", mode: "100644", object: "0" }]);
    assert.equal(found.find(({ kind }) => kind === "layers")?.prefix, "python/modelkit/");
  });

  it("refuses a job script with the name of the job library", () => {
    const paths = ["data/jobs/lakehouse.py", "data/src/lakehouse/schema.py"];
    assert.throws(
      () => discoverArtifacts(paths.map((path) => ({ path, mode: "100644" as const, object: "0" }))),
      (error: Error & { where?: string }) => error.where === "data/jobs/ and data/src/lakehouse/",
    );
  });

  it("refuses a submodule in an artifact", () => {
    assert.throws(() => discoverArtifacts([{ path: "frontend/lib", mode: "160000", object: "0" }]), /submodule/u);
  });
});

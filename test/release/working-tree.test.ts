import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { packCommit, packWorkingTree } from "../../automation/release/working-tree.ts";
import { commitFiles, gitIn, scratch, writeFiles } from "../git/throw-away.ts";
import { workloadsIn } from "./workloads.ts";

describe("packing a checkout", () => {
  const temporary = scratch();
  let root: string;
  let commit: string;

  before(() => {
    root = temporary.directory();
    commit = workloadsIn(root);
  });
  after(() => temporary.clear());

  function copy(): string {
    const directory = temporary.directory();
    cpSync(root, directory, { recursive: true, verbatimSymlinks: true });
    return directory;
  }

  it("finds one artifact per workload", async () => {
    const artifacts = await packWorkingTree(root);
    const names = Object.fromEntries(Object.entries(artifacts).map(([kind, byName]) => [kind, Object.keys(byName)]));
    assert.deepEqual(names, {
      images: ["model", "web"],
      functions: ["ingest", "score"],
      layers: ["common", "lakehouse", "modelkit"],
      jobScripts: ["clean", "lakehouse"],
      modelCode: ["model"],
      processors: ["orders"],
      frontend: ["frontend"],
    });
  });

  it("packs the library of the jobs and the layer of the functions from the same files", async () => {
    const store = new DirectoryStore(temporary.directory());
    const { layers, jobScripts } = await packWorkingTree(root, { store });
    const inside = async (key = "") => Object.keys(unzipSync((await store.get(key))?.body ?? new Uint8Array()));
    assert.deepEqual(await inside(layers["lakehouse"]?.path), [
      "python/lakehouse/__init__.py",
      "python/lakehouse/datasets/orders.json",
    ]);
    assert.deepEqual(await inside(jobScripts["lakehouse"]?.path), [
      "lakehouse/__init__.py",
      "lakehouse/datasets/orders.json",
    ]);
    // Their files are the same, so only what they are packed as can tell their cached digests apart.
    mkdirSync(join(root, "node_modules"));
    for (const run of ["cold", "warm"]) {
      const { layers: layersNow, jobScripts: scriptsNow } = await packWorkingTree(root);
      assert.equal(layersNow["lakehouse"]?.digest, layers["lakehouse"]?.digest, run);
      assert.equal(scriptsNow["lakehouse"]?.digest, jobScripts["lakehouse"]?.digest, run);
    }
    rmSync(join(root, "node_modules"), { recursive: true });
  });

  it("gives a clean working tree the digests of its commit", async () => {
    assert.deepEqual(await packWorkingTree(root), (await packCommit(root, commit)).artifacts);
  });

  it("needs no repository", async () => {
    const archive = copy();
    rmSync(join(archive, ".git"), { recursive: true });
    assert.deepEqual(await packWorkingTree(archive), await packWorkingTree(root));
  });

  const harmless: [string, (directory: string) => void][] = [
    ["times of the files", (at) => utimesSync(join(at, "services/web/main.py"), 1, 1)],
    ["bits beside the executable one", (at) => chmodSync(join(at, "frontend/index.html"), 0o600)],
    ["ignored files", (at) => writeFiles(at, { "services/web/debug.log": "x", "services/web/__pycache__/a.pyc": "x" })],
    ["tests of a workload", (at) => writeFiles(at, { "services/web/tests/test_main.py": "changed" })],
    ["documentation of a package", (at) => writeFiles(at, { "data/src/lakehouse/README.md": "changed" })],
    ["documentation of the model's code", (at) => writeFiles(at, { "model/src/README.md": "changed" })],
    ["the definition of the model pipeline", (at) => writeFiles(at, { "model/pipeline/housing.ts": "changed" })],
    ["files of no workload", (at) => writeFiles(at, { "docs/x.md": "x" })],
    [
      "line endings that git normalizes",
      (at) => {
        writeFileSync(join(at, ".git/info/attributes"), "*.html text\n");
        writeFileSync(join(at, "frontend/index.html"), "<p>hello</p>\r\n");
      },
    ],
    [
      "the order in which files came to be",
      (at) => {
        copyFileSync(join(at, "services/web/Dockerfile"), join(at, "services/web/tmp"));
        rmSync(join(at, "services/web/Dockerfile"));
        renameSync(join(at, "services/web/tmp"), join(at, "services/web/Dockerfile"));
      },
    ],
  ];
  for (const [what, change] of harmless) {
    it(`is not influenced by ${what}`, async () => {
      const directory = copy();
      change(directory);
      assert.deepEqual(await packWorkingTree(directory), await packWorkingTree(root));
    });
  }

  const telling: [string, string, (directory: string) => void][] = [
    ["content", "images web", (at) => writeFiles(at, { "services/web/main.py": "print(2)\n" })],
    ["a new file", "functions ingest", (at) => writeFiles(at, { "data/functions/ingest/more.py": "" })],
    ["a deleted file", "images web", (at) => rmSync(join(at, "services/web/main.py"))],
    ["the executable bit", "images web", (at) => chmodSync(join(at, "services/web/main.py"), 0o644)],
    [
      "a file's name",
      "frontend frontend",
      (at) => renameSync(join(at, "frontend/index.html"), join(at, "frontend/i.html")),
    ],
    [
      "a symbolic link's target",
      "images web",
      (at) => {
        rmSync(join(at, "services/web/link.py"));
        symlinkSync("Dockerfile", join(at, "services/web/link.py"));
      },
    ],
    [
      "a folder in a file's place",
      "images web",
      (at) => {
        rmSync(join(at, "services/web/main.py"));
        writeFiles(at, { "services/web/main.py/__init__.py": "" });
      },
    ],
  ];
  for (const [what, expected, change] of telling) {
    it(`changes the digest of exactly the artifact with another ${what}`, async () => {
      const directory = copy();
      change(directory);
      const [before, after] = [await packWorkingTree(root), await packWorkingTree(directory)];
      assert.deepEqual(differing(before, after), [expected]);
      const committed = commitFiles(directory, {});
      assert.deepEqual((await packCommit(directory, committed)).artifacts, after);
    });
  }

  for (const path of ["index.ts", "model/pipeline/housing.ts"])
    it(`takes ${path} for a part of the program`, async () => {
      const directory = copy();
      const before = await packCommit(directory, commit);
      const after = await packCommit(directory, commitFiles(directory, { [path]: "export default 2;\n" }));
      assert.notEqual(after.program, before.program);
      assert.deepEqual(after.artifacts, before.artifacts);
    });

  it("leaves the repository as it was", async () => {
    const directory = copy();
    writeFiles(directory, { "services/web/main.py": "print(3)\n", "data/jobs/new.py": "" });
    const [objects, status] = [gitIn(directory, "count-objects"), gitIn(directory, "status", "--porcelain")];
    await packWorkingTree(directory);
    assert.deepEqual([gitIn(directory, "count-objects"), gitIn(directory, "status", "--porcelain")], [objects, status]);
  });

  it("refuses two functions of one name", async () => {
    const directory = copy();
    writeFiles(directory, { "model/functions/ingest/handler.py": "" });
    await assert.rejects(packWorkingTree(directory), /both the artifact "ingest"/u);
  });
});

function differing(one: object, other: object): string[] {
  const flat = (artifacts: object): Map<string, string> =>
    new Map(
      Object.entries(artifacts).flatMap(([kind, byName]) =>
        Object.entries(byName as object).map(([name, artifact]) => [`${kind} ${name}`, JSON.stringify(artifact)]),
      ),
    );
  const [a, b] = [flat(one), flat(other)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}

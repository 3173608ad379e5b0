import assert from "node:assert/strict";
import { chmodSync, copyFileSync, cpSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../automation/errors.ts";
import { releaseId } from "../../automation/release/manifest.ts";
import {
  buildRelease,
  loadRelease,
  manifestText,
  readManifest,
  releaseForCommit,
  releaseKey,
  verifyArtifacts,
} from "../../automation/release/releases.ts";
import { packCommit, packWorkingTree } from "../../automation/release/working-tree.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { commitFiles, gitIn, repositoryWith, scratch, writeFiles } from "../git/throw-away.ts";

const FILES = {
  "index.ts": "export default 1;\n",
  ".gitignore": "*.log\n__pycache__/\n",
  "services/web/Dockerfile": "FROM node:24-slim\nCOPY . .\n",
  "services/web/main.py": "print('web')\n",
  "services/web/tests/test_main.py": "assert True\n",
  "services/notes/README.md": "not a service: no Dockerfile\n",
  "data/functions/ingest/handler.py": "def handler(): ...\n",
  "data/layers/common/python/common.py": "x = 1\n",
  "data/jobs/clean.py": "print(1)\n",
  "model/functions/score/handler.py": "def handler(): ...\n",
  "model/src/train.py": "print('train')\n",
  "streams/processors/orders.json": "{}\n",
  "frontend/index.html": "<p>hello</p>\n",
};

const NOW = new Date("2026-05-01T00:00:00Z");

describe("release", () => {
  const temporary = scratch();
  let root: string;
  let commit: string;
  let store: DirectoryStore;

  before(() => {
    root = temporary.directory();
    commit = repositoryWith(root, FILES);
    chmodSync(join(root, "services/web/main.py"), 0o755);
    symlinkSync("main.py", join(root, "services/web/link.py"));
    commit = commitFiles(root, {});
    store = new DirectoryStore(temporary.directory());
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
      images: ["web"],
      functions: ["ingest", "score"],
      layers: ["common"],
      jobScripts: ["clean"],
      modelCode: ["model"],
      processors: ["orders"],
      frontend: ["frontend"],
    });
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

  it("builds a release once and gives it back from then on", async () => {
    const first = await buildRelease({ root, commit, store, now: NOW });
    const again = await buildRelease({ root, commit, store, now: new Date("2027-01-01T00:00:00Z") });
    assert.equal(first.created, true);
    assert.deepEqual(again, { release: first.release, created: false });
    assert.equal(first.release.createdAt, NOW.toISOString());
    assert.deepEqual(await loadRelease(store, first.release.id), first.release);
    assert.deepEqual(await releaseForCommit(store, commit), first.release);
    assert.equal(await releaseForCommit(store, "0".repeat(40)), undefined);
  });

  it("gives two clones, built at other times in other places, the same id", async () => {
    const clone = temporary.directory();
    gitIn(clone, "clone", "--quiet", root, "clone");
    const other = new DirectoryStore(temporary.directory());
    const there = await buildRelease({ root: join(clone, "clone"), commit, store: other, now: new Date(0) });
    const here = await buildRelease({ root, commit, store, now: NOW });
    assert.equal(there.release.id, here.release.id);
  });

  it("gives builders that race the same release", async () => {
    const shared = new DirectoryStore(temporary.directory());
    const builds = await Promise.all(
      [1, 2, 3].map((day) => buildRelease({ root, commit, store: shared, now: new Date(day) })),
    );
    assert.equal(builds.filter((build) => build.created).length, 1);
    assert.equal(new Set(builds.map((build) => JSON.stringify(build.release))).size, 1);
  });

  it("refuses a manifest that was changed", async () => {
    const { release } = await buildRelease({ root, commit, store, now: NOW });
    const tampered = new DirectoryStore(temporary.directory());
    const image = release.artifacts.images["web"];
    assert.ok(image);
    const images = { web: { ...image, digest: `sha256:${"0".repeat(64)}` } };
    const changed = { ...release, artifacts: { ...release.artifacts, images } };
    await tampered.put(releaseKey(release.id), manifestText(changed));
    await assert.rejects(loadRelease(tampered, release.id), /does not give its id/u);
    const file = join(temporary.directory(), "manifest.json");
    writeFileSync(file, manifestText(changed));
    await assert.rejects(readManifest(file), (error) => error instanceof SlipwayError && error.where === file);
    writeFileSync(file, manifestText(release));
    assert.deepEqual(await readManifest(file), release);
    const renamed = { ...changed, id: releaseId(changed) };
    await tampered.put(releaseKey(release.id), manifestText(renamed));
    await assert.rejects(loadRelease(tampered, release.id), /another release than its name/u);
  });

  for (const [what, body] of [
    ["no JSON", "{"],
    ["no object", "[]"],
    ["an empty object", "{}"],
  ] as const) {
    it(`refuses a manifest that is ${what}`, async () => {
      const file = join(temporary.directory(), "manifest.json");
      writeFileSync(file, body);
      await assert.rejects(readManifest(file), SlipwayError);
    });
  }

  it("says of an id or a file that does not exist what to do", async () => {
    await assert.rejects(
      loadRelease(store, "f".repeat(64)),
      (error) => error instanceof SlipwayError && error.code === 6,
    );
    await assert.rejects(loadRelease(store, "../x"), (error) => error instanceof SlipwayError && error.code === 6);
    await assert.rejects(readManifest("/nowhere"), (error) => error instanceof SlipwayError && error.code === 6);
  });

  it("notices a changed and a missing artifact, layers of images included", async () => {
    const { release } = await buildRelease({ root, commit, store, now: NOW });
    await verifyArtifacts(store, release);
    const [manifestKey = ""] = [release.artifacts.images["web"]?.path];
    const manifest = JSON.parse(Buffer.from((await store.get(manifestKey))?.body ?? []).toString()) as {
      layers: { digest: string }[];
    };
    const layer = `artifacts/${(manifest.layers[0]?.digest ?? "").replace(":", "/")}`;
    const good = (await store.get(layer))?.body ?? new Uint8Array();
    await store.put(layer, "changed");
    await assert.rejects(
      buildRelease({ root, commit, store, now: NOW }),
      /the bytes of images web have another digest/u,
    );
    await store.put(layer, good);
    rmSync(join(store.location, release.artifacts.frontend["frontend"]?.path ?? ""));
    await assert.rejects(verifyArtifacts(store, release), /frontend frontend are missing/u);
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

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../automation/errors.ts";
import { ArtifactFolder } from "../../automation/release/artifact-folder.ts";
import { sha256 } from "../../automation/release/canonical.ts";
import type { Release } from "../../automation/release/manifest.ts";
import { materialise } from "../../automation/release/materialise.ts";
import { artifactKey } from "../../automation/release/pack.ts";
import { buildRelease } from "../../automation/release/releases.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import type { Store } from "../../automation/store/store.ts";
import { scratch } from "../git/throw-away.ts";
import { workloadsIn } from "./workloads.ts";

describe("the bytes of a release on this machine", () => {
  const temporary = scratch();
  let store: DirectoryStore;
  let release: Release;

  before(async () => {
    const root = temporary.directory();
    store = new DirectoryStore(temporary.directory());
    ({ release } = await buildRelease({ root, commit: workloadsIn(root), store, now: new Date(0), images: "sources" }));
  });
  after(() => temporary.clear());

  const folder = () => new ArtifactFolder(join(temporary.directory(), "artifacts"));
  /** The store, with the keys that were read. */
  const watched = (reads: string[]): Store => ({
    location: store.location,
    get: (key) => {
      reads.push(key);
      return store.get(key);
    },
    put: (...put) => store.put(...put),
    list: (prefix) => store.list(prefix),
  });

  it("are those of functions, layers, job scripts and processors, each with its digest", async () => {
    const to = folder();
    await materialise(store, release.artifacts, to);
    const files = await to.files(release.artifacts);
    assert.deepEqual(Object.keys(files.functions).sort(), ["ingest", "score"]);
    assert.deepEqual(Object.keys(files.layers).sort(), ["common", "lakehouse", "modelkit"]);
    assert.deepEqual(Object.keys(files.jobScripts).sort(), ["clean", "lakehouse"]);
    assert.deepEqual(Object.keys(files.processors), ["orders"]);
    const all = Object.values(files).flatMap((byName) => Object.values(byName));
    for (const { digest, path } of all) assert.equal(`sha256:${sha256(readFileSync(path))}`, digest);
    assert.equal(readdirSync(join(to.location, "sha256")).length, all.length, "and nothing else is left behind");
    assert.equal(readFileSync(files.jobScripts["clean"]?.path ?? "", "utf8"), "print(1)\n");
  });

  it("are read from the store once, and again where they are damaged or lost", async () => {
    const to = folder();
    const reads: string[] = [];
    await materialise(watched(reads), release.artifacts, to);
    assert.equal(reads.length, 9);
    await materialise(watched(reads), release.artifacts, to);
    assert.equal(reads.length, 9);
    const [clean, ingest] = [release.artifacts.jobScripts["clean"], release.artifacts.functions["ingest"]];
    writeFileSync(to.pathOf(clean?.digest ?? ""), "print(2)\n");
    rmSync(to.pathOf(ingest?.digest ?? ""));
    await materialise(watched(reads), release.artifacts, to);
    assert.deepEqual(
      reads.slice(9).sort(),
      [artifactKey(clean?.digest ?? ""), artifactKey(ingest?.digest ?? "")].sort(),
    );
    assert.equal(await to.holds(clean?.digest ?? ""), true);
  });

  it("may be brought there by several at the same time", async () => {
    const to = folder();
    await Promise.all([1, 2, 3].map(() => materialise(store, release.artifacts, to)));
    assert.equal(readdirSync(join(to.location, "sha256")).length, 9);
    await to.files(release.artifacts);
  });

  const digest = () => release.artifacts.layers["lakehouse"]?.digest ?? "";
  const lost: [string, RegExp, (at: string) => void][] = [
    ["lacks", /the bytes of layers lakehouse are missing/, (at) => rmSync(at)],
    ["has changed", /the bytes of layers lakehouse have another digest/, (at) => writeFileSync(at, "other")],
  ];
  for (const [what, message, change] of lost)
    it(`are refused when the store ${what} some`, async () => {
      const path = join(store.location, artifactKey(digest()));
      const body = readFileSync(path);
      change(path);
      try {
        const to = folder();
        await assert.rejects(materialise(store, release.artifacts, to), (error: unknown) => {
          assert.ok(error instanceof SlipwayError);
          assert.match(error.message, message);
          return true;
        });
        assert.equal(await to.holds(digest()), false);
      } finally {
        writeFileSync(path, body);
      }
    });

  it("are named when the program asks for what is not there", async () => {
    const to = folder();
    await materialise(store, release.artifacts, to);
    rmSync(to.pathOf(digest()));
    writeFileSync(to.pathOf(release.artifacts.functions["score"]?.digest ?? ""), "other");
    await assert.rejects(to.files(release.artifacts), (error: unknown) => {
      assert.ok(error instanceof SlipwayError);
      assert.equal(error.message, "The bytes of functions score, layers lakehouse are missing or damaged.");
      assert.equal(error.where, to.location);
      return true;
    });
  });

  it("leave nothing behind where they cannot be written", async () => {
    const to = folder();
    mkdirSync(to.pathOf(digest()), { recursive: true });
    await assert.rejects(materialise(store, release.artifacts, to), /cannot be written/);
    assert.equal(readdirSync(join(to.location, "sha256")).filter((name) => name.includes(".")).length, 0);
  });
});

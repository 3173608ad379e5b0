import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { keepBuild } from "../../automation/release/image-builds.ts";
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
import { artifactKey } from "../../automation/release/pack.ts";
import { packCommit } from "../../automation/release/working-tree.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { gitIn, scratch } from "../git/throw-away.ts";
import { workloadsIn } from "./workloads.ts";

const NOW = new Date("2026-05-01T00:00:00Z");

describe("release", () => {
  const temporary = scratch();
  let root: string;
  let commit: string;
  let store: DirectoryStore;

  before(() => {
    root = temporary.directory();
    commit = workloadsIn(root);
    store = new DirectoryStore(temporary.directory());
  });
  after(() => temporary.clear());

  it("builds a release once and gives it back from then on", async () => {
    const first = await buildRelease({ root, commit, store, now: NOW, images: "sources" });
    const again = await buildRelease({ root, commit, store, now: new Date("2027-01-01T00:00:00Z"), images: "sources" });
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
    const there = await buildRelease({
      root: join(clone, "clone"),
      commit,
      store: other,
      now: new Date(0),
      images: "sources",
    });
    const here = await buildRelease({ root, commit, store, now: NOW, images: "sources" });
    assert.equal(there.release.id, here.release.id);
  });

  it("gives builders that race the same release", async () => {
    const shared = new DirectoryStore(temporary.directory());
    const builds = await Promise.all(
      [1, 2, 3].map((day) => buildRelease({ root, commit, store: shared, now: new Date(day), images: "sources" })),
    );
    assert.equal(builds.filter((build) => build.created).length, 1);
    assert.equal(new Set(builds.map((build) => JSON.stringify(build.release))).size, 1);
  });

  it("names images by what was pushed of them, and is not built before that", async () => {
    const shared = new DirectoryStore(temporary.directory());
    const build = () => buildRelease({ root, commit, store: shared, now: NOW, images: "built" });
    await assert.rejects(build(), { code: ExitCode.notFound, message: /The images model, web of this commit/u });
    assert.equal(await releaseForCommit(shared, commit), undefined);
    const { images } = (await packCommit(root, commit)).artifacts;
    const source = images["web"]?.digest ?? "";
    const digest = `sha256:${"1".repeat(64)}`;
    const pushed = { schema: 1, source, digest, repository: "r", commit, at: NOW.toISOString() } as const;
    await keepBuild(shared, "web", pushed);
    await assert.rejects(build(), { code: ExitCode.notFound, message: /The image model of this commit was not/u });
    await keepBuild(shared, "model", { ...pushed, source: images["model"]?.digest ?? "" });
    const { release } = await build();
    const { web } = release.artifacts.images;
    assert.equal(web?.digest, digest);
    assert.equal(web?.source, source);
    // What it was built from is kept and looked after like everything else.
    await verifyArtifacts(shared, release);
    await shared.put(artifactKey(source), "other");
    await assert.rejects(verifyArtifacts(shared, release), /images web have another digest/u);
    // Another build of the same files changes nothing any more.
    assert.deepEqual(await keepBuild(shared, "web", { ...pushed, digest: `sha256:${"2".repeat(64)}` }), pushed);
  });

  it("refuses a manifest that was changed", async () => {
    const { release } = await buildRelease({ root, commit, store, now: NOW, images: "sources" });
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
    const { release } = await buildRelease({ root, commit, store, now: NOW, images: "sources" });
    await verifyArtifacts(store, release);
    const [manifestKey = ""] = [release.artifacts.images["web"]?.path];
    const manifest = JSON.parse(Buffer.from((await store.get(manifestKey))?.body ?? []).toString()) as {
      layers: { digest: string }[];
    };
    const layer = `artifacts/${(manifest.layers[0]?.digest ?? "").replace(":", "/")}`;
    const good = (await store.get(layer))?.body ?? new Uint8Array();
    await store.put(layer, "changed");
    await assert.rejects(
      buildRelease({ root, commit, store, now: NOW, images: "sources" }),
      /the bytes of images web have another digest/u,
    );
    await store.put(layer, good);
    rmSync(join(store.location, release.artifacts.frontend["frontend"]?.path ?? ""));
    await assert.rejects(verifyArtifacts(store, release), /frontend frontend are missing/u);
  });
});

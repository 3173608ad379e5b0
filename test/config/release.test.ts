import assert from "node:assert/strict";
import { mkdtemp, mkdir, readdir, readFile, rm, utimes, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { keepBuild } from "../../automation/release/image-builds.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { noArtifacts, releaseId, type Artifacts } from "../../automation/release/manifest.ts";
import { packWorkingTree } from "../../automation/release/working-tree.ts";
import { ArtifactFolder } from "../../automation/release/artifact-folder.ts";
import { sha256 } from "../../automation/release/canonical.ts";
import { imageDigests, loadArtifactFiles, loadRelease } from "../../config/release.ts";
import { workloadsIn } from "../release/workloads.ts";

const root = new URL("../..", import.meta.url).pathname;
const digest = `sha256:${"b".repeat(64)}`;
const artifacts = { ...noArtifacts(), images: { api: { digest, size: 1 } } };

describe("config/release", () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "slipway-release-"))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function manifestOf(released: Artifacts): Promise<string> {
    const content = {
      schema: 1 as const,
      commit: "c".repeat(40),
      tree: "d".repeat(40),
      program: `sha256:${"e".repeat(64)}`,
      artifacts: released,
    };
    const manifest = join(directory, "release.json");
    const release = { ...content, id: releaseId(content), createdAt: "2026-01-01T00:00:00.000Z" };
    await writeFile(manifest, JSON.stringify(release));
    return manifest;
  }

  it("takes the digests of the manifest that SLIPWAY_RELEASE points to", async () => {
    const manifest = await manifestOf(artifacts);
    assert.deepEqual(await loadRelease(root, { SLIPWAY_RELEASE: manifest }), artifacts);
  });

  it("names a manifest that is not there", async () => {
    const manifest = join(directory, "none.json");
    await assert.rejects(
      loadRelease(root, { SLIPWAY_RELEASE: manifest }),
      (error: unknown) => error instanceof SlipwayError && `${error.message} ${error.where}`.includes(manifest),
    );
  });

  describe("of a working tree", () => {
    const store = () => ({ SLIPWAY_STORE: join(directory, "store") });

    it("is its workloads, and images are their files where nothing is built", async () => {
      assert.deepEqual(await loadRelease(root, { SLIPWAY_IMAGES: "sources" }), await packWorkingTree(root));
    });

    it("has the images that were pushed of the same files, and says which were not", async () => {
      const packed = await packWorkingTree(root);
      const names = Object.keys(packed.images).sort();
      for (const name of names.slice(1)) {
        const source = packed.images[name]?.digest ?? "";
        const build = { schema: 1, source, digest, repository: "r", commit: "c".repeat(40) } as const;
        await keepBuild(new DirectoryStore(store().SLIPWAY_STORE), name, { ...build, at: "2026-01-01T00:00:00.000Z" });
      }
      const unpushed: SlipwayError[] = [];
      const { images } = await loadRelease(root, store(), (problem) => unpushed.push(problem));
      for (const name of names.slice(1))
        assert.deepEqual(images[name], { ...packed.images[name], digest, source: packed.images[name]?.digest });
      assert.deepEqual(images[names[0] ?? ""], packed.images[names[0] ?? ""]);
      assert.deepEqual(
        unpushed.map(({ message }) => message),
        [`The image ${names[0]} of this commit was not pushed yet.`],
      );
    });

    it("is refused while images are missing, unless somebody only looks", async () => {
      await assert.rejects(loadRelease(root, store()), {
        code: ExitCode.notFound,
        message: /not pushed yet/,
      });
    });
  });

  describe("bytes", () => {
    const script = "print(1)\n";
    const scriptDigest = `sha256:${sha256(script)}`;
    const released = { ...artifacts, jobScripts: { clean: { digest: scriptDigest, size: script.length } } };

    it("of a release are files in the folder that SLIPWAY_ARTIFACTS names", async () => {
      const env = { SLIPWAY_RELEASE: await manifestOf(released), SLIPWAY_ARTIFACTS: join(directory, "artifacts") };
      await new ArtifactFolder(env.SLIPWAY_ARTIFACTS).write(scriptDigest, Buffer.from(script));
      const { jobScripts } = await loadArtifactFiles(root, env);
      assert.deepEqual(jobScripts["clean"]?.digest, scriptDigest);
      assert.equal(await readFile(jobScripts["clean"]?.path ?? "", "utf8"), script);
    });

    it("of a release that are damaged are refused", async () => {
      const env = { SLIPWAY_RELEASE: await manifestOf(released), SLIPWAY_ARTIFACTS: join(directory, "artifacts") };
      await new ArtifactFolder(env.SLIPWAY_ARTIFACTS).write(scriptDigest, Buffer.from("print(2)\n"));
      await assert.rejects(loadArtifactFiles(root, env), /The bytes of jobScripts clean are missing or damaged/);
    });

    it("of a release need the folder to be named", async () => {
      const env = { SLIPWAY_RELEASE: await manifestOf(released) };
      await assert.rejects(
        loadArtifactFiles(root, env),
        (error: unknown) => error instanceof SlipwayError && error.where === "SLIPWAY_ARTIFACTS",
      );
    });

    it("of the working tree are packed once, beside the dependencies", async () => {
      workloadsIn(directory);
      await mkdir(join(directory, "node_modules"));
      const first = await loadArtifactFiles(directory, {});
      assert.equal(await readFile(first.jobScripts["clean"]?.path ?? "", "utf8"), script);
      assert.deepEqual(
        await readdir(join(directory, "node_modules/.cache/slipway/artifacts/sha256")).then(({ length }) => length),
        9,
      );
      const written = first.layers["lakehouse"]?.path ?? "";
      await utimes(written, 1, 1);
      assert.deepEqual(await loadArtifactFiles(directory, {}), first);
      assert.equal((await stat(written)).mtimeMs, 1000);
      await writeFile(join(directory, "data/jobs/clean.py"), "print(2)\n");
      const second = await loadArtifactFiles(directory, {});
      assert.notEqual(second.jobScripts["clean"]?.path, first.jobScripts["clean"]?.path);
      assert.deepEqual(second.layers, first.layers);
    });

    it("of the working tree come back when somebody damages them", async () => {
      workloadsIn(directory);
      await mkdir(join(directory, "node_modules"));
      const { layers } = await loadArtifactFiles(directory, {});
      await writeFile(layers["lakehouse"]?.path ?? "", "other");
      const again = await loadArtifactFiles(directory, {});
      assert.equal(
        `sha256:${sha256(await readFile(again.layers["lakehouse"]?.path ?? ""))}`,
        layers["lakehouse"]?.digest,
      );
    });
  });

  it("gives the digest of each configured service", () => {
    assert.deepEqual(imageDigests(artifacts, ["api"], "dev"), { api: digest });
  });

  it("names every service without an image", () => {
    assert.throws(
      () => imageDigests(artifacts, ["api", "search", "rank"], "dev"),
      (error: unknown) => {
        assert.ok(error instanceof SlipwayError);
        assert.equal(
          error.message,
          "the release has no image of the service search.\nthe release has no image of the service rank.",
        );
        assert.equal(error.where, "Pulumi.dev.yaml: slipway:services");
        return true;
      },
    );
  });
});

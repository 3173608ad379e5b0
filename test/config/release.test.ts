import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { SlipwayError } from "../../automation/errors.ts";
import { noArtifacts, releaseId } from "../../automation/release/manifest.ts";
import { packWorkingTree } from "../../automation/release/working-tree.ts";
import { imageDigests, loadRelease } from "../../config/release.ts";

const root = new URL("../..", import.meta.url).pathname;
const digest = `sha256:${"b".repeat(64)}`;
const artifacts = { ...noArtifacts(), images: { api: { digest, size: 1 } } };

describe("config/release", () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "slipway-release-"))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("takes the digests of the manifest that SLIPWAY_RELEASE points to", async () => {
    const content = {
      schema: 1 as const,
      commit: "c".repeat(40),
      tree: "d".repeat(40),
      program: `sha256:${"e".repeat(64)}`,
      artifacts,
    };
    const manifest = join(directory, "release.json");
    const release = { ...content, id: releaseId(content), createdAt: "2026-01-01T00:00:00.000Z" };
    await writeFile(manifest, JSON.stringify(release));
    assert.deepEqual(await loadRelease(root, { SLIPWAY_RELEASE: manifest }), artifacts);
  });

  it("names a manifest that is not there", async () => {
    const manifest = join(directory, "none.json");
    await assert.rejects(
      loadRelease(root, { SLIPWAY_RELEASE: manifest }),
      (error: unknown) => error instanceof SlipwayError && `${error.message} ${error.where}`.includes(manifest),
    );
  });

  it("packs the working tree where no release is named", async () => {
    assert.deepEqual(await loadRelease(root, {}), await packWorkingTree(root));
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

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../../automation/deploy/run-engine.ts";
import { buildRelease } from "../../automation/release/releases.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { manifestFile, type Workspace } from "../../automation/workspace.ts";
import { loadArtifactFiles } from "../../config/release.ts";
import { scratch } from "../git/throw-away.ts";
import { workloadsIn } from "../release/workloads.ts";

describe("what the program gets of a release", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  it("is its manifest and a folder with the bytes that it uploads", async () => {
    const root = temporary.directory();
    const directory = join(root, ".slipway");
    const store = new DirectoryStore(join(directory, "store"));
    const workspace = { directory, store, environment: { HOME: "/home" } } as unknown as Workspace;
    const { release } = await buildRelease({
      root,
      commit: workloadsIn(root),
      store,
      now: new Date(0),
      images: "sources",
    });
    const environment = engineEnvironment(workspace, await manifestFile(workspace, release));
    const { functions, jobScripts } = await loadArtifactFiles(root, environment);
    assert.deepEqual(Object.keys(functions).sort(), ["ingest", "score"]);
    assert.equal(readFileSync(jobScripts["clean"]?.path ?? "", "utf8"), "print(1)\n");
    assert.equal(environment["HOME"], "/home");
  });

  it("is nothing where the working tree is deployed", () => {
    const workspace = { directory: "/x", environment: { HOME: "/home" } } as unknown as Workspace;
    assert.deepEqual(engineEnvironment(workspace, undefined), { HOME: "/home" });
  });
});

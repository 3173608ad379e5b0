import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "./processes.ts";

const execute = promisify(execFile);
const modules = path.join(root, "node_modules");
/** What the image holds, and nothing else of the folder. */
const sources = ["index.html", "package.json", "vite.config.mjs", "public", "src", "server", "server.mjs"];

describe("the build of the page outside of the checkout", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-web-build-"));
    for (const name of sources)
      await cp(path.join(root, "services/web", name), path.join(folder, name), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const build = (more: Record<string, string>) =>
    execute(process.execPath, [path.join(modules, "vite/bin/vite.js"), "build", "--logLevel", "error"], {
      cwd: folder,
      env: { PATH: process.env["PATH"], NODE_ENV: "production", ...more },
    });

  it("finds its packages where SLIPWAY_NODE_MODULES says, and is the same twice", async () => {
    await build({ SLIPWAY_NODE_MODULES: modules });
    const files = async () => (await readdir(path.join(folder, "dist"), { recursive: true })).sort();
    const first = await files();
    const page = await readFile(path.join(folder, "dist/index.html"), "utf8");
    assert.match(page, /<script type="module" crossorigin src="\/assets\/index-[\w-]+\.js"><\/script>/);
    assert.doesNotMatch(page, /<script>|<style|style=|data:|\/\/[a-z]/);
    await build({ SLIPWAY_NODE_MODULES: modules });
    assert.deepEqual([await files(), await readFile(path.join(folder, "dist/index.html"), "utf8")], [first, page]);
  });

  it("says which package is missing without it", async () => {
    await assert.rejects(build({}), /vite|plugin-react/);
  });
});

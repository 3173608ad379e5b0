import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareSandbox } from "../../sandbox/index.ts";
import { until } from "./live/live-lab.ts";

const root = join(import.meta.dirname, "..", "..");

describe("what a provider leaves for the next one", function () {
  this.timeout(60_000);
  let home: string;
  let plugins: string;
  let own: string;
  const started: ChildProcess[] = [];

  before(async () => {
    // The launcher is a shell script: no character of a folder may mean anything there.
    home = mkdtempSync(join(tmpdir(), "slipway cache'}$-"));
    await prepareSandbox({ root, directory: home, node: process.execPath });
    plugins = join(home, "pulumi-home", "plugins");
    own = join(home, "own");
  });
  after(() => {
    for (const child of started) child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Starts the provider as the engine does, waits until it serves, and ends it as the engine does once `ready`. */
  async function serve(variables: Record<string, string | undefined>, ready: () => boolean): Promise<void> {
    const folder = readdirSync(plugins).find((name) => name.startsWith("resource-github-")) ?? "";
    const child = spawn(join(plugins, folder, "pulumi-resource-github"), [], {
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    assert.match(port.toString(), /^\d+\n$/u);
    await until("the compiled code is written", ready);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
  }

  const filled = (folder: string) =>
    existsSync(folder) && readdirSync(folder).some((version) => readdirSync(join(folder, version)).length > 50);

  it("is its compiled code, in the driver's folder, though the engine ends it by a signal", async () => {
    await serve({ NODE_COMPILE_CACHE: own }, () => filled(own));
    assert.ok(!existsSync(join(home, "compile-cache")));
  });

  it("is in the sandbox when nobody names a folder", async () => {
    await serve({ NODE_COMPILE_CACHE: undefined }, () => filled(join(home, "compile-cache")));
  });
});

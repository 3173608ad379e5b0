import { flushCompileCache } from "node:module";

/**
 * The plugin process behind the stand-in providers: `node provider.ts <package> <version> <sandbox directory> [engine
 * address]`. The launchers that `prepareSandbox` writes start it; the engine reads the port from its first line.
 */
const [packageName = "", version = "", directory = "", ...engineArgs] = process.argv.slice(2);

exitWithEngine();
keepCompiled();
if (packageName === "awsx" || packageName === "eks") {
  const { serveComponents } = await import("./server/components.ts");
  await serveComponents(packageName, version, engineArgs);
} else {
  const { serveResources } = await import("./server/resources.ts");
  process.stdout.write(`${await serveResources(packageName, version, directory, engineArgs)}\n`);
}

/** An engine that is killed cannot stop its plugins, so they watch for their parent to change. */
function exitWithEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(0);
  }, 1_000).unref();
}

/**
 * Node writes what it compiled when a process ends by itself, and the engine ends its plugins by a signal: it is written once the plugin
 * serves, so that the next one starts in half the time.
 */
function keepCompiled(): void {
  setTimeout(flushCompileCache, 1_000).unref();
}

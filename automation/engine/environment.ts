import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the project's own Node is: its `node_modules/.bin`, else wherever the running Node is. */
export function nodeDirectory(root: string): string {
  const local = join(root, "node_modules", ".bin");
  return existsSync(join(local, process.platform === "win32" ? "node.cmd" : "node"))
    ? local
    : dirname(process.execPath);
}

/** What every run of the CLI is given on top of its caller's variables. */
export const engineVariables = (root: string): Readonly<Record<string, string>> => ({
  // Programs and plugins on Node start a fifth faster when V8 need not compile the SDKs again.
  NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "slipway", "compiled"),
  // `--event-log` is only there with this set.
  PULUMI_DEBUG_COMMANDS: "true",
  PULUMI_SKIP_UPDATE_CHECK: "true",
});

/** Puts folders in front of PATH, each once, so that the engine finds this project's Node and its own language host first. */
export function withPath(environment: Environment, first: readonly string[]): Record<string, string> {
  const rest = (environment["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !first.includes(folder));
  const defined = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(defined), PATH: [...new Set([...first, ...rest])].join(delimiter) };
}

/** The environment of one run of the CLI: the project's Node, the pinned engine and what every run is given. */
export function engineEnvironment(
  cli: { directory: string; nodeDirectory: string; environment: Readonly<Record<string, string>> },
  environment: Environment,
): Record<string, string> {
  const own = environment["NODE_COMPILE_CACHE"];
  return {
    ...withPath(environment, [cli.nodeDirectory, cli.directory]),
    ...cli.environment,
    ...(own === undefined ? {} : { NODE_COMPILE_CACHE: own }),
  };
}

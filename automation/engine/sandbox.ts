import { isAbsolute, join, resolve } from "node:path";
import { ExitCode, SlipwayError } from "../errors.ts";
import type * as Sandbox from "../../sandbox/index.ts";

/** The one place where product code meets the sandbox: it points a workspace at the local cloud. */
export interface SandboxSwitch {
  /** `.sandbox` of the checkout, or `SLIPWAY_SANDBOX_DIR`. */
  directory: string;
  /** Variables that make the engine, plain `pulumi` included, use the local cloud. */
  environment: Record<string, string>;
  /** Makes the stack's empty state; false when it was there. */
  ensureStack(stack: string): Promise<boolean>;
  /** The sandbox's copy of a stack file, for `--config-file`: the tracked one stays as it is. */
  configFile(stack: string, workDir: string): Promise<string>;
  /** Makes what data services run on, once; where that is not to be had, says that they are only simulated, and why. */
  prepareLive(say: (line: string) => void): Promise<void>;
  /** The sandbox's own functions: levers, status, endpoints. */
  tools: typeof Sandbox;
}

/** Where the sandbox of a checkout is. */
export function sandboxDirectory(root: string, environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment["SLIPWAY_SANDBOX_DIR"];
  if (!given) return join(root, ".sandbox");
  return isAbsolute(given) ? given : resolve(root, given);
}

/** The caller's say about the emulator reaches the provider processes through the engine. */
function liveSettings(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = [
    "SLIPWAY_SANDBOX_LIVE",
    "SLIPWAY_SANDBOX_PYTHON",
    "SLIPWAY_SANDBOX_LINGER_MS",
    "SLIPWAY_SANDBOX_KUBERNETES",
  ];
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

function requireKnownKubernetes(value: string | undefined): void {
  if (!value || value === "server" || value === "record") return;
  throw new SlipwayError(ExitCode.usage, `SLIPWAY_SANDBOX_KUBERNETES is "${value}"; it is "server" or "record".`, {
    next: "Set it to server for a real kube-apiserver, or unset it.",
  });
}

export async function openSandbox(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SandboxSwitch> {
  requireKnownKubernetes(environment["SLIPWAY_SANDBOX_KUBERNETES"]);
  const tools = await import("../../sandbox/index.ts");
  const directory = sandboxDirectory(root, environment);
  const prepared = await tools.prepareSandbox({ root, directory, node: process.execPath });
  let live: Promise<void> | undefined;
  const prepareLive = async (say: (line: string) => void) => {
    // Who turned it off knows.
    if (environment["SLIPWAY_SANDBOX_LIVE"] === "off") return;
    const { reason } = await tools.ensureSandboxPython(say, environment);
    if (reason !== undefined) say(`data services are only simulated: ${reason}`);
  };
  // Nothing waits for this server, and it answers only while this process runs: there is nothing to end.
  const streams = join(root, "streams");
  const atlas = await tools.startAtlasApi({ directory, streams });
  const atlasVariables = {
    ...tools.missingStreamVariables(streams, environment),
    ...tools.atlasApiVariables(atlas.endpoint),
    SLIPWAY_SANDBOX_STREAMS: streams,
  };
  return {
    directory,
    environment: { ...prepared.environment, ...liveSettings(environment), ...atlasVariables },
    prepareLive: (say) => (live ??= prepareLive(say)),
    ensureStack: (stack) => prepared.ensureStack(stack),
    configFile: (stack, workDir) => prepared.configFile(stack, workDir),
    tools,
  };
}

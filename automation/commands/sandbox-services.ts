import type { Context } from "../context.ts";
import type { SandboxSwitch } from "../engine/sandbox.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { done, type CommandResult } from "./result.ts";

/** Keeps the services of an environment running until Ctrl-C: `slipway sandbox serve dev`. */
export async function serveEnvironment(
  context: Context,
  { tools, directory, environment }: SandboxSwitch,
  stack: string,
  aborted: (signal: AbortSignal) => Promise<void>,
): Promise<CommandResult> {
  const own = { ...context.environment, ...environment };
  const { signal, console } = context;
  const say = (line: string) => console.info(line);
  await tools.ensureSandboxPython(say, own);
  const { cluster, services, lines, close } = await tools.serveServices(directory, stack, {
    environment: own,
    signal,
    onNote: say,
  });
  for (const line of lines) say(line);
  try {
    if (services.length > 0) await aborted(signal);
  } finally {
    await close();
  }
  return done({ cluster, services }, `the services of ${cluster} are down`);
}

/** Lets a rollout that waits for a person go on: `slipway sandbox promote dev services/api`. */
export async function promoteService(
  { tools, directory }: SandboxSwitch,
  args: readonly string[],
): Promise<CommandResult> {
  const [stack = "", name = ""] = args;
  const [namespace = "", rollout = ""] = name.includes("/") ? name.split("/") : ["services", name];
  const cluster = await tools.clusterOf(directory, stack);
  if (cluster === undefined || rollout === "")
    throw new SlipwayError(ExitCode.usage, "It takes an environment with services, and the name of one.", {
      where: directory,
      next: "For example: ./slipway sandbox promote dev api",
    });
  tools.promoteRollout(directory, cluster, namespace, rollout);
  return done({ cluster, namespace, rollout }, `${namespace}/${rollout} of ${cluster} goes on`);
}

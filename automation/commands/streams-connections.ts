import { suggest } from "../../config/suggest.ts";
import type { Variables } from "../../config/streams-variables.ts";
import type { Connection } from "../../streams/engine/files/project.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { connectionsJson, connectionsText } from "../report/streams-connections.ts";
import { isPublic } from "../streams/connections/public-address.ts";
import { targetOf } from "../streams/connections/targets.ts";
import { tryTargets, untried, type Tried } from "../streams/connections/try.ts";
import { folderOf, readStreamFolder } from "../streams/project.ts";
import { streamVariables } from "../streams/variables.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { flag, text, type CommandModule } from "./result.ts";
import { count } from "./run-options.ts";

const patience = 5;

/**
 * `streams connections <environment> [connections...]`: where connections lead, and with `--test` how far one gets from here. It needs
 * neither Atlas nor its keys.
 */
export const connectionsThrough =
  (reachable: (address: string) => boolean): CommandModule["run"] =>
  async (context, [environment, ...names], options) => {
    const timeoutMs = (count(options, "timeout") ?? patience) * 1000;
    const workspace = await openWorkspace(context);
    const stack = knownStack(workspace, environment);
    const { project } = await readStreamFolder(folderOf(context.root, text(options, "folder")));
    const settings = await streamVariables(workspace.root, stack);
    if (settings === undefined)
      throw new SlipwayError(ExitCode.notFound, `${stack} has no stream processing.`, {
        where: `Pulumi.${stack}.yaml`,
        next: "Name an environment with slipway:streams.",
      });
    const variables: Variables = { settings, environment: workspace.environment };
    const targets = chosen(project.connections, names).map(({ value }) => targetOf(value, variables));
    const tested = flag(options, "test") && !context.sandbox;
    const { signal, now } = context;
    const connections = tested
      ? await tryTargets(targets, { timeoutMs, signal, now, reachable })
      : untried(targets, whyUntested(context, options));
    const report = { environment: stack, simulated: context.sandbox, tested, connections };
    return {
      exitCode: flag(options, "test") ? exitCodeOf(connections) : ExitCode.done,
      json: connectionsJson(report),
      text: connectionsText(context, report),
    };
  };

export const connections = connectionsThrough(isPublic);

function chosen(all: readonly Connection[], names: readonly string[]): readonly Connection[] {
  const known = all.map(({ value }) => value.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = suggest(name, known);
    throw new SlipwayError(ExitCode.notFound, `There is no connection ${JSON.stringify(name)}.`, {
      where: "connections/",
      next: near === undefined ? `Use some of: ${known.join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  return names.length === 0 ? all : all.filter(({ value }) => names.includes(value.name));
}

const whyUntested = ({ sandbox }: Pick<Context, "sandbox">, options: Record<string, unknown>): string =>
  sandbox && flag(options, "test") ? "nothing leaves the sandbox" : "not asked";

/** What nobody reaches is worse than what nobody can say. */
function exitCodeOf(tried: readonly Tried[]): ExitCode {
  if (tried.some(({ state }) => state === "failed")) return ExitCode.resourceFailed;
  return tried.some(({ state }) => state === "unknown") ? ExitCode.usage : ExitCode.done;
}

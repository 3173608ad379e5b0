import type { StreamsOutputs } from "../../config/streams-outputs.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { outputsAsTheyStand } from "../stack-outputs.ts";
import { knownStack, openWorkspace, type Workspace } from "../workspace.ts";
import { atlasStreams } from "./atlas/client.ts";
import type { AtlasPlace, AtlasStreams } from "./atlas/types.ts";

/** Stream processing of an environment: what was deployed there, and Atlas itself. */
export interface StreamsOfStack {
  workspace: Workspace;
  stack: string;
  outputs: StreamsOutputs;
  client: AtlasStreams;
}

/** What an environment's outputs say of stream processing. @throws SlipwayError (not found) where it has none */
export async function openStreams(context: Context, name: string | undefined): Promise<StreamsOfStack> {
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, name);
  const all = await outputsAsTheyStand(workspace, stack);
  const outputs = all.kind === "environment" ? all.streams : undefined;
  if (outputs === undefined)
    throw new SlipwayError(ExitCode.notFound, `${stack} has no stream processing.`, {
      where: stack,
      next: `./slipway up ${stack}, with slipway:streams in Pulumi.${stack}.yaml`,
    });
  return { workspace, stack, outputs, client: clientFor(context, workspace, stack, outputs) };
}

/** Atlas as an environment's credentials reach it; `place` may be another workspace than its own. */
export function clientFor(
  context: Pick<Context, "signal" | "console">,
  workspace: Pick<Workspace, "environment">,
  stack: string,
  { projectId, workspace: name }: AtlasPlace,
): AtlasStreams {
  return atlasStreams({
    ...{ place: { projectId, workspace: name }, environment: workspace.environment, environmentName: stack },
    ...{ signal: context.signal, say: context.console.info },
  });
}

import { parseStackOutputs, type StackOutputs } from "../config/outputs.ts";
import { readOutputs } from "./engine/stack.ts";
import type { Workspace } from "./workspace.ts";

/** What a stack says of itself as it stands. No engine is started. @throws SlipwayError where it was never brought up, or breaks the contract */
export async function outputsAsTheyStand(workspace: Workspace, stack: string): Promise<StackOutputs> {
  const { root: workDir, environment } = workspace;
  await workspace.sandbox?.ensureStack(stack);
  return parseStackOutputs(await readOutputs(await workspace.cli(), { stack, workDir, environment }), stack);
}

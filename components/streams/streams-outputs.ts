import type { ProcessorSpec, WorkspaceSpec } from "./definition.ts";

/** A processor is in the state that is wanted, and runs what it was given. */
export interface StreamProcessorCheck {
  kind: "stream-processor";
  name: string;
  projectId: string;
  workspace: string;
  processor: string;
  rollout: ProcessorSpec["rollout"];
  digest: string;
  state: ProcessorSpec["state"];
  dlqRate?: number;
  timeoutSeconds: number;
}

/** Atlas takes minutes to find a place for a processor. */
const timeoutSeconds = 900;

/** One check per processor. */
export function streamChecks(
  { projectId, workspace }: Pick<WorkspaceSpec, "projectId" | "workspace">,
  processors: Readonly<Record<string, ProcessorSpec>>,
): StreamProcessorCheck[] {
  return Object.entries(processors).map(([processor, { rollout, digest, state, expect }]) => ({
    kind: "stream-processor",
    name: `stream-${processor}`,
    ...{ projectId, workspace, processor, rollout, digest, state },
    ...(expect?.dlqRate !== undefined && { dlqRate: expect.dlqRate }),
    timeoutSeconds,
  }));
}

/** What others need to know of stream processing: where it is, and everything that is to run there. */
export interface StreamsOutputs<P extends ProcessorSpec = ProcessorSpec> {
  projectId: string;
  workspace: string;
  provider: string;
  region: string;
  tier: WorkspaceSpec["tier"];
  maxTier: WorkspaceSpec["maxTier"];
  connections: string[];
  processors: Record<string, P>;
}

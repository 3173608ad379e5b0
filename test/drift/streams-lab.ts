import type { ProcessorOutput, StreamsOutputs } from "../../config/streams-outputs.ts";
import { processorType } from "../../automation/drift/streams-findings.ts";
import { versionName } from "../../automation/deploy/streams/names.ts";
import { definitionDigest } from "../../streams/engine/diff/digest.ts";
import { project } from "../sandbox/atlas/atlas-lab.ts";

/** What a version of the one processor here does. */
export const pipeline = JSON.stringify([
  {
    $source: {
      connectionName: "events",
      topic: "orders",
      config: { group_id: "orders", auto_offset_reset: "earliest" },
    },
  },
  { $match: { amount: { $gt: 5 }, open: true } },
  { $merge: { into: { connectionName: "warehouse", db: "sales", coll: "orders" } } },
]);
const output = (rollout: ProcessorOutput["rollout"], more: Partial<ProcessorOutput> = {}): ProcessorOutput => ({
  ...{ digest: definitionDigest({ pipelineText: pipeline }), rollout, state: "STARTED", failover: false, pipeline },
  ...{ thresholds: {}, expect: undefined, ...more },
});
/** The version that is wanted. */
export const green = versionName("orders", output("blue-green").digest);
/** What was deployed: one processor. */
export const outputs = (
  more: Partial<ProcessorOutput> = {},
  rollout: ProcessorOutput["rollout"] = "blue-green",
): StreamsOutputs => ({
  ...{ projectId: project, workspace: "flow", provider: "AWS", region: "VIRGINIA_USA", tier: "SP5", maxTier: "SP30" },
  ...{ connections: [], processors: { orders: output(rollout, more) } },
});
/** A processor as a finding names it. */
export const subject = (name: string) => ({ urn: `${processorType}:${name}`, type: processorType, name });

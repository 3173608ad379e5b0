import { ExitCode } from "../errors.ts";
import { approvals } from "./gates/approvals.ts";
import type { Gate, GateDecision, GateFacts } from "./gates/gate.ts";
import { automatic, freeze, maintenanceWindow } from "./gates/holds.ts";
import { lineage } from "./gates/lineage.ts";
import { soak } from "./gates/soak.ts";
import { branchAncestry, cleanTree, immutableTag, policyPack, releaseExists, tagSignature } from "./gates/source.ts";

export type { Gate, GateDecision, GateFacts } from "./gates/gate.ts";

/** The gates of a promotion, in the order in which a person clears them. */
export const PROMOTION_GATES: readonly Gate[] = [
  cleanTree,
  releaseExists,
  immutableTag,
  branchAncestry,
  tagSignature,
  lineage,
  soak,
  policyPack,
  approvals,
  automatic,
  maintenanceWindow,
  freeze,
];

/** Asks every gate, so that a person sees all that is missing at once. */
export function decideGates(facts: GateFacts, gates: readonly Gate[] = PROMOTION_GATES): GateDecision[] {
  return gates.map(({ name, exitCode, decide }) => {
    const decision = decide(facts);
    return { gate: name, ...decision, ...(decision.verdict === "refuse" ? { exitCode } : {}) };
  });
}

/** The decisions that stand in the way. */
export function refusals(decisions: readonly GateDecision[]): GateDecision[] {
  return decisions.filter((decision) => decision.verdict === "refuse");
}

/** What a command ends with: the first refusal's own code. */
export function exitCodeOf(decisions: readonly GateDecision[]): ExitCode {
  const [first] = refusals(decisions);
  return first === undefined ? ExitCode.done : (first.exitCode ?? ExitCode.gateRefused);
}

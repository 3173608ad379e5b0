import type { OperationResult } from "../engine/operation.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { countsLine } from "../report/progress-state.ts";

/** The error for an engine run that did not succeed: first cause, what stands now, and the way on. */
export function failureOf(stack: string, verb: string, result: OperationResult): SlipwayError {
  const { summary, code } = result;
  const again = `./slipway ${verb} ${stack}`;
  const changed = summary.preview ? "nothing" : countsLine(new Map(Object.entries(summary.changes)));
  if (result.outcome === "cancelled") {
    const why = code === ExitCode.timeout ? "did not end in time and was cancelled" : "was cancelled";
    return new SlipwayError(code, `${verb} ${stack} ${why}.`, { where: result.log, changed, next: again });
  }
  const first = firstCause(result);
  if (code === ExitCode.stalePlan)
    return new SlipwayError(code, `${verb} ${stack} would leave the saved plan: ${first.message}`, {
      where: first.where ?? result.log,
      changed,
      next: `./slipway preview ${stack} --save-plan FILE shows what it would do now.`,
    });
  return new SlipwayError(code, `${verb} ${stack} failed: ${first.message}`, {
    where: first.where ?? result.log,
    changed,
    next: `Mend it, then ${again} goes on from where it stopped. The engine's log is ${result.log}.`,
  });
}

const isMandatory = ({ enforcementLevel }: { enforcementLevel: string }) => enforcementLevel === "mandatory";

function firstCause({ summary, errorOutput }: OperationResult): { message: string; where: string | undefined } {
  const broken = summary.policyViolations.find(isMandatory);
  if (broken) return { message: `policy ${broken.policyName}: ${broken.message}`, where: broken.resourceUrn };
  const errors = summary.diagnostics.filter(({ severity }) => severity === "error");
  const first = errors.find(({ urn }) => urn !== undefined && !urn.includes("pulumi:pulumi:Stack::")) ?? errors[0];
  return { message: first?.message ?? (errorOutput || "the engine gave no reason"), where: first?.urn };
}

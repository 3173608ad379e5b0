import type { OperationResult } from "../engine/operation.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { findingsOf, mandatory } from "../policy/findings.ts";
import { findingLine } from "../report/policy.ts";
import { countsLine } from "../report/progress-state.ts";
import { plural } from "../report/text.ts";

/** The error for an engine run that did not succeed: first cause, what stands now, and the way on. */
export function failureOf(stack: string, verb: string, result: OperationResult): SlipwayError {
  const { summary, code } = result;
  const again = `./slipway ${verb} ${stack}`;
  const changed = summary.preview ? "nothing" : countsLine(new Map(Object.entries(summary.changes)));
  if (result.outcome === "cancelled") {
    const why = code === ExitCode.timeout ? "did not end in time and was cancelled" : "was cancelled";
    return new SlipwayError(code, `${verb} ${stack} ${why}.`, { where: result.log, changed, next: again });
  }
  if (code === ExitCode.policy) return policyRefused(stack, verb, result, changed);
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

/** Everything that the policy pack forbids, so that one round of mending is enough. */
function policyRefused(stack: string, verb: string, { summary }: OperationResult, changed: string): SlipwayError {
  const found = mandatory(findingsOf(summary.policyViolations));
  const rules = [...new Set(found.map(({ rule }) => rule))];
  return new SlipwayError(
    ExitCode.policy,
    `policy refuses ${verb} ${stack}: ${plural(found.length, "finding")}.${found.map((each) => `\n  ${findingLine(each)}`).join("")}`,
    {
      ...(found[0] === undefined ? {} : { where: found[0].urn }),
      changed,
      next: `./slipway policy explain ${rules[0] ?? ""} says what to do${rules.length > 1 ? ` (also: ${rules.slice(1).join(", ")})` : ""}; ./slipway policy check ${stack} lists everything.`,
    },
  );
}

function firstCause({ summary, errorOutput }: OperationResult): { message: string; where: string | undefined } {
  const errors = summary.diagnostics.filter(({ severity }) => severity === "error");
  const first = errors.find(({ urn }) => urn !== undefined && !urn.includes("pulumi:pulumi:Stack::")) ?? errors[0];
  return { message: first?.message ?? (errorOutput || "the engine gave no reason"), where: first?.urn };
}

import type { Context } from "../context.ts";
import type { PolicyFact } from "../promotion/gates/gate.ts";
import { findingLine } from "../report/policy.ts";
import { plural } from "../report/text.ts";
import type { Workspace } from "../workspace.ts";
import { mandatory, type Finding } from "./findings.ts";
import { judgeStack, type Judged } from "./judge.ts";
import { hasPack } from "./pack.ts";

const PACK = "slipway";

/** What a promotion knows before it asks. */
interface Asked extends Judged {
  /** Another gate refuses already. */
  stopped: boolean;
  /** A saved plan is applied, which was made under the pack and is looked through under it again. */
  planned: boolean;
}

/** What the gate of the policy pack decides from; undefined where the commit has no pack. */
export async function policyFact(
  context: Context,
  workspace: Workspace,
  { stopped, planned, ...judged }: Asked,
): Promise<PolicyFact | undefined> {
  if (!hasPack(judged.workDir)) return undefined;
  if (stopped) return { pack: PACK, passed: true, detail: "not asked: another gate refuses already" };
  if (planned) return { pack: PACK, passed: true, detail: "the saved plan was made under the policy pack" };
  return factOf(judged.stack, await judgeStack(context, workspace, judged));
}

/** A verdict in a line. */
export function factOf(stack: string, findings: readonly Finding[]): PolicyFact {
  const [first, ...others] = mandatory(findings);
  if (first === undefined) return { pack: PACK, passed: true };
  const more = others.length === 0 ? "" : `, and ${plural(others.length, "other finding")}`;
  return {
    ...{ pack: PACK, passed: false },
    detail: `${findingLine(first)}${more}`,
    next: `slipway policy check ${stack} lists everything; slipway policy explain ${first.rule} says what to do`,
  };
}

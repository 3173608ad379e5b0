import { ExitCode, SlipwayError } from "../errors.ts";
import type { Context } from "../context.ts";
import { readEnvelope } from "../plans/plan-file.ts";
import { planSteps } from "../plans/steps.ts";
import { planText } from "../report/plan.ts";
import { done, type CommandResult } from "./result.ts";

/** Shows a saved plan. It needs neither cloud nor state: whoever was sent the file can look at it. */
export async function run(context: Context, args: readonly string[]): Promise<CommandResult> {
  const [action, file] = args;
  if (action !== "show" || file === undefined)
    throw new SlipwayError(ExitCode.usage, `A plan can be shown: got "${args.join(" ")}".`, {
      next: "./slipway plan show FILE",
    });
  const envelope = await readEnvelope(file);
  const { plan, seal: _seal, planDigest, ...facts } = envelope;
  const resources = planSteps(plan).filter(({ op }) => op !== "same");
  return done({ ...facts, digest: planDigest, resources }, planText(context.console, envelope));
}

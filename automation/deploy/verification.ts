import { parseStackOutputs, type StackOutputs } from "../../config/outputs.ts";
import type { Context } from "../context.ts";
import type { RunSummary } from "../engine/summary.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Console } from "../report/console.ts";
import { plural } from "../report/text.ts";
import type { CheckResult, Deployed } from "../verify/check-kind.ts";
import { openTargets } from "../verify/targets.ts";
import { verify } from "../verify/verify.ts";
import type { Workspace } from "../workspace.ts";

/** How long a check may stay pending, in milliseconds: rollouts in a cloud take minutes, the sandbox's do not. */
const patience = { cloud: 15 * 60_000, sandbox: 60_000 };

export const outputsOf = (stack: string, summary: RunSummary): StackOutputs =>
  parseStackOutputs(summary.outputs, stack);

export interface Verification {
  outputs: StackOutputs;
  deployed: Deployed;
  /** How long a check may stay pending. Defaults to what cloud or sandbox need. */
  patienceMs?: number | undefined;
}

/** Runs every check that the stack declares and says each result as it comes. */
export async function runChecks(
  context: Context,
  workspace: Workspace,
  { outputs, deployed, patienceMs = workspace.sandbox ? patience.sandbox : patience.cloud }: Verification,
): Promise<CheckResult[]> {
  await workspace.sandbox?.prepareLive((line) => context.console.info(line));
  const { colors, info } = context.console;
  const targets = await openTargets(workspace, outputs, (line) => info(colors.dim(`  .. ${line}`)));
  try {
    return await verify(outputs.checks, {
      targets,
      deployed,
      patience: patienceMs,
      // Minutes are fractions of a second in the sandbox.
      generous: workspace.sandbox === undefined,
      bake: workspace.policy.environments.find(({ name }) => name === outputs.environment)?.bake ?? 0,
      signal: context.signal,
      onResult: (result) =>
        info(`  ${resultMark(colors, result)} ${result.name} ${colors.dim(result.kind)} ${result.detail}`),
      onProgress: ({ name }, line) => info(colors.dim(`  .. ${name} ${line}`)),
    });
  } finally {
    await targets.close();
  }
}

/** What was not really asked does not look as if it had been. */
function resultMark(colors: Console["colors"], { passed, simulated, notRun }: CheckResult): string {
  if (notRun) return colors.yellow("--");
  if (!passed) return colors.red("no");
  return simulated ? colors.yellow("~~") : colors.green("ok");
}

/** The error for checks that did not pass, whether they were asked or not. */
export function verificationError(stack: string, failed: readonly CheckResult[]): SlipwayError {
  const asked = failed.filter(({ notRun }) => !notRun);
  const left = failed.filter(({ notRun }) => notRun);
  const [first] = asked;
  const told = [...asked, ...left].map(({ name, detail }) => `${name}: ${detail}`).join("; ");
  const message = `${stack} is deployed, but ${plural(asked.length, "check")} did not pass: ${told}`;
  return new SlipwayError(ExitCode.verificationFailed, message, {
    where: `${first?.kind ?? "check"} ${first?.name ?? ""}`,
    changed: `${stack} runs the new state`,
    next: `Look at it with ./slipway verify ${stack}; ./slipway rollback ${stack} brings back an earlier release.`,
  });
}

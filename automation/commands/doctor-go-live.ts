import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";
import { goLivePoints } from "../go-live/points.ts";
import { readGoLive } from "../go-live/read.ts";
import { findingLines } from "../report/findings.ts";
import { knownStack, type Workspace } from "../workspace.ts";
import type { CommandResult } from "./result.ts";

/** @param named Environment that the option names; without one the last of the promotion policy. */
export async function goLive(context: Context, workspace: Workspace, named: unknown): Promise<CommandResult> {
  const last = workspace.policy.environments.at(-1)?.name;
  const environment = knownStack(workspace, typeof named === "string" ? named : last);
  const findings = goLivePoints(await readGoLive(context, workspace, environment));
  const open = findings.filter(({ state }) => state !== "ok").length;
  const sum = open === 0 ? `${environment} may go live` : `${open} of ${findings.length} points are open`;
  return {
    exitCode: open === 0 ? ExitCode.done : ExitCode.gateRefused,
    json: { environment, findings },
    text: [...findingLines(context.console, findings), sum].join("\n"),
  };
}

import type { Context } from "../context.ts";
import { deploy, refuseBypass, type DeployReport } from "../deploy/deploy.ts";
import { SlipwayError } from "../errors.ts";
import { decideGates, exitCodeOf, refusals } from "../promotion/gates.ts";
import type { GateFacts } from "../promotion/gates/gate.ts";
import { freeze, maintenanceWindow } from "../promotion/gates/holds.ts";
import { readLedger } from "../promotion/ledger.ts";
import { readStackState } from "../engine/checkpoint.ts";
import { clientFor } from "../streams/place.ts";
import type { Workspace } from "../workspace.ts";
import type { DriftSubject } from "./detect.ts";
import { repairDefinitions } from "./streams-repair.ts";
import { streamsOf } from "./streams.ts";

/**
 * Puts back what the program says: an update of what stands there already, which reads first what is really there. It is a deployment like any
 * other, so it holds the environment, asks the gates that are about time, verifies and is recorded. No gate about the release
 * is asked: it is the one that passed them.
 */
export async function repairDrift(
  context: Context,
  workspace: Workspace,
  subject: DriftSubject,
  limits: { timeoutMs?: number },
): Promise<DeployReport> {
  const { stack, workDir, release } = subject;
  // Without a release it is this checkout that would be deployed.
  if (release === undefined) refuseBypass(workspace, stack);
  const check = () => refuseOutOfTime(context, workspace, stack);
  await check();
  return deploy(context, workspace, {
    ...{ verb: "drift --repair", stack, workDir, release, create: false, verify: true, refresh: true },
    beforeChange: async () => {
      await check();
      await repairProcessors(context, workspace, subject);
    },
    ...limits,
  });
}

/** What no engine looks at, before the engine puts back the rest. */
async function repairProcessors(
  context: Context,
  workspace: Workspace,
  { stack, workDir }: DriftSubject,
): Promise<void> {
  const { environment } = workspace;
  const outputs = streamsOf(await readStackState(workspace.cli, { stack, workDir, environment }));
  if (outputs === undefined || Object.values(outputs.processors).every(({ rollout }) => rollout === "in-place")) return;
  const client = clientFor(context, workspace, stack, outputs);
  await repairDefinitions(client, outputs, { signal: context.signal, say: context.console.info });
}

async function refuseOutOfTime(context: Context, workspace: Workspace, stack: string): Promise<void> {
  const environment = workspace.policy.environments.find(({ name }) => name === stack);
  if (environment === undefined) return;
  const records = await readLedger(workspace.store, stack);
  const facts: GateFacts = {
    ...{ now: context.now(), environment, records, commit: "", promoter: "", automatic: false },
    ...{ release: undefined, dirtyFiles: [], upstream: undefined },
  };
  const decisions = decideGates(facts, [freeze, maintenanceWindow]);
  const refused = refusals(decisions);
  const [first] = refused;
  if (first === undefined) return;
  throw new SlipwayError(
    exitCodeOf(decisions),
    `${stack} is not repaired now: ${refused.map(({ reason }) => reason).join("; ")}.`,
    {
      where: refused.map(({ gate }) => `gate ${gate}`).join(", "),
      next: (first.next ?? `./slipway drift ${stack} --repair`).replace(/^slipway /, "./slipway "),
    },
  );
}

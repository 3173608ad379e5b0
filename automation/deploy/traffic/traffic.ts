import type { StackOutputs, TrafficShift } from "../../../config/outputs.ts";
import { openAwsTargets } from "../../verify/aws-targets.ts";
import type { SimulatedResource } from "../../verify/check-kind.ts";
import type { DeployRequest, Session } from "../session.ts";
import { openTrafficClient } from "./client.ts";
import type { Manner } from "./decide.ts";
import { nameOf } from "./lines.ts";
import { recordRefused } from "./record.ts";
import { shiftAll, type Movable, type Where } from "./run.ts";
import { look } from "./shift.ts";

/** The traffic of a stack between engine and verification. */
export interface Traffic {
  /** Whether any alias has to move. */
  due: boolean;
  /** Moves what has to, and records it. Throws what a person should read. */
  shift(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Looks where the aliases of a stack lead. A new version of a function gets no request by being there: CodeDeploy takes the alias to it,
 * the way that its deployment group says, or back at once where a release is taken back.
 */
export async function openTraffic(
  session: Session,
  request: DeployRequest,
  outputs: StackOutputs,
  open: (session: Session, outputs: StackOutputs) => Promise<Where> = openWhere,
): Promise<Traffic> {
  const shifts = outputs.kind === "environment" ? (outputs.model?.shifts ?? []) : [];
  if (shifts.length === 0) return { due: false, shift: async () => {}, close: async () => {} };
  const where = await open(session, outputs);
  const manner: Manner = request.verb === "rollback" ? "at-once" : "gradually";
  const movables: Movable[] = [];
  const close = async () => {
    for (const { client } of movables) client.close();
    await where.close();
  };
  try {
    for (const shift of shifts) movables.push(...(await movable(session, where, { shift, manner, outputs })));
  } catch (error) {
    await close();
    throw await recordRefused(session, request, { shifts, error, seconds: 0 });
  }
  const due = movables.filter(({ due: isDue }) => isDue);
  const { region } = outputs;
  return { due: due.length > 0, shift: () => shiftAll(session, request, { due, manner, where, region }), close };
}

const openWhere = ({ workspace }: Session, outputs: StackOutputs): Promise<Where> => openAwsTargets(workspace, outputs);

/** Nothing where the sandbox only remembers the function: there is no traffic to shift, and nobody shall think that some was. */
async function movable(
  { context }: Session,
  where: Where,
  { shift, manner, outputs }: { shift: TrafficShift; manner: Manner; outputs: StackOutputs },
): Promise<Movable[]> {
  const [lambda, codedeploy] = [await where.aws(outputs.region), await where.aws(outputs.region, "codedeploy")];
  if (lambda.simulated || codedeploy.simulated) {
    if (lambda.simulated && leadsElsewhere(shift, lambda.resources("aws:lambda/alias:Alias")))
      context.console.info(`traffic of ${nameOf(shift)} is not shifted: the sandbox only remembers the function`);
    return [];
  }
  const client = await openTrafficClient(shift, { lambda: lambda.config, codedeploy: codedeploy.config });
  try {
    const { step } = await look(client, { shift, manner });
    return [{ shift, client, due: step.do !== "nothing" }];
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Whether an alias that is only remembered is not where it is to be. */
function leadsElsewhere(shift: TrafficShift, aliases: readonly SimulatedResource[]): boolean {
  const own = aliases.find(({ name, functionName }) => name === shift.alias && functionName === shift.function);
  return own !== undefined && own["functionVersion"] !== shift.version;
}

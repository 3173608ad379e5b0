import { assertStillHolding } from "../../lease/holding.ts";
import type { TrafficClient } from "./client.ts";
import { nextStep, type AliasState, type Manner, type Step } from "./decide.ts";
import { follow, settled, untilQuiet, type Ending, type FollowOptions } from "./follow.ts";
import { nameOf } from "./lines.ts";

/** What became of one shift. */
export type ShiftResult = {
  /** Where the alias led when this began. */
  from: string;
  /** The deployment that moved it or was to; absent where there was none to make. */
  deployment?: string;
  seconds: number;
} & (
  | { outcome: "none" | "shifted" }
  /** `answers`: where the alias leads now. */
  | { outcome: "failed" | "cancelled"; reason: string; answers: AliasState | undefined }
);

export interface ShiftOptions extends FollowOptions {
  manner: Manner;
  /** Tells people in the console of AWS what a deployment is for. */
  description: string;
}

/** Looks and steps until an alias is where it is to be. More than this and somebody else is moving it. */
const rounds = 6;

/** What there is to do for a shift now. */
export async function look(client: TrafficClient, { shift, manner }: Pick<ShiftOptions, "shift" | "manner">) {
  const running = await client.running();
  const alias = await client.alias();
  return { alias, step: nextStep({ version: shift.version, manner }, alias, running) };
}

/**
 * Brings an alias to its version: by the deployment that is on its way there already, or by a new one. A driver that is killed meanwhile
 * leaves a deployment that goes on by itself, and the next one takes it from there.
 */
export async function shiftAlias(client: TrafficClient, options: ShiftOptions): Promise<ShiftResult> {
  const begun = performance.now();
  const seconds = () => Math.round(performance.now() - begun) / 1000;
  let from: string | undefined;
  let deployment: string | undefined;
  const answer = () => ({ from: from ?? "", ...(deployment === undefined ? {} : { deployment }), seconds: seconds() });
  for (let round = 1; round <= rounds; round++) {
    const { alias, step } = await look(client, options);
    from ??= alias.version;
    if (step.do === "nothing") return { ...answer(), outcome: round === 1 ? "none" : "shifted" };
    if (options.signal.aborted && step.do !== "follow") break;
    const taken = await take(client, step, options);
    // What is asked next is whether all is well again.
    if (taken?.ending.end === "succeeded" && options.manner === "at-once") await untilQuiet(client, options);
    deployment = taken?.deployment ?? deployment;
    if (taken !== undefined && taken.ending.end !== "succeeded")
      return { ...answer(), ...(await lost(client, taken.ending)) };
  }
  const answers = await client.alias();
  if (options.signal.aborted) return { ...answer(), outcome: "cancelled", reason: "nothing was begun", answers };
  return { ...answer(), outcome: "failed", reason: "somebody else keeps moving the alias", answers };
}

interface Taken {
  deployment: string;
  ending: Ending;
}

/** Takes one step; undefined where that was no deployment to the wanted version. */
async function take(
  client: TrafficClient,
  step: Exclude<Step, { do: "nothing" }>,
  options: ShiftOptions,
): Promise<Taken | undefined> {
  const { shift, say, manner, description } = options;
  assertStillHolding();
  switch (step.do) {
    case "await":
      say(`${nameOf(shift)} is being taken back by deployment ${step.deployment.id}; waiting for it`);
      await settled(client, step.deployment.id, options);
      return undefined;
    case "stop": {
      const { id, to } = step.deployment;
      say(`${nameOf(shift)}: deployment ${id} ${to === undefined ? "" : `to version ${to} `}is stopped`);
      await client.stop(id);
      await settled(client, id, options);
      return undefined;
    }
    case "clear":
      say(`${nameOf(shift)} shares its requests with a version that no deployment moves; it gets none any more`);
      await client.clearWeights();
      return undefined;
    case "follow":
      say(`${nameOf(shift)}: deployment ${step.deployment.id} is on its way to version ${shift.version}`);
      return { deployment: step.deployment.id, ending: await follow(client, step.deployment.id, options) };
    case "start": {
      // One that still rings for the version before would stop this one at once.
      if (manner === "gradually") await untilQuiet(client, options);
      if (options.signal.aborted) return undefined;
      const deployment = await client.start(step.from, manner, description);
      if (deployment === undefined) return undefined;
      const how = manner === "at-once" ? "at once" : "step by step";
      say(`${nameOf(shift)}: deployment ${deployment} goes from version ${step.from} to ${shift.version} ${how}`);
      return { deployment, ending: await follow(client, deployment, options) };
    }
  }
}

/** What to say of a deployment that did not get where it was to go. */
async function lost(client: TrafficClient, ending: Exclude<Ending, { end: "succeeded" }>) {
  const answers = await client.alias().catch(() => undefined);
  if (ending.end === "failed") return { outcome: "failed" as const, reason: ending.reason, answers };
  const at = `it was stopped at ${ending.percent} %`;
  if (ending.end === "cancelled") return { outcome: "cancelled" as const, reason: at, answers };
  return { outcome: "failed" as const, reason: `it took too long; ${at}`, answers };
}

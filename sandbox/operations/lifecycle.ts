import type { Address } from "../cloud/cloud.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Behaviour } from "./behaviours.ts";
import type { Session } from "./session.ts";

/** Outputs as the service shows them right after it accepted the request. */
export function firstState(behaviour: Behaviour, outputs: Properties): Properties {
  const { lifecycle } = behaviour;
  return lifecycle === undefined ? outputs : { ...outputs, [lifecycle.property]: lifecycle.states[0] };
}

/**
 * Takes a new resource through its states, each visible to every other process, and returns the outputs of the last one.
 * A real service takes minutes here; what a program can see is the order, not the time.
 */
export function finishLifecycle(
  session: Session,
  behaviour: Behaviour,
  address: Address,
  outputs: Properties,
): Properties {
  const { lifecycle } = behaviour;
  if (lifecycle === undefined) return outputs;
  let current = outputs;
  for (const state of lifecycle.states.slice(1)) {
    current = { ...outputs, [lifecycle.property]: state };
    session.cloud.overwriteOutputs(address, current);
  }
  return current;
}

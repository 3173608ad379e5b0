import type { Invoke, TypeSpec } from "../types/type-spec.ts";

/** A type's table entry as the operations use it; types without one are echoed. */
export interface Behaviour extends TypeSpec {
  echoed: boolean;
}

export interface Behaviours {
  of(type: string): Behaviour;
  invoke(token: string): Invoke | undefined;
}

/** Inputs become outputs under a made-up id, so a program with a type nobody has modelled still runs. */
export function echo(type: string): Behaviour {
  return {
    type,
    echoed: true,
    fidelity: "echoed: inputs become outputs, nothing is checked",
    id: (_inputs, context) => `${context.name}-${context.suffix(8)}`,
  };
}

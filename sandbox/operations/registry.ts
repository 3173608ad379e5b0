import { kubernetesObject } from "../kubernetes/object.ts";
import { invokes, typeSpec } from "../types/index.ts";
import type { TypeSpec } from "../types/type-spec.ts";
import { echo, type Behaviour, type Behaviours } from "./behaviours.ts";

/** Table entries first, then what every Kubernetes object has in common, then the echo. */
export function loadBehaviours(): Behaviours {
  const known = new Map<string, Behaviour>();
  return {
    of(type) {
      let behaviour = known.get(type);
      if (behaviour === undefined) {
        behaviour = behaviourOf(type, typeSpec(type));
        known.set(type, behaviour);
      }
      return behaviour;
    },
    invoke: (token) => invokes[token],
  };
}

export function behaviourOf(type: string, spec: TypeSpec | undefined): Behaviour {
  if (spec !== undefined) return { ...spec, echoed: false };
  return type.startsWith("kubernetes:") ? kubernetesObject(type) : echo(type);
}

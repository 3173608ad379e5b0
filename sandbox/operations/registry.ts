import { existsSync } from "node:fs";

import { kubernetesObject } from "../kubernetes/object.ts";
import type { Invoke, TypeSpec } from "../types/type-spec.ts";
import { echo, type Behaviour, type Behaviours } from "./behaviours.ts";

interface Tables {
  typeSpec: (type: string) => TypeSpec | undefined;
  invokes: Readonly<Record<string, Invoke>>;
}

/** Table entries first, then what every Kubernetes object has in common, then the echo. */
export async function loadBehaviours(): Promise<Behaviours> {
  const { typeSpec, invokes } = await loadTables();
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

async function loadTables(): Promise<Tables> {
  const tables = new URL("../types/index.ts", import.meta.url);
  if (!existsSync(tables)) return { typeSpec: () => undefined, invokes: {} };
  return (await import(tables.href)) as Tables;
}

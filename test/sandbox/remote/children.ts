import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Lab } from "../lab.ts";

interface StateResource {
  urn: string;
  type: string;
  parent?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  provider?: string;
  protect?: boolean;
}

/** Program text that registers a component whose children the provider constructs. */
export const remote = `
class Remote extends pulumi.ComponentResource {
  constructor(type, name, args, outputs, options) {
    super(type, name, { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args }, options, true);
  }
}
`;

/** Everything in the stack's state. */
export function stateOf(lab: Lab, stack = "dev"): StateResource[] {
  const file = join(lab.directory, "state/.pulumi/stacks/lab", `${stack}.json`);
  const state = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: { resources?: StateResource[] } } };
  return state.checkpoint.latest.resources ?? [];
}

export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** `type name < parent` of all resources below the component, sorted. */
export function childrenOf(resources: readonly StateResource[], component: string): string[] {
  const below = new Set(resources.filter(({ type }) => type === component).map(({ urn }) => urn));
  for (const { urn, parent } of resources) if (parent !== undefined && below.has(parent)) below.add(urn);
  return resources
    .filter(({ urn, type }) => below.has(urn) && type !== component)
    .map(({ type, urn, parent = "" }) => `${type} ${nameOf(urn)} < ${nameOf(parent)}`)
    .sort();
}

import type { Subject } from "../../policy/model.ts";
import type { Registered } from "../support/harness.ts";

export const urnOf = (stack: string, type: string, name: string): string =>
  `urn:pulumi:${stack}::slipway::${type}::${name}`;

/** A resource in production, unless it says otherwise. */
export function subject(type: string, props: Record<string, unknown>, more: Partial<Subject> = {}): Subject {
  const { name = "it", stack = "prod" } = more;
  return { urn: urnOf(stack, type, name), type, name, props, protect: false, stack, dependsOn: [], ...more };
}

/** What the program registered, as rules see it. */
export function subjectsOf(stack: string, resources: readonly Registered[]): Subject[] {
  const urn = (label: string) => {
    const [type = "", ...name] = label.split(" ");
    return urnOf(stack, type, name.join(" "));
  };
  return resources.map(({ type, name, inputs, protect, dependsOn }) => ({
    ...{ urn: urnOf(stack, type, name), type, name, props: inputs, protect, stack },
    dependsOn: dependsOn.map(urn),
  }));
}

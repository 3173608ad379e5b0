import * as pulumi from "@pulumi/pulumi";

/** Refuses an argument the way the engine shows it: at the property, with the reason. */
export function refuse(propertyPath: string, reason: string): never {
  throw new pulumi.InputPropertyError({ propertyPath, reason });
}

/**
 * Refuses arguments that the simulation would have to guess at.
 * @throws InputPropertyError naming the first argument outside the list.
 */
export function assertSupported(type: string, inputs: pulumi.Inputs, supported: readonly string[]): void {
  const given = Object.keys(inputs).filter((key) => inputs[key] !== undefined && inputs[key] !== null);
  const stray = given.find((key) => !supported.includes(key));
  if (stray === undefined) return;
  refuse(stray, `the sandbox does not simulate this argument of ${type}; it knows ${supported.join(", ")}`);
}

/** Value of an argument that decides which resources there are, so it has to be plain. */
export function plain<T>(inputs: pulumi.Inputs, property: string): T | undefined {
  const value: unknown = inputs[property];
  if (pulumi.Output.isInstance(value)) refuse(property, "must be a plain value, not an output of another resource");
  return (value ?? undefined) as T | undefined;
}

type Tags = Record<string, string>;

/** Tags of several sources, later ones win; any of them may be an output. */
export function mergeTags(...sources: unknown[]): pulumi.Output<Tags> {
  return pulumi.all(sources as pulumi.Input<Tags | undefined>[]).apply((all) => Object.assign({}, ...all) as Tags);
}

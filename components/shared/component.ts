import * as pulumi from "@pulumi/pulumi";

/**
 * Base of every Slipway component.
 *
 * The engine waits for whatever a component hands to `super`: an Output that one of its own children resolves would
 * deadlock there, and secrets would land in the state. So `super` gets `{}`, decided here once.
 */
export abstract class SlipwayComponent extends pulumi.ComponentResource {
  /** @param kind class name in Pascal case; the type token is `slipway:index:<kind>` and never changes without an alias. */
  protected constructor(kind: string, name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`slipway:index:${kind}`, name, {}, opts);
  }
}

/** Options of a child: its parent, and whatever else applies to it alone. */
export function childOf(
  parent: pulumi.Resource,
  opts: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  return { ...opts, parent };
}

import * as pulumi from "@pulumi/pulumi";

/**
 * Base of every Slipway component.
 *
 * The engine waits for whatever a component hands to `super`: an Output that one of its own children resolves would
 * deadlock there, and secrets would land in the state. So `super` gets `{}`, decided here once.
 */
export abstract class SlipwayComponent extends pulumi.ComponentResource {
  /** What the component depends on; its children do too. */
  readonly after: pulumi.ComponentResourceOptions["dependsOn"];

  /** @param kind class name in Pascal case; the type token is `slipway:index:<kind>` and never changes without an alias. */
  protected constructor(kind: string, name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`slipway:index:${kind}`, name, {}, opts);
    this.after = opts?.dependsOn;
  }
}

/**
 * Options of a child: its parent, and whatever else applies to it alone. Pulumi records the dependencies of a component
 * on the component only, so that its children would be deleted in any order; here they come along.
 */
export function childOf(
  parent: pulumi.Resource,
  opts: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  const own = { ...opts, parent };
  if (!(parent instanceof SlipwayComponent) || parent.after === undefined) return own;
  return pulumi.mergeOptions({ dependsOn: parent.after }, own);
}

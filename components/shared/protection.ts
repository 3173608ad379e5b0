import type * as pulumi from "@pulumi/pulumi";

/** What becomes of stateful resources that leave the program: production keeps them, cheap environments let go. */
export type Removal = "retain" | "destroy";

/**
 * How hard a resource is to get back: `data` holds what nobody can rebuild, `key` opens such data, `network` and
 * `control-plane` can be rebuilt at the price of an outage, `rebuildable` costs nothing.
 */
export type DataClass = "data" | "key" | "control-plane" | "network" | "rebuildable";

const guarded: Readonly<Record<DataClass, boolean>> = {
  data: true,
  key: true,
  "control-plane": true,
  network: true,
  rebuildable: false,
};

/** The one table behind `protect` and `retainOnDelete`. */
export function protectionOf(
  dataClass: DataClass,
  removal: Removal,
): Required<Pick<pulumi.CustomResourceOptions, "protect" | "retainOnDelete">> {
  const keep = removal === "retain" && guarded[dataClass];
  // A VPC or cluster taken out of the program on purpose must be deletable once it is unprotected; data never vanishes.
  return { protect: keep, retainOnDelete: keep && (dataClass === "data" || dataClass === "key") };
}

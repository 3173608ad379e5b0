import * as pulumi from "@pulumi/pulumi";

import { buildCluster } from "./cluster.ts";

const clusterType = "eks:index:Cluster";

/** `Provider.construct` of the stand-in for the eks package: components made of the same children as the real ones. */
export function construct(
  name: string,
  type: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Promise<pulumi.provider.ConstructResult> {
  if (type !== clusterType) {
    return Promise.reject(new Error(`the sandbox does not simulate ${type}; of eks it knows ${clusterType}`));
  }
  const component = new pulumi.ComponentResource(type, name, {}, options);
  return Promise.resolve({ urn: component.urn, state: buildCluster(name, inputs, component) });
}

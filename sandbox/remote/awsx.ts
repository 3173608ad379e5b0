import * as pulumi from "@pulumi/pulumi";

import { buildVpc } from "./vpc.ts";

const vpcType = "awsx:ec2:Vpc";

/** `Provider.construct` of the stand-in for the awsx package: components made of the same children as the real ones. */
export async function construct(
  name: string,
  type: string,
  inputs: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
): Promise<pulumi.provider.ConstructResult> {
  if (type !== vpcType) throw new Error(`the sandbox does not simulate ${type}; of awsx it knows ${vpcType}`);
  const component = new pulumi.ComponentResource(type, name, {}, options);
  return { urn: component.urn, state: await buildVpc(name, inputs, component) };
}

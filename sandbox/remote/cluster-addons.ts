import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

import type { AddonOptions } from "./cluster-args.ts";

/** What the package sets in the VPC CNI's containers when the program says nothing. */
const cniEnvironment = {
  WARM_ENI_TARGET: "1",
  AWS_VPC_K8S_CNI_LOGLEVEL: "DEBUG",
  AWS_VPC_K8S_CNI_LOG_FILE: "/host/var/log/aws-routed-eni/ipamd.log",
  AWS_VPC_K8S_CNI_VETHPREFIX: "eni",
  AWS_VPC_ENI_MTU: "9001",
  AWS_VPC_K8S_PLUGIN_LOG_LEVEL: "DEBUG",
  AWS_VPC_K8S_PLUGIN_LOG_FILE: "/var/log/aws-routed-eni/plugin.log",
  ENABLE_POD_ENI: "false",
  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: "false",
  AWS_VPC_K8S_CNI_EXTERNALSNAT: "false",
};
const cniInitEnvironment = { DISABLE_TCP_EARLY_DEMUX: "false" };

export interface AddonContext {
  cluster: aws.eks.Cluster;
  tags: unknown;
}

/** A managed add-on in the version that suits the cluster, taking over whatever was installed before. */
export function managedAddon(
  resourceName: string,
  addonName: string,
  options: AddonOptions,
  { cluster, tags }: AddonContext,
  resourceOptions: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): aws.eks.Addon {
  const { parent } = resourceOptions;
  const { configurationValues } = options;
  const newest = (): pulumi.Output<string> =>
    aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion: cluster.version, mostRecent: true }, { parent })
      .version;
  const args: aws.eks.AddonArgs = {
    clusterName: cluster.name,
    addonName,
    addonVersion: options.version ?? newest(),
    preserve: true,
    resolveConflictsOnCreate: options.resolveConflictsOnCreate ?? "OVERWRITE",
    resolveConflictsOnUpdate: options.resolveConflictsOnUpdate ?? "OVERWRITE",
    ...(configurationValues === undefined ? {} : { configurationValues: sortedJson(configurationValues) }),
    ...(tags === undefined ? {} : { tags: tags as pulumi.Input<Record<string, string>> }),
  };
  return new aws.eks.Addon(resourceName, args, resourceOptions);
}

/** `eks:index:VpcCniAddon`: the component around the VPC CNI add-on. */
export function vpcCniAddon(
  name: string,
  options: AddonOptions & { enableNetworkPolicy?: pulumi.Input<boolean> },
  context: AddonContext,
  resourceOptions: pulumi.ComponentResourceOptions,
): aws.eks.Addon {
  const component = new pulumi.ComponentResource("eks:index:VpcCniAddon", name, {}, resourceOptions);
  const configurationValues = pulumi
    .all([options.configurationValues, options.enableNetworkPolicy])
    .apply(([values, policy]) => cniConfiguration(values, policy));
  return managedAddon(name, "vpc-cni", { ...options, configurationValues }, context, { parent: component });
}

/** The program's own values over the package's. */
function cniConfiguration(
  values: Record<string, unknown> | undefined,
  policy: boolean | undefined,
): Record<string, unknown> {
  const init = values?.["init"] as { env?: object } | undefined;
  return {
    ...(policy === undefined ? {} : { enableNetworkPolicy: String(policy) }),
    ...values,
    env: { ...cniEnvironment, ...(values?.["env"] as object | undefined) },
    init: { ...init, env: { ...cniInitEnvironment, ...init?.env } },
  };
}

/** JSON with sorted keys, so that the order in which a program writes them down is no change. */
function sortedJson(values: pulumi.Input<Record<string, unknown>>): pulumi.Output<string> {
  const sorted = (_key: string, value: unknown): unknown => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
  };
  return pulumi.jsonStringify(values, sorted);
}

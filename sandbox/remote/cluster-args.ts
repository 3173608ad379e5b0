import type * as pulumi from "@pulumi/pulumi";

import { assertSupported, plain, refuse } from "./supported.ts";

export interface AddonOptions {
  enabled?: boolean;
  version?: pulumi.Input<string>;
  resolveConflictsOnCreate?: pulumi.Input<string>;
  resolveConflictsOnUpdate?: pulumi.Input<string>;
  configurationValues?: pulumi.Input<Record<string, unknown>>;
}

export interface AccessEntry {
  principalArn: pulumi.Input<string>;
  username?: pulumi.Input<string>;
  kubernetesGroups?: pulumi.Input<string[]>;
  type?: pulumi.Input<string>;
  tags?: pulumi.Input<Record<string, string>>;
  accessPolicies?: Record<
    string,
    pulumi.Input<{ policyArn: string; accessScope: { type: string; namespaces?: string[] } }>
  >;
}

/** Arguments of `eks.Cluster` that decide which resources there are. */
export interface ClusterPlan {
  authenticationMode: "API" | "API_AND_CONFIG_MAP";
  autoMode: boolean;
  createNodeRole: boolean;
  computeConfig: pulumi.Input<Record<string, unknown>> | undefined;
  defaultSecurityGroups: boolean;
  kubeProxy: AddonOptions | undefined;
  coredns: AddonOptions | undefined;
  vpcCni: AddonOptions | undefined;
  oidcProvider: boolean;
  accessEntries: Readonly<Record<string, AccessEntry>>;
}

const supported = [
  "accessEntries",
  "authenticationMode",
  "autoMode",
  "bootstrapSelfManagedAddons",
  "clusterSecurityGroupTags",
  "clusterTags",
  "corednsAddonOptions",
  "createOidcProvider",
  "deletionProtection",
  "enabledClusterLogTypes",
  "encryptionConfigKeyArn",
  "endpointPrivateAccess",
  "endpointPublicAccess",
  "ipFamily",
  "kubeProxyAddonOptions",
  "kubernetesServiceIpAddressRange",
  "name",
  "nodeSecurityGroupTags",
  "privateSubnetIds",
  "providerCredentialOpts",
  "publicAccessCidrs",
  "publicSubnetIds",
  "skipDefaultNodeGroup",
  "skipDefaultSecurityGroups",
  "subnetIds",
  "tags",
  "upgradePolicy",
  "useDefaultVpcCni",
  "version",
  "vpcCniOptions",
  "vpcId",
];

/** Settings of the VPC CNI that go into its configuration and would have to be spelled out one by one. */
const cniOptions = [
  "addonVersion",
  "configurationValues",
  "resolveConflictsOnCreate",
  "resolveConflictsOnUpdate",
  "serviceAccountRoleArn",
  "enableNetworkPolicy",
];

/**
 * Reads the arguments.
 * @throws InputPropertyError for what the sandbox does not simulate and for what the package refuses itself.
 */
export function readClusterArgs(inputs: pulumi.Inputs): ClusterPlan {
  assertSupported("eks.Cluster", inputs, supported);
  const auto = plain<{ enabled?: boolean; createNodeRole?: boolean; computeConfig?: ClusterPlan["computeConfig"] }>(
    inputs,
    "autoMode",
  );
  const autoMode = auto?.enabled === true;
  assertNetwork(inputs);
  assertNodes(inputs, autoMode);
  const skipGroups = plain<boolean>(inputs, "skipDefaultSecurityGroups") ?? autoMode;
  const ownCni = plain<boolean>(inputs, "useDefaultVpcCni");
  return {
    authenticationMode: authenticationMode(inputs),
    autoMode,
    createNodeRole: autoMode && auto?.createNodeRole !== false,
    computeConfig: auto?.computeConfig,
    defaultSecurityGroups: !skipGroups,
    kubeProxy: optional(plain<AddonOptions>(inputs, "kubeProxyAddonOptions"), !autoMode),
    coredns: corednsOptions(plain<AddonOptions>(inputs, "corednsAddonOptions"), autoMode),
    vpcCni: (ownCni === undefined ? !autoMode : !ownCni) ? cniAddon(inputs) : undefined,
    oidcProvider: plain<boolean>(inputs, "createOidcProvider") === true,
    accessEntries: plain<Record<string, AccessEntry>>(inputs, "accessEntries") ?? {},
  };
}

function authenticationMode(inputs: pulumi.Inputs): ClusterPlan["authenticationMode"] {
  const mode = plain<string>(inputs, "authenticationMode");
  if (mode === "API" || mode === "API_AND_CONFIG_MAP") {
    if (mode === "API") return mode;
    return refuse(
      "authenticationMode",
      "the sandbox does not simulate the aws-auth map that API_AND_CONFIG_MAP brings along; use API",
    );
  }
  return refuse(
    "authenticationMode",
    `the sandbox simulates "API" only, not ${JSON.stringify(mode) ?? "the default CONFIG_MAP"}`,
  );
}

function assertNetwork(inputs: pulumi.Inputs): void {
  if (inputs["vpcId"] === undefined) refuse("vpcId", "accounts of the sandbox have no default VPC to fall back to");
  const split = inputs["publicSubnetIds"] !== undefined || inputs["privateSubnetIds"] !== undefined;
  if (inputs["subnetIds"] !== undefined && split) {
    refuse("subnetIds", "excludes publicSubnetIds and privateSubnetIds");
  }
}

function assertNodes(inputs: pulumi.Inputs, autoMode: boolean): void {
  if (autoMode || plain<boolean>(inputs, "skipDefaultNodeGroup") === true) return;
  const reason = "the sandbox does not simulate the default node group; set it to true and add node groups of your own";
  refuse("skipDefaultNodeGroup", reason);
}

function optional(options: AddonOptions | undefined, fallback: boolean): AddonOptions | undefined {
  return (options?.enabled ?? fallback) ? (options ?? {}) : undefined;
}

/** Without default nodes there is nothing for coredns to run on, so it comes only on demand or with Auto Mode. */
function corednsOptions(options: AddonOptions | undefined, autoMode: boolean): AddonOptions | undefined {
  const demanded = options?.enabled === true || options?.configurationValues !== undefined;
  return demanded || (autoMode && (options?.enabled ?? true)) ? (options ?? {}) : undefined;
}

function cniAddon(inputs: pulumi.Inputs): AddonOptions {
  const options = plain<pulumi.Inputs>(inputs, "vpcCniOptions") ?? {};
  const stray = Object.keys(options).find((key) => !cniOptions.includes(key) && options[key] !== undefined);
  if (stray !== undefined) {
    refuse(`vpcCniOptions.${stray}`, `the sandbox does not simulate this option; it knows ${cniOptions.join(", ")}`);
  }
  return { ...options, version: options["addonVersion"] as pulumi.Input<string> };
}

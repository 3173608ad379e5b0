import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { managedAddon, vpcCniAddon } from "./cluster-addons.ts";
import { readClusterArgs, type ClusterPlan } from "./cluster-args.ts";
import { clusterSecurityGroup, nodeSecurityGroup, type NodeSecurity } from "./cluster-security.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { kubeconfigOf, type Credentials } from "./kubeconfig.ts";

/** Root of the certificate chain of EKS issuers; the package asks the network for it, IAM no longer looks at it. */
const issuerThumbprint = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280";

interface Parts extends ControlPlane {
  group: aws.ec2.SecurityGroup | undefined;
  nodes: NodeSecurity | undefined;
  provider: kubernetes.Provider;
  kubeconfig: pulumi.Output<object>;
  oidcProvider: aws.iam.OpenIdConnectProvider | undefined;
  vpcCni: aws.eks.Addon | undefined;
}

/** Registers what `eks:index:Cluster` consists of and returns the component's outputs. */
export function buildCluster(name: string, inputs: pulumi.Inputs, parent: pulumi.ComponentResource): pulumi.Inputs {
  const plan = readClusterArgs(inputs);
  const group = plan.defaultSecurityGroups ? clusterSecurityGroup(name, inputs, parent) : undefined;
  const plane = controlPlane(name, inputs, plan, group, parent);
  const { cluster } = plane;
  const kubeconfig = kubeconfigFor(cluster, inputs["providerCredentialOpts"], true);
  const provider = new kubernetes.Provider(
    `${name}-eks-k8s`,
    { kubeconfig: kubeconfig.apply((config) => JSON.stringify(config)) },
    { parent },
  );
  const entries = addAccessEntries(name, plan, cluster, parent);
  const vpcCni = addAddons(name, inputs, plan, cluster, parent, provider, entries);
  const nodes = group === undefined ? undefined : nodeSecurityGroup(name, inputs, cluster, group, parent);
  const oidcProvider = plan.oidcProvider ? oidcProviderOf(name, cluster, parent) : undefined;
  const shown = kubeconfigFor(cluster, inputs["providerCredentialOpts"], false);
  return outputsOf({ ...plane, group, nodes, provider, kubeconfig: shown, oidcProvider, vpcCni }, inputs, plan);
}

/** With the profile for the package's own provider, without it for people, who have profiles of their own. */
function kubeconfigFor(cluster: aws.eks.Cluster, credentials: unknown, withProfile: boolean): pulumi.Output<object> {
  const options = pulumi.output(credentials as pulumi.Input<Credentials | undefined>);
  return pulumi
    .all([cluster.name, cluster.endpoint, cluster.certificateAuthority, cluster.arn, options])
    .apply(([clusterName, endpoint, authority, arn, chosen]) => {
      const connection = {
        clusterName,
        endpoint,
        certificateAuthority: authority.data,
        region: arn.split(":")[3] ?? "",
      };
      return kubeconfigOf(connection, { ...chosen, ...(withProfile ? {} : { profileName: undefined }) });
    });
}

function addAccessEntries(
  name: string,
  plan: ClusterPlan,
  cluster: aws.eks.Cluster,
  parent: pulumi.ComponentResource,
): aws.eks.AccessEntry[] {
  return Object.entries(plan.accessEntries).map(([key, { accessPolicies = {}, username, ...rest }]) => {
    const args = { ...rest, clusterName: cluster.name, ...(username === undefined ? {} : { userName: username }) };
    const entry = new aws.eks.AccessEntry(`${name}-${key}`, args, { parent, dependsOn: [cluster] });
    for (const [policy, association] of Object.entries(accessPolicies)) {
      const { accessScope, policyArn } = pulumi.output(association);
      const { principalArn } = rest;
      new aws.eks.AccessPolicyAssociation(
        `${name}-${key}-${policy}`,
        { clusterName: cluster.name, principalArn, accessScope, policyArn },
        { parent: entry, dependsOn: [entry] },
      );
    }
    return entry;
  });
}

function addAddons(
  name: string,
  inputs: pulumi.Inputs,
  plan: ClusterPlan,
  cluster: aws.eks.Cluster,
  parent: pulumi.ComponentResource,
  provider: kubernetes.Provider,
  dependsOn: pulumi.Resource[],
): aws.eks.Addon | undefined {
  const context = { cluster, tags: inputs["tags"] as unknown };
  const { kubeProxy, coredns, vpcCni } = plan;
  if (kubeProxy !== undefined) managedAddon(`${name}-kube-proxy`, "kube-proxy", kubeProxy, context, { parent });
  if (coredns !== undefined) managedAddon(`${name}-coredns`, "coredns", coredns, context, { parent });
  if (vpcCni === undefined) return undefined;
  return vpcCniAddon(`${name}-vpc-cni`, vpcCni, context, { parent, dependsOn, providers: { kubernetes: provider } });
}

function oidcProviderOf(
  name: string,
  cluster: aws.eks.Cluster,
  parent: pulumi.ComponentResource,
): aws.iam.OpenIdConnectProvider {
  return new aws.iam.OpenIdConnectProvider(
    `${name}-oidcProvider`,
    { clientIdLists: ["sts.amazonaws.com"], url: issuerOf(cluster), thumbprintLists: [issuerThumbprint] },
    { parent },
  );
}

function issuerOf(cluster: aws.eks.Cluster): pulumi.Output<string> {
  return cluster.identities.apply((identities) => identities[0]?.oidcs?.[0]?.issuer ?? "");
}

function outputsOf(parts: Parts, inputs: pulumi.Inputs, plan: ClusterPlan): pulumi.Inputs {
  const { cluster, group, nodes, kubeconfig, oidcProvider, nodeRole } = parts;
  const ownGroup = cluster.vpcConfig.apply((network) => network.clusterSecurityGroupId);
  const issuer = issuerOf(cluster);
  return {
    eksCluster: cluster,
    core: coreOf(parts, inputs, plan),
    kubeconfig,
    kubeconfigJson: kubeconfig.apply((config) => JSON.stringify(config)),
    clusterSecurityGroup: group,
    clusterSecurityGroupId: group?.id ?? ownGroup,
    nodeSecurityGroup: nodes?.group,
    nodeSecurityGroupId: nodes?.group.id ?? ownGroup,
    eksClusterIngressRule: nodes?.clusterIngressRule,
    clusterIngressRuleId: nodes?.clusterIngressRule.securityGroupRuleId ?? "",
    instanceRoles: [],
    defaultNodeGroupAsgName: "",
    fargateProfileId: "",
    fargateProfileStatus: "",
    oidcProviderArn: oidcProvider?.arn ?? "",
    oidcProviderUrl: issuer,
    oidcIssuer: issuer.apply((url) => url.replace("https://", "")),
    autoModeNodeRoleName: nodeRole?.role.name ?? "",
  };
}

function coreOf(parts: Parts, inputs: pulumi.Inputs, plan: ClusterPlan): pulumi.Inputs {
  const { cluster, role, group, provider, kubeconfig, subnetIds, oidcProvider } = parts;
  const { vpcId, publicSubnetIds, privateSubnetIds, tags, nodeSecurityGroupTags, version } = inputs as Record<
    string,
    unknown
  >;
  return {
    cluster,
    clusterIamRole: role.role,
    clusterSecurityGroup: group,
    endpoint: cluster.endpoint,
    kubeconfig,
    provider,
    ...{ vpcId, subnetIds, publicSubnetIds, privateSubnetIds, tags, nodeSecurityGroupTags },
    instanceRoles: [],
    nodeGroupOptions: { version },
    storageClasses: {},
    accessEntries: Object.values(plan.accessEntries).map(({ accessPolicies: _policies, ...entry }) => entry),
    oidcProvider,
    encryptionConfig: inputs["encryptionConfigKeyArn"] === undefined ? undefined : cluster.encryptionConfig,
  };
}

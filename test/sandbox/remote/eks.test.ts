import assert from "node:assert/strict";

import { openLab, type Lab, type Run } from "../lab.ts";
import { childrenOf, nameOf, remote, stateOf } from "./children.ts";

const outputs = `["kubeconfig", "kubeconfigJson", "eksCluster", "clusterSecurityGroupId", "nodeSecurityGroupId", "clusterIngressRuleId",
  "oidcProviderArn", "oidcProviderUrl", "oidcIssuer", "core", "autoModeNodeRoleName", "instanceRoles"]`;
const cluster = (args: string) => `${remote}
const p = aws("p", "111111111111");
const vpc = thing("aws:ec2/vpc:Vpc", "vpc", { cidrBlock: "10.0.0.0/16" }, [], { provider: p });
const subnetIds = ["a", "b"].map((zone, index) => thing("aws:ec2/subnet:Subnet", zone,
  { vpcId: vpc.id, cidrBlock: \`10.0.\${index}.0/24\`, availabilityZone: \`eu-west-1\${zone}\` }, [], { provider: p }).id);
const eks = new Remote("eks:index:Cluster", "main", { vpcId: vpc.id, subnetIds, name: "slipway", ${args} }, ${outputs}, { providers: { aws: p } });
return { kubeconfigJson: eks.kubeconfigJson, groups: [eks.clusterSecurityGroupId, eks.nodeSecurityGroupId], rule: eks.clusterIngressRuleId,
  url: eks.oidcProviderUrl, issuer: eks.oidcIssuer, oidcArn: eks.oidcProviderArn, endpoint: eks.core.apply((core) => core.endpoint),
  nodeRole: eks.autoModeNodeRoleName };`;

const lean = `authenticationMode: "API", skipDefaultNodeGroup: true, skipDefaultSecurityGroups: true, useDefaultVpcCni: true,
  corednsAddonOptions: { enabled: false }, kubeProxyAddonOptions: { enabled: false }, bootstrapSelfManagedAddons: false,
  endpointPrivateAccess: true, endpointPublicAccess: false, version: "1.35", enabledClusterLogTypes: ["api", "audit"],
  providerCredentialOpts: { roleArn: "arn:aws:iam::111111111111:role/client", profileName: "ml" }, tags: { team: "ml" }`;
const full = `authenticationMode: "API", skipDefaultNodeGroup: true, createOidcProvider: true, version: "1.35",
  corednsAddonOptions: { enabled: true },
  accessEntries: { admin: { principalArn: "arn:aws:iam::111111111111:role/admin",
    accessPolicies: { all: { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", accessScope: { type: "cluster" } } } } }`;

const attachment = (owner: string, hash: string) =>
  `aws:iam/rolePolicyAttachment:RolePolicyAttachment ${owner}-${hash} < ${owner}`;
const base = [
  "aws:eks/cluster:Cluster main-eksCluster < main",
  "aws:iam/role:Role main-eksRole-role < main-eksRole",
  attachment("main-eksRole", "4b490823"),
  "eks:index:ServiceRole main-eksRole < main",
  "pulumi:providers:kubernetes main-eks-k8s < main",
];

describe("eks.Cluster in the sandbox", function () {
  this.timeout(180_000);
  let lab: Lab;
  let first: Run;

  before(async () => {
    lab = await openLab();
    lab.program(cluster(lean));
    first = await lab.up();
  });
  after(() => lab.close());

  it("registers the control plane alone when the rest is declined", () => {
    assert.equal(first.code, 0, first.text);
    assert.deepEqual(childrenOf(stateOf(lab), "eks:index:Cluster"), base);
  });

  it("hands the arguments to the cluster as the package does", () => {
    const inputs = stateOf(lab).find(({ type }) => type === "aws:eks/cluster:Cluster")?.inputs ?? {};
    assert.deepEqual(inputs["accessConfig"], {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: true,
    });
    assert.equal(inputs["bootstrapSelfManagedAddons"], false);
    assert.deepEqual(inputs["tags"], { Name: "main-eksCluster", team: "ml" });
    assert.deepEqual(inputs["enabledClusterLogTypes"], ["api", "audit"]);
    const network = inputs["vpcConfig"] as Record<string, unknown>;
    assert.equal(network["endpointPublicAccess"], false);
    assert.equal((network["subnetIds"] as string[]).length, 2);
  });

  it("returns a kubeconfig that names the cluster and the role, but not the caller's profile", () => {
    const config = JSON.parse(String(first.outputs["kubeconfigJson"])) as {
      clusters: { cluster: { server: string } }[];
      users: { user: { exec: { args: string[] } } }[];
    };
    assert.equal(config.clusters[0]?.cluster.server, first.outputs["endpoint"]);
    assert.match(String(first.outputs["endpoint"]), /^https:\/\/[0-9A-F]{32}\.gr7\.eu-west-1\.eks\.amazonaws\.com$/);
    const args = config.users[0]?.user.exec.args ?? [];
    assert.deepEqual(args.slice(args.indexOf("--cluster-name"), args.indexOf("--cluster-name") + 2), [
      "--cluster-name",
      "slipway",
    ]);
    assert.deepEqual(args.slice(-2), ["--role", "arn:aws:iam::111111111111:role/client"]);
    const own = stateOf(lab).find(({ type }) => type === "pulumi:providers:kubernetes")?.inputs ?? {};
    assert.match(JSON.stringify(own), /--profile/);
  });

  it("returns the service's own security group and issuer", () => {
    const { groups, url, issuer, oidcArn, rule } = first.outputs;
    assert.equal(new Set(groups as string[]).size, 1);
    assert.match(String((groups as string[])[0]), /^sg-0/);
    assert.equal(`https://${String(issuer)}`, url);
    assert.equal(oidcArn, "");
    assert.equal(rule, "");
  });

  it("changes nothing the second time", async () => {
    const second = await lab.up();
    assert.deepEqual(second.changes, [], second.text);
  });

  it("adds groups, rules, add-ons, entries and issuer when they are wanted", async () => {
    lab.program(cluster(full));
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    const rules = [
      "eksClusterIngressRule",
      "eksClusterInternetEgressRule",
      "eksExtApiServerClusterIngressRule",
      "eksNodeClusterIngressRule",
      "eksNodeIngressRule",
      "eksNodeInternetEgressRule",
    ];
    const expected = [
      ...base,
      "aws:ec2/securityGroup:SecurityGroup main-eksClusterSecurityGroup < main",
      "aws:ec2/securityGroup:SecurityGroup main-nodeSecurityGroup < main",
      ...rules.map((rule) => `aws:ec2/securityGroupRule:SecurityGroupRule main-${rule} < main`),
      "aws:eks/accessEntry:AccessEntry main-admin < main",
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation main-admin-all < main-admin",
      "aws:eks/addon:Addon main-coredns < main",
      "aws:eks/addon:Addon main-kube-proxy < main",
      "aws:eks/addon:Addon main-vpc-cni < main-vpc-cni",
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider main-oidcProvider < main",
      "eks:index:VpcCniAddon main-vpc-cni < main",
    ];
    assert.deepEqual(childrenOf(stateOf(lab), "eks:index:Cluster"), expected.sort());
    assert.match(String(run.outputs["oidcArn"]), /^arn:aws:iam::111111111111:oidc-provider\/oidc\.eks\.eu-west-1/);
  });

  it("builds Auto Mode with its node role and without add-ons", async () => {
    lab.program(
      cluster(
        `authenticationMode: "API", autoMode: { enabled: true }, version: "1.35", name: "auto", corednsAddonOptions: { enabled: false }`,
      ),
    );
    const run = await lab.up();
    assert.equal(run.code, 0, run.text);
    const children = childrenOf(stateOf(lab), "eks:index:Cluster");
    const attached = children.filter((child) => child.includes(" main-eksRole-") && child.includes("Attachment"));
    assert.equal(attached.length, 5);
    assert.ok(children.includes("aws:iam/role:Role main-nodeRole-role < main-nodeRole"));
    assert.deepEqual(
      children.filter((child) => child.startsWith("aws:eks/addon")),
      [],
    );
    const role = stateOf(lab).find(
      ({ urn, type }) => type === "aws:iam/role:Role" && nameOf(urn) === "main-nodeRole-role",
    );
    assert.equal(run.outputs["nodeRole"], role?.outputs?.["name"]);
  });

  it("refuses what it does not simulate, naming the argument", async () => {
    const refused: [args: string, expected: RegExp][] = [
      [`authenticationMode: "API"`, /skipDefaultNodeGroup/],
      [`skipDefaultNodeGroup: true`, /authenticationMode/],
      [`authenticationMode: "API", skipDefaultNodeGroup: true, fargate: true`, /fargate/],
    ];
    for (const [args, expected] of refused) {
      lab.program(cluster(args));
      const run = await lab.run("preview");
      assert.notEqual(run.code, 0, args);
      assert.match(run.text, expected);
      assert.match(run.text, /the sandbox (does not simulate|simulates)/);
    }
  });

  it("destroys everything in an order that AWS accepts", async () => {
    const run = await lab.run("destroy", "--yes", "--skip-preview");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(lab.resources(), []);
  });
});

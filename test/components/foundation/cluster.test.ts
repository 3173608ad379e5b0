import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Cluster, type ClusterArgs } from "../../../components/foundation/cluster.ts";
import { clusterArgs, connectionOf, validateCluster } from "../../../components/foundation/cluster-args.ts";
import { PodIdentity } from "../../../components/foundation/pod-identity.ts";
import { policyOf, promised, run } from "../../support/harness.ts";
import { kubeconfigOf } from "../../support/remote-components.ts";

const args: ClusterArgs = {
  clusterName: "slipway-prod",
  account: "444444444444",
  region: "us-east-1",
  version: "1.35",
  vpcId: "vpc-1",
  privateSubnetIds: ["private-1"],
  publicSubnetIds: ["public-1"],
  endpoint: { public: false, cidrs: [] },
  keyArn: "arn:key",
  logTypes: ["audit"],
  logRetentionDays: 90,
  deletionProtection: true,
  administrators: ["arn:aws:iam::444444444444:role/slipway-deploy"],
  nodes: { capacity: "ON_DEMAND", instanceTypes: ["m7i.large"], min: 1, desired: 2, max: 3 },
};

describe("components/foundation/Cluster", () => {
  it("makes control plane, access, add-ons and nodes", async () => {
    const { list } = await run(() => void new Cluster("cluster", args));
    assert.deepEqual(list(), [
      "aws:cloudwatch/logGroup:LogGroup cluster-logs",
      "aws:ec2/launchTemplate:LaunchTemplate cluster-nodes-template",
      "aws:eks/accessEntry:AccessEntry cluster-slipway-deploy",
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-slipway-deploy-admin",
      "aws:eks/addon:Addon cluster-coredns",
      "aws:eks/addon:Addon cluster-eks-pod-identity-agent",
      "aws:eks/addon:Addon cluster-kube-proxy",
      "aws:eks/addon:Addon cluster-vpc-cni",
      "aws:eks/nodeGroup:NodeGroup cluster-nodes-group",
      "aws:eks/podIdentityAssociation:PodIdentityAssociation cluster-vpc-cni-identity-association",
      "aws:iam/role:Role cluster-nodes-role",
      "aws:iam/role:Role cluster-vpc-cni-identity-role",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-nodes-AmazonEC2ContainerRegistryPullOnly",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-vpc-cni-identity-cni",
      "eks:index:Cluster cluster",
      "slipway:index:Cluster cluster",
      "slipway:index:NodeGroup cluster-nodes",
      "slipway:index:PodIdentity cluster-vpc-cni-identity",
    ]);
  });

  it("asks eks for a private, encrypted, logged control plane and nothing else", async () => {
    const { get } = await run(() => void new Cluster("cluster", args));
    const cluster = get("eks:index:Cluster", "cluster");
    const { corednsAddonOptions, kubeProxyAddonOptions, ...inputs } = cluster.inputs;
    assert.deepEqual(inputs, {
      name: "slipway-prod",
      version: "1.35",
      vpcId: "vpc-1",
      privateSubnetIds: ["private-1"],
      publicSubnetIds: ["public-1"],
      authenticationMode: "API",
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
      encryptionConfigKeyArn: "arn:key",
      enabledClusterLogTypes: ["audit"],
      deletionProtection: true,
      upgradePolicy: { supportType: "STANDARD" },
      skipDefaultNodeGroup: true,
      skipDefaultSecurityGroups: true,
      createOidcProvider: false,
      bootstrapSelfManagedAddons: false,
      useDefaultVpcCni: true,
    });
    for (const addon of [corednsAddonOptions, kubeProxyAddonOptions]) {
      assert.equal((addon as { enabled: boolean }).enabled, false);
    }
    assert.equal(cluster.transforms, 1);
    assert.deepEqual(
      get("aws:cloudwatch/logGroup:LogGroup", "cluster-logs").inputs.name,
      "/aws/eks/slipway-prod/cluster",
    );
    assert.ok(cluster.dependsOn.includes("aws:cloudwatch/logGroup:LogGroup cluster-logs"));
  });

  it("runs nodes whose metadata needs a session token and whose disks are encrypted", async () => {
    const { get } = await run(() => void new Cluster("cluster", args));
    const { metadataOptions, blockDeviceMappings } = get(
      "aws:ec2/launchTemplate:LaunchTemplate",
      "cluster-nodes-template",
    ).inputs;
    assert.deepEqual(metadataOptions, { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 });
    assert.deepEqual(
      (blockDeviceMappings as { ebs: { encrypted: string } }[]).map(({ ebs }) => ebs.encrypted),
      ["true"],
    );
    const group = get("aws:eks/nodeGroup:NodeGroup", "cluster-nodes-group");
    assert.deepEqual(group.inputs.subnetIds, ["private-1"]);
    assert.deepEqual(group.ignoreChanges, ["scalingConfig.desiredSize"]);
    assert.ok(group.dependsOn.includes("aws:eks/addon:Addon cluster-vpc-cni"), "nodes join only a working network");
  });

  it("starts coredns once there are nodes to run it", async () => {
    const { get } = await run(() => void new Cluster("cluster", args));
    const { dependsOn } = get("aws:eks/addon:Addon", "cluster-coredns");
    assert.ok(dependsOn.includes("aws:eks/nodeGroup:NodeGroup cluster-nodes-group"));
  });

  it("tells endpoint and certificate authority from the kubeconfig, and neither is a secret", async () => {
    const cluster: Cluster[] = [];
    await run(() => void cluster.push(new Cluster("cluster", args)));
    assert.equal(await promised(cluster[0]!.endpoint), "https://slipway-prod.eks.test");
    assert.equal(await promised(cluster[0]!.certificateAuthority), "Y2VydGlmaWNhdGU=");
  });

  it("opens the endpoint to exactly the blocks named", () => {
    const open = clusterArgs({
      ...args,
      endpoint: { public: true, cidrs: ["203.0.113.0/24"] },
      clientRoleArn: "arn:r",
    });
    assert.equal(open.endpointPublicAccess, true);
    assert.deepEqual(open.publicAccessCidrs, ["203.0.113.0/24"]);
    assert.deepEqual(open.providerCredentialOpts, { roleArn: "arn:r" });
  });

  it("finds every problem of its arguments", () => {
    const wrong = { ...args, administrators: [], endpoint: { public: true, cidrs: [] } };
    assert.deepEqual(validateCluster(wrong), [
      "`administrators`: got [], expected at least one role ARN. Nobody else is let in: the creator gets no rights.",
      "`endpoint.cidrs`: got [], expected the blocks that may reach the public endpoint. Name them.",
    ]);
    assert.deepEqual(validateCluster({ ...args, endpoint: { public: true, cidrs: ["0.0.0.0/0"] } }), [
      '`endpoint.cidrs`: got ["0.0.0.0/0"], expected blocks that are not the whole internet. Name your own.',
    ]);
  });

  it("reads a kubeconfig and refuses one without a cluster", () => {
    assert.deepEqual(connectionOf(kubeconfigOf("c")), {
      endpoint: "https://c.eks.test",
      certificateAuthority: "Y2VydGlmaWNhdGU=",
    });
    assert.throws(() => connectionOf('{"clusters":[]}'), /names no cluster/);
  });
});

describe("components/foundation/PodIdentity", () => {
  const identity = { account: "222222222222", clusterName: "c", namespace: "services", serviceAccount: "api" };

  it("gives one service account a role of its own", async () => {
    const statements = [{ sid: "Read", actions: ["s3:GetObject"], resources: ["arn:aws:s3:::b/*"] }];
    const { list, get } = await run(() => void new PodIdentity("p", { ...identity, statements }));
    assert.deepEqual(list(), [
      "aws:eks/podIdentityAssociation:PodIdentityAssociation p-association",
      "aws:iam/role:Role p-role",
      "aws:iam/rolePolicy:RolePolicy p-policy",
      "slipway:index:PodIdentity p",
    ]);
    assert.deepEqual(policyOf(get("aws:iam/role:Role", "p-role"), "assumeRolePolicy").Statement, [
      {
        Sid: "AssumedByPods",
        Effect: "Allow",
        Principal: { Service: ["pods.eks.amazonaws.com"] },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: { StringEquals: { "aws:SourceAccount": "222222222222" } },
      },
    ]);
    assert.deepEqual(get("aws:eks/podIdentityAssociation:PodIdentityAssociation", "p-association").inputs, {
      clusterName: "c",
      namespace: "services",
      serviceAccount: "api",
      roleArn: "arn:aws:iam::111111111111:role/p-role",
    });
  });

  it("makes no policy where there is nothing to allow", async () => {
    const { ofType } = await run(() => void new PodIdentity("p", identity));
    assert.equal(ofType("aws:iam/rolePolicy:RolePolicy").length, 0);
  });
});

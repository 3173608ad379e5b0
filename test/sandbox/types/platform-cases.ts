import type { InputCases } from "./input-cases.ts";

const unknown = Symbol.for("slipway:unknown");
const clusterArgs = { name: "main", roleArn: "arn", vpcConfig: { subnetIds: ["a", "b"] } };
const application = {
  metadata: { name: "api", namespace: "argocd" },
  spec: {
    project: "services",
    source: { repoURL: "https://example.com/x.git", path: "services", kustomize: { images: ["api=r@sha256:1"] } },
    destination: { server: "https://kubernetes.default.svc" },
  },
};
const labels = { app: "api" };
const deployment = {
  metadata: { name: "api" },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
};

/** Networks, clusters, objects in them, and GitHub. */
export const platformCases: Readonly<Record<string, InputCases>> = {
  "aws:ec2/vpc:Vpc": {
    valid: [{ cidrBlock: "10.0.0.0/16" }],
    invalid: [
      ["cidrBlock", { cidrBlock: "10.0.0.0/8" }],
      ["cidrBlock", { cidrBlock: "10.0.0/16" }],
    ],
  },
  "aws:ec2/subnet:Subnet": {
    valid: [{ vpcId: "v", cidrBlock: "10.0.0.0/24", availabilityZone: "eu-west-1a" }],
    invalid: [
      ["availabilityZone", { vpcId: "v", cidrBlock: "10.0.0.0/24", availabilityZone: "us-east-1a" }],
      ["vpcId", {}],
    ],
  },
  "aws:ec2/route:Route": {
    valid: [{ routeTableId: "r", destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw" }],
    invalid: [
      ["gatewayId", { routeTableId: "r", destinationCidrBlock: "0.0.0.0/0" }],
      ["gatewayId", { routeTableId: "r", destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw", natGatewayId: "nat" }],
    ],
  },
  "aws:ec2/natGateway:NatGateway": {
    valid: [
      { subnetId: "s", allocationId: "a" },
      { subnetId: "s", connectivityType: "private" },
    ],
    invalid: [["allocationId", { subnetId: "s" }]],
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    valid: [{ securityGroupId: "sg", ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "10.0.0.0/16" }],
    invalid: [
      ["cidrIpv4", { securityGroupId: "sg", ipProtocol: "tcp", fromPort: 443, toPort: 443 }],
      ["fromPort", { securityGroupId: "sg", ipProtocol: "tcp", fromPort: 444, toPort: 443, cidrIpv4: "10.0.0.0/16" }],
    ],
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    valid: [{ vpcId: "v", serviceName: "com.amazonaws.eu-west-1.s3", routeTableIds: ["r"] }],
    invalid: [["subnetIds", { vpcId: "v", serviceName: "com.amazonaws.eu-west-1.s3", subnetIds: ["s"] }]],
  },
  "aws:ec2/flowLog:FlowLog": {
    valid: [{ vpcId: "v", trafficType: "ALL", logDestination: "arn", iamRoleArn: "arn", maxAggregationInterval: 60 }],
    invalid: [
      ["vpcId", { trafficType: "ALL", logDestination: "arn", iamRoleArn: "arn" }],
      ["iamRoleArn", { vpcId: "v", logDestination: "arn" }],
    ],
  },
  "aws:eks/cluster:Cluster": {
    valid: [clusterArgs, { ...clusterArgs, vpcConfig: unknown, version: "1.35" }],
    invalid: [
      ["name", { ...clusterArgs, name: "-main" }],
      ["version", { ...clusterArgs, version: "1.20" }],
      ["vpcConfig", { ...clusterArgs, vpcConfig: { subnetIds: ["a"] } }],
      ["vpcConfig", { ...clusterArgs, vpcConfig: { subnetIds: ["a", "b"], endpointPublicAccess: false } }],
      ["computeConfig", { ...clusterArgs, computeConfig: { enabled: true } }],
      ["encryptionConfig", { ...clusterArgs, encryptionConfig: { resources: ["everything"] } }],
      ["enabledClusterLogTypes", { ...clusterArgs, enabledClusterLogTypes: ["kubelet"] }],
    ],
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    valid: [
      {
        ...{ clusterName: "c", principalArn: "p", accessScope: { type: "cluster" } },
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
      },
    ],
    invalid: [
      [
        "accessScope",
        {
          ...{ clusterName: "c", principalArn: "p", accessScope: { type: "namespace" } },
          policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        },
      ],
    ],
  },
  "aws:eks/nodeGroup:NodeGroup": {
    valid: [
      {
        clusterName: "c",
        nodeRoleArn: "r",
        subnetIds: ["s"],
        scalingConfig: { minSize: 1, desiredSize: 1, maxSize: 2 },
      },
    ],
    invalid: [
      [
        "scalingConfig",
        {
          clusterName: "c",
          nodeRoleArn: "r",
          subnetIds: ["s"],
          scalingConfig: { minSize: 3, desiredSize: 1, maxSize: 2 },
        },
      ],
    ],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    valid: [{ name: "/aws/eks/main/cluster", retentionInDays: 90 }],
    invalid: [
      ["retentionInDays", { name: "x", retentionInDays: 91 }],
      ["name", { name: "with space" }],
    ],
  },
  "kubernetes:core/v1:Namespace": {
    valid: [{ metadata: { name: "services" } }],
    invalid: [
      ["metadata.name", { metadata: { name: "Services" } }],
      ["metadata.labels", { metadata: { name: "x", labels: { a: "b c" } } }],
    ],
  },
  "kubernetes:apps/v1:Deployment": {
    valid: [deployment],
    invalid: [["spec", { ...deployment, spec: { ...deployment.spec, selector: { matchLabels: { app: "other" } } } }]],
  },
  "kubernetes:argoproj.io/v1alpha1:Application": {
    valid: [application],
    invalid: [
      ["spec", { ...application, spec: { ...application.spec, source: undefined } }],
      ["spec", { ...application, spec: { ...application.spec, destination: {} } }],
    ],
  },
  "kubernetes:helm.sh/v3:Release": {
    valid: [{ chart: "argo-cd", name: "argo-cd" }],
    invalid: [
      ["chart", {}],
      ["name", { chart: "argo-cd", name: "x".repeat(54) }],
    ],
  },
  "github:index/repositoryEnvironment:RepositoryEnvironment": {
    valid: [
      {
        repository: "r",
        environment: "prod",
        deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: false },
      },
    ],
    invalid: [
      ["waitTimer", { repository: "r", environment: "prod", waitTimer: 43_201 }],
      [
        "deploymentBranchPolicy",
        {
          repository: "r",
          environment: "prod",
          deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: true },
        },
      ],
    ],
  },
  "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy": {
    valid: [
      { repository: "r", environment: "prod", branchPattern: "main" },
      { repository: "r", environment: "prod", tagPattern: "prod" },
    ],
    invalid: [
      ["branchPattern", { repository: "r", environment: "prod" }],
      ["branchPattern", { repository: "r", environment: "prod", branchPattern: "main", tagPattern: "prod" }],
    ],
  },
  "github:index/repositoryRuleset:RepositoryRuleset": {
    valid: [
      {
        ...{ repository: "r", target: "tag", enforcement: "active", rules: { update: true } },
        conditions: { refName: { includes: ["refs/tags/v*"], excludes: [] } },
        bypassActors: [{ actorId: 1, actorType: "Integration", bypassMode: "always" }],
      },
    ],
    invalid: [
      ["target", { repository: "r", target: "commit", enforcement: "active", rules: {} }],
      [
        "conditions",
        {
          ...{ repository: "r", target: "tag", enforcement: "active", rules: {} },
          conditions: { refName: { includes: ["refs/heads/main"], excludes: [] } },
        },
      ],
      [
        "bypassActors",
        {
          ...{ repository: "r", target: "branch", enforcement: "active", rules: {} },
          bypassActors: [{ actorId: 1, actorType: "Integration", bypassMode: "sometimes" }],
        },
      ],
    ],
  },
  "github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions": {
    valid: [
      { repository: "r", allowedActions: "selected", allowedActionsConfig: { githubOwnedAllowed: true } },
      { repository: "r", shaPinningRequired: true },
    ],
    invalid: [
      ["allowedActions", { repository: "r", allowedActions: "some" }],
      [
        "allowedActionsConfig",
        { repository: "r", allowedActions: "all", allowedActionsConfig: { githubOwnedAllowed: true } },
      ],
    ],
  },
  "github:index/actionsRepositoryOidcSubjectClaimCustomizationTemplate:ActionsRepositoryOidcSubjectClaimCustomizationTemplate":
    {
      valid: [{ repository: "r", useDefault: true }],
      invalid: [
        ["includeClaimKeys", { repository: "r", useDefault: true, includeClaimKeys: ["repo"] }],
        ["includeClaimKeys", { repository: "r", useDefault: false, includeClaimKeys: ["a b"] }],
        ["useDefault", { repository: "r" }],
      ],
    },
  "github:index/actionsVariable:ActionsVariable": {
    valid: [{ repository: "r", variableName: "AWS_REGION", value: "x" }],
    invalid: [["variableName", { repository: "r", variableName: "1", value: "x" }]],
  },
  "github:index/repositoryWebhook:RepositoryWebhook": {
    valid: [
      { repository: "r", events: ["push"], configuration: { url: "https://example.com/x", contentType: "json" } },
      { repository: "r", events: ["push", "release"], configuration: { url: "http://example.com" } },
    ],
    invalid: [
      ["events", { repository: "r", events: [], configuration: { url: "https://example.com" } }],
      ["configuration", { repository: "r", events: ["push"], configuration: { url: "example.com" } }],
      [
        "configuration",
        { repository: "r", events: ["push"], configuration: { url: "https://example.com", contentType: "xml" } },
      ],
    ],
  },
  "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": {
    valid: [{ repository: "r", environment: "prod", variableName: "AWS_ROLE_ARN", value: "x" }],
    invalid: [["variableName", { repository: "r", environment: "prod", variableName: "GITHUB_X", value: "x" }]],
  },
};

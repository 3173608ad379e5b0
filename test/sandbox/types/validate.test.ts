import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { contextWith } from "./context.ts";

const statement = (more: object) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...more });
const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const trust = document({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } });
const keyPolicy = document(statement({ Action: "kms:*", Principal: { AWS: "arn:aws:iam::111111111111:root" } }));
const lifecycle = (rule: object) => JSON.stringify({ rules: [rule] });
const untagged = {
  rulePriority: 1,
  selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
  action: { type: "expire" },
};
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

/** Inputs a service takes, and inputs it refuses with the property it names. */
const cases: Readonly<Record<string, { valid: Properties[]; invalid: [property: string, inputs: Properties][] }>> = {
  "aws:s3/bucket:Bucket": {
    valid: [{ bucket: "slipway-artifacts-111111111111" }, { bucket: "a.b" }, { bucket: unknown }],
    invalid: [
      ["bucket", { bucket: "Upper" }],
      ["bucket", { bucket: "ab" }],
      ["bucket", { bucket: "192.168.0.1" }],
      ["bucket", { bucket: "a..b" }],
      ["tags", { bucket: "fine", tags: { "aws:own": "x" } }],
    ],
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    valid: [
      { bucket: "b", policy: document(statement({ Principal: "*" })) },
      { bucket: "b", policy: unknown },
    ],
    invalid: [
      ["policy", { bucket: "b", policy: "{" }],
      ["policy", { bucket: "b", policy: document(statement({})) }],
      ["policy", { bucket: "b", policy: document(statement({ Principal: "*", Effect: "Permit" })) }],
      ["policy", { bucket: "b" }],
    ],
  },
  "aws:s3/bucketVersioning:BucketVersioning": {
    valid: [{ bucket: "b", versioningConfiguration: { status: "Enabled" } }],
    invalid: [["status", { bucket: "b", versioningConfiguration: { status: "On" } }]],
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    valid: [{ bucket: "b", rules: [{ id: "a", status: "Enabled", expiration: { days: 1 } }] }],
    invalid: [
      ["rules", { bucket: "b", rules: [{ id: "a", status: "Enabled" }] }],
      ["rules", { bucket: "b", rules: ["a", "a"].map((id) => ({ id, status: "Enabled", expiration: { days: 1 } })) }],
    ],
  },
  "aws:kms/key:Key": {
    valid: [
      {},
      { policy: keyPolicy, deletionWindowInDays: 7 },
      { policy: document(statement({ Principal: "*" })), bypassPolicyLockoutSafetyCheck: true },
    ],
    invalid: [
      ["deletionWindowInDays", { deletionWindowInDays: 5 }],
      ["policy", { policy: document(statement({ Principal: "*", Action: "kms:Decrypt" })) }],
    ],
  },
  "aws:kms/alias:Alias": {
    valid: [{ name: "alias/slipway/dev", targetKeyId: "k" }],
    invalid: [
      ["name", { name: "slipway", targetKeyId: "k" }],
      ["name", { name: "alias/aws/s3", targetKeyId: "k" }],
    ],
  },
  "aws:iam/role:Role": {
    valid: [{ name: "deploy", assumeRolePolicy: trust }],
    invalid: [
      ["assumeRolePolicy", { name: "deploy" }],
      ["assumeRolePolicy", { assumeRolePolicy: document(statement({ Principal: "*", Action: "sts:AssumeRole" })) }],
      ["assumeRolePolicy", { assumeRolePolicy: document({ Effect: "Allow", Action: "s3:GetObject", Principal: "*" }) }],
      ["name", { name: "x".repeat(65), assumeRolePolicy: trust }],
      ["maxSessionDuration", { assumeRolePolicy: trust, maxSessionDuration: 60 }],
    ],
  },
  "aws:iam/policy:Policy": {
    valid: [{ policy: document(statement({ Sid: "Read" })) }],
    invalid: [
      ["policy", { policy: document(statement({ Principal: "*" })) }],
      ["policy", { policy: document(statement({ Sid: "with space" })) }],
      ["policy", { policy: document(statement({ Sid: "A" }), statement({ Sid: "A" })) }],
      ["policy", { policy: document(statement({ Action: "GetObject" })) }],
      ["policy", { policy: JSON.stringify({ Statement: [statement({})] }) }],
      ["policy", { policy: document(statement({ Resource: `arn:aws:s3:::${"x".repeat(6_200)}` })) }],
    ],
  },
  "aws:ecr/repository:Repository": {
    valid: [{ name: "slipway/api", imageTagMutability: "IMMUTABLE" }],
    invalid: [
      ["name", { name: "Slipway" }],
      ["name", { name: "slipway//api" }],
      ["imageTagMutability", { name: "slipway/api", imageTagMutability: "FROZEN" }],
    ],
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    valid: [{ repository: "r", policy: lifecycle(untagged) }],
    invalid: [
      ["policy", { repository: "r", policy: lifecycle({ ...untagged, rulePriority: 0 }) }],
      [
        "policy",
        {
          repository: "r",
          policy: lifecycle({ ...untagged, selection: { ...untagged.selection, tagStatus: "tagged" } }),
        },
      ],
      ["policy", { repository: "r", policy: JSON.stringify({ rules: [untagged, untagged] }) }],
      ["policy", { repository: "r", policy: "[]" }],
    ],
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    valid: [{ repository: "r", policy: document({ Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" }) }],
    invalid: [
      ["policy", { repository: "r", policy: document(statement({ Principal: "*", Action: "ecr:BatchGetImage" })) }],
    ],
  },
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
  "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable": {
    valid: [{ repository: "r", environment: "prod", variableName: "AWS_ROLE_ARN", value: "x" }],
    invalid: [["variableName", { repository: "r", environment: "prod", variableName: "GITHUB_X", value: "x" }]],
  },
  "mongodbatlas:index/streamProcessor:StreamProcessor": {
    valid: [
      {
        ...{ projectId: "p", workspaceName: "w", processorName: "n" },
        pipeline: '[{"$source":{"connectionName":"s"}},{"$merge":{"into":{"connectionName":"c"}}}]',
      },
    ],
    invalid: [
      ["pipeline", { projectId: "p", workspaceName: "w", processorName: "n", pipeline: '[{"$match":{}}]' }],
      ["pipeline", { projectId: "p", workspaceName: "w", processorName: "n", pipeline: "{" }],
      ["workspaceName", { projectId: "p", processorName: "n", pipeline: '[{"$source":{}},{"$emit":{}}]' }],
    ],
  },
};

describe("type tables: inputs", () => {
  for (const [type, { valid, invalid }] of Object.entries(cases)) {
    it(`${type} takes what the service takes and names what it refuses`, () => {
      const check = (inputs: Properties) =>
        typeSpec(type)?.validate?.(inputs, contextWith()) ?? assert.fail("no table");
      for (const inputs of valid) assert.deepEqual(check(inputs), []);
      for (const [property, inputs] of invalid) {
        const found = check(inputs).map((failure) => failure.property);
        assert.ok(
          found.includes(property),
          `${JSON.stringify(inputs)} should fail at ${property}, got ${found.join(", ") || "nothing"}`,
        );
      }
    });
  }
});

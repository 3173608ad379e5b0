import { dataResources } from "./expected-data.ts";
import { carefulModels, modelResources, registryReaders } from "./expected-model.ts";
import { environmentDelivery, operationsDelivery } from "./expected-delivery.ts";
import { observabilityResources } from "./expected-observability.ts";
import { processorsInPlace, streamResources } from "./expected-streams.ts";

/** The complete registrations of each stack. A line that comes or goes here is a resource that comes or goes in the cloud. */
const operations = [
  "aws:ecr/lifecyclePolicy:LifecyclePolicy operations-api-lifecycle",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy operations-model-lifecycle",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy operations-predict-lifecycle",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy operations-web-lifecycle",
  "aws:ecr/repository:Repository operations-api-repository",
  "aws:ecr/repository:Repository operations-model-repository",
  "aws:ecr/repository:Repository operations-predict-repository",
  "aws:ecr/repository:Repository operations-web-repository",
  "aws:ecr/repositoryPolicy:RepositoryPolicy operations-api-policy",
  "aws:ecr/repositoryPolicy:RepositoryPolicy operations-model-policy",
  "aws:ecr/repositoryPolicy:RepositoryPolicy operations-predict-policy",
  "aws:ecr/repositoryPolicy:RepositoryPolicy operations-web-policy",
  "aws:kms/alias:Alias operations-artifact-alias",
  "aws:kms/alias:Alias operations-image-alias",
  "aws:kms/alias:Alias operations-state-alias",
  "aws:kms/key:Key operations-artifact-key",
  "aws:kms/key:Key operations-image-key",
  "aws:kms/key:Key operations-state-key",
  "aws:s3/bucket:Bucket operations-artifacts-bucket",
  "aws:s3/bucket:Bucket operations-states-bucket",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration operations-artifacts-lifecycle",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration operations-states-lifecycle",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls operations-artifacts-ownership",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls operations-states-ownership",
  "aws:s3/bucketPolicy:BucketPolicy operations-artifacts-policy",
  "aws:s3/bucketPolicy:BucketPolicy operations-states-policy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock operations-artifacts-public-access",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock operations-states-public-access",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration operations-artifacts-encryption",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration operations-states-encryption",
  "aws:s3/bucketVersioning:BucketVersioning operations-artifacts-versioning",
  "aws:s3/bucketVersioning:BucketVersioning operations-states-versioning",
  "pulumi:providers:aws aws",
  "slipway:index:EncryptionKey operations-artifact",
  "slipway:index:EncryptionKey operations-image",
  "slipway:index:EncryptionKey operations-state",
  "slipway:index:ImageRepository operations-api",
  "slipway:index:ImageRepository operations-model",
  "slipway:index:ImageRepository operations-predict",
  "slipway:index:ImageRepository operations-web",
  "slipway:index:OperationsPipeline operations",
  "slipway:index:SecureBucket operations-artifacts",
  "slipway:index:SecureBucket operations-states",
];

const everyEnvironment = [
  "aws:cloudwatch/logGroup:LogGroup cluster-logs",
  "aws:cloudwatch/logGroup:LogGroup network-flow-group",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network-default",
  "aws:ec2/flowLog:FlowLog network-flow-log",
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
  "aws:iam/role:Role network-flow-role",
  "aws:iam/rolePolicy:RolePolicy network-flow-policy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-nodes-AmazonEC2ContainerRegistryPullOnly",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-vpc-cni-identity-cni",
  "aws:kms/alias:Alias foundation-platform-alias",
  "aws:kms/key:Key foundation-platform-key",
  "awsx:ec2:Vpc network",
  "eks:index:Cluster cluster",
  "kubernetes:argoproj.io/v1alpha1:AppProject services-project",
  "kubernetes:argoproj.io/v1alpha1:Application services-api",
  "kubernetes:argoproj.io/v1alpha1:Application services-predict",
  "kubernetes:argoproj.io/v1alpha1:Application services-web",
  "kubernetes:core/v1:Namespace services-argo-namespace",
  "kubernetes:core/v1:Namespace services-namespace",
  "kubernetes:helm.sh/v3:Release services-argo-release",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy services-allow-dns",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy services-default-deny",
  "pulumi:providers:aws aws",
  "pulumi:providers:kubernetes kubernetes",
  "slipway:index:ArgoCd services-argo",
  "slipway:index:Cluster cluster",
  "slipway:index:EncryptionKey foundation-platform",
  "slipway:index:FlowLogs network-flow",
  "slipway:index:FoundationPipeline foundation",
  "slipway:index:Network network",
  "slipway:index:NodeGroup cluster-nodes",
  "slipway:index:PodIdentity cluster-vpc-cni-identity",
  "slipway:index:RestrictedNamespace services",
  "slipway:index:ServicesPipeline services",
];

/** Canaries and their analyses need controllers of their own. */
const careful = [
  "kubernetes:core/v1:Namespace services-metrics-namespace",
  "kubernetes:core/v1:Namespace services-rollouts-namespace",
  "kubernetes:helm.sh/v3:Release services-metrics-release",
  "kubernetes:helm.sh/v3:Release services-rollouts-release",
  "kubernetes:rbac.authorization.k8s.io/v1:Role services-metrics-role",
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding services-metrics-binding",
  "slipway:index:ArgoRollouts services-rollouts",
  "slipway:index:Prometheus services-metrics",
];

/** Interface endpoints keep prod's private traffic off the NAT gateways; autoscalers need to be told of load. */
const prodOnly = [
  "aws:eks/addon:Addon services-metrics-server",
  "aws:ec2/securityGroup:SecurityGroup network-endpoints-access",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-ec2",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-ecr-api",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-ecr-dkr",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-eks-auth",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-kms",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-logs",
  "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoints-sts",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-endpoints-https",
  "slipway:index:PrivateEndpoints network-endpoints",
];

/** `type name` of all resources of a stack, sorted. */
export function expectedResources(stack: "operations" | "dev" | "staging" | "prod"): string[] {
  if (stack === "operations") return [...operations, ...operationsDelivery].sort();
  const more = [...careful, ...carefulModels];
  const own = {
    dev: processorsInPlace,
    staging: [...more, ...processorsInPlace],
    prod: [...more, ...prodOnly],
  }[stack];
  const pipelines = [
    ...dataResources,
    ...modelResources,
    ...registryReaders,
    ...streamResources,
    ...observabilityResources,
  ];
  return [...everyEnvironment, ...environmentDelivery, ...pipelines, ...own].sort();
}

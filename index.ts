import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { FoundationPipeline } from "./components/foundation/foundation-pipeline.ts";
import { OperationsPipeline } from "./components/operations/operations-pipeline.ts";
import { ServicesPipeline } from "./components/services/services-pipeline.ts";
import { clusterName } from "./components/shared/naming.ts";
import { commonTags } from "./components/shared/tags.ts";
import { forEngine } from "./config/failure.ts";
import { loadSettings } from "./config/load.ts";
import type { Declared, EnvironmentOutputs, OperationsOutputs } from "./config/outputs.ts";
import type { EnvironmentSettings, OperationsSettings, Settings } from "./config/schema.ts";
import { releasedServices } from "./config/services.ts";

/** Provider that refuses to touch any account but the one in the stack file. */
function awsProvider({ account, environment, tags }: Settings): aws.Provider {
  const { id, region, assumeRole } = account;
  return new aws.Provider("aws", {
    region: region as aws.Region,
    allowedAccountIds: [id],
    ...(assumeRole !== undefined && { assumeRoles: [{ roleArn: assumeRole, sessionName: "slipway" }] }),
    defaultTags: { tags: commonTags({ environment, tags }) },
  });
}

/** What every stack says of itself. */
function identity({ account, environment }: Settings) {
  return { contract: 1 as const, environment, account: account.id, region: account.region };
}

function operations(settings: OperationsSettings): Declared<OperationsOutputs> {
  const { account, environmentAccounts, repositories } = settings;
  const pipeline = new OperationsPipeline(
    "operations",
    { account: account.id, region: account.region, environmentAccounts, repositories },
    { providers: [awsProvider(settings)] },
  );
  return {
    ...identity(settings),
    kind: "operations",
    checks: [],
    artifactBucket: pipeline.artifactBucket,
    artifactKeyArn: pipeline.artifactKeyArn,
    stateBucket: pipeline.stateBucket,
    stateKeyArn: pipeline.stateKeyArn,
    repositories: pipeline.repositories,
  };
}

function foundation(settings: EnvironmentSettings): FoundationPipeline {
  const { account, environment, network, cluster, profile } = settings;
  const { interfaceEndpoints, logTypes, deletionProtection, nodes, lifetimes } = profile;
  return new FoundationPipeline(
    "foundation",
    {
      environment,
      account: account.id,
      region: account.region,
      network: { ...network, interfaceEndpoints },
      cluster: { ...cluster, logTypes, deletionProtection, nodes, clientRoleArn: account.assumeRole },
      ...lifetimes,
    },
    { providers: [awsProvider(settings)] },
  );
}

async function environment(settings: EnvironmentSettings): Promise<Declared<EnvironmentOutputs>> {
  const deployed = await releasedServices(settings, import.meta.dirname, pulumi.getStack());
  const ground = foundation(settings);
  const kubernetes = new k8s.Provider(
    "kubernetes",
    { kubeconfig: ground.cluster.kubeconfig, enableServerSideApply: true },
    // Objects wait for nodes and access entries, not only for the API server.
    { dependsOn: [ground] },
  );
  const services = new ServicesPipeline(
    "services",
    {
      environment: settings.environment,
      clusterName: clusterName(settings.environment),
      services: deployed,
      git: settings.gitops,
      highlyAvailable: settings.profile.highlyAvailable,
    },
    { providers: [kubernetes] },
  );
  return {
    ...identity(settings),
    kind: "environment",
    checks: services.checks,
    vpcId: ground.network.vpcId,
    privateSubnetIds: ground.network.privateSubnetIds,
    clusterName: ground.cluster.name,
    clusterEndpoint: ground.cluster.endpoint,
    clusterCertificateAuthority: ground.cluster.certificateAuthority,
    services: services.services,
  };
}

/** The whole platform of one stack; `pulumi up`, the driver and the tests run this same function. */
export default async function program(): Promise<Declared<OperationsOutputs> | Declared<EnvironmentOutputs>> {
  try {
    const settings = loadSettings();
    return settings.environment === "operations" ? operations(settings) : await environment(settings);
  } catch (error) {
    throw forEngine(error);
  }
}

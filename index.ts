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
import { operationsStack, repositoryUrls } from "./config/operations.ts";
import type { Declared, EnvironmentOutputs, OperationsOutputs } from "./config/outputs.ts";
import { imageDigests, loadRelease } from "./config/release.ts";
import type { EnvironmentSettings, OperationsSettings, Settings } from "./config/schema.ts";

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

function operations(settings: OperationsSettings): Declared<OperationsOutputs> {
  const { account, environment, environmentAccounts, repositories } = settings;
  const pipeline = new OperationsPipeline(
    "operations",
    { account: account.id, region: account.region, environmentAccounts, repositories },
    { providers: [awsProvider(settings)] },
  );
  return {
    contract: 1,
    kind: "operations",
    environment,
    account: account.id,
    region: account.region,
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
  const names = Object.keys(settings.services);
  const file = `Pulumi.${pulumi.getStack()}.yaml`;
  const digests = imageDigests(await loadRelease(import.meta.dirname, process.env), names, file);
  const urls = repositoryUrls(operationsStack(), names);
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
      services: Object.fromEntries(
        Object.entries(settings.services).map(([name, service]) => [
          name,
          { ...service, image: pulumi.interpolate`${urls.apply((all) => all[name])}@${digests[name]}` },
        ]),
      ),
      git: settings.gitops,
      highlyAvailable: settings.profile.highlyAvailable,
    },
    { providers: [kubernetes] },
  );
  return {
    contract: 1,
    kind: "environment",
    environment: settings.environment,
    account: settings.account.id,
    region: settings.account.region,
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

import "./config/stack-traces.ts";
import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DataPipeline } from "./components/data/data-pipeline.ts";
import { FoundationPipeline } from "./components/foundation/foundation-pipeline.ts";
import { OperationsPipeline } from "./components/operations/operations-pipeline.ts";
import { ServicesPipeline } from "./components/services/services-pipeline.ts";
import { clusterName } from "./components/shared/naming.ts";
import { commonTags } from "./components/shared/tags.ts";
import { dataArgs, foundationArgs, identity, operationsArgs } from "./config/component-args.ts";
import { dataCode } from "./config/data-artifacts.ts";
import { loadDatasets } from "./config/datasets.ts";
import { forEngine } from "./config/failure.ts";
import { loadSettings } from "./config/load.ts";
import type { Declared, EnvironmentOutputs, OperationsOutputs } from "./config/outputs.ts";
import { type Artifacts, loadArtifactFiles, loadRelease } from "./config/release.ts";
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

function operations(settings: OperationsSettings): Declared<OperationsOutputs> {
  const pipeline = new OperationsPipeline("operations", operationsArgs(settings), {
    providers: [awsProvider(settings)],
  });
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

/** What an environment tells its readers, from the pipelines that it is made of. */
function environmentOutputs(
  settings: EnvironmentSettings,
  ground: FoundationPipeline,
  services: ServicesPipeline,
  data: DataPipeline | undefined,
): Declared<EnvironmentOutputs> {
  return {
    ...identity(settings),
    kind: "environment",
    checks: pulumi.all([services.checks, data?.checks ?? []]).apply((checks) => checks.flat()),
    vpcId: ground.network.vpcId,
    privateSubnetIds: ground.network.privateSubnetIds,
    clusterName: ground.cluster.name,
    clusterEndpoint: ground.cluster.endpoint,
    clusterCertificateAuthority: ground.cluster.certificateAuthority,
    services: services.services,
    ...(data && {
      RawBucket: data.rawBucket,
      ProcessedBucket: data.processedBucket,
      StepFunctionsArn: data.stateMachineArn,
      data: data.data,
    }),
  };
}

async function dataPipeline(
  settings: EnvironmentSettings,
  release: Artifacts,
  provider: aws.Provider,
): Promise<DataPipeline> {
  const artifacts = dataCode(await loadArtifactFiles(import.meta.dirname, process.env, release));
  const datasets = await loadDatasets(import.meta.dirname);
  return new DataPipeline("data", { ...dataArgs(settings), datasets, artifacts }, { providers: [provider] });
}

async function environment(settings: EnvironmentSettings): Promise<Declared<EnvironmentOutputs>> {
  const release = await loadRelease(import.meta.dirname, process.env);
  const deployed = await releasedServices(settings, release, pulumi.getStack());
  const provider = awsProvider(settings);
  const ground = new FoundationPipeline("foundation", foundationArgs(settings), { providers: [provider] });
  const kubernetes = new k8s.Provider(
    "kubernetes",
    { kubeconfig: ground.cluster.kubeconfig, enableServerSideApply: true },
    // Objects wait for nodes and access entries, not only for the API server.
    { dependsOn: [ground] },
  );
  const { gitops: git, profile, environment } = settings;
  const services = new ServicesPipeline(
    "services",
    {
      environment,
      clusterName: clusterName(environment),
      services: deployed,
      git,
      highlyAvailable: profile.highlyAvailable,
    },
    { providers: [kubernetes] },
  );
  const data = settings.data.enabled ? await dataPipeline(settings, release, provider) : undefined;
  return environmentOutputs(settings, ground, services, data);
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

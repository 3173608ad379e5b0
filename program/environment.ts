import * as pulumi from "@pulumi/pulumi";
import { DataPipeline } from "../components/data/data-pipeline.ts";
import { FoundationPipeline } from "../components/foundation/foundation-pipeline.ts";
import { ServicesPipeline } from "../components/services/services-pipeline.ts";
import { clusterName } from "../components/shared/naming.ts";
import { dataArgs, foundationArgs, identity } from "../config/component-args.ts";
import { dataCode } from "../config/data-artifacts.ts";
import { loadDatasets } from "../config/datasets.ts";
import type { Declared, EnvironmentOutputs } from "../config/outputs.ts";
import { type Artifacts, loadArtifactFiles, loadRelease } from "../config/release.ts";
import type { EnvironmentSettings } from "../config/schema.ts";
import { releasedServices } from "../config/services.ts";
import { environmentDelivery } from "./delivery.ts";
import { awsProvider, kubernetesProvider } from "./providers.ts";

/** Where the program and its workloads are, and the name of the stack, for messages. */
interface Origin {
  root: string;
  stack: string;
}

interface Pipelines {
  ground: FoundationPipeline;
  services: ServicesPipeline;
  data: DataPipeline | undefined;
}

/** One environment: ground, services, data. */
export async function environment(
  settings: EnvironmentSettings,
  { root, stack }: Origin,
): Promise<Declared<EnvironmentOutputs>> {
  const release = await loadRelease(root, process.env);
  const deployed = await releasedServices(settings, release, stack);
  const provider = awsProvider(settings);
  const { transforms } = environmentDelivery(settings, provider);
  const ground = new FoundationPipeline("foundation", foundationArgs(settings), { providers: [provider], transforms });
  const { gitops, profile, environment, account } = settings;
  const services = new ServicesPipeline(
    "services",
    {
      environment,
      account: account.id,
      region: account.region,
      clusterName: clusterName(environment),
      services: deployed,
      git: { repository: gitops.repository, branch: gitops.branch },
      argo: gitops.argo,
      highlyAvailable: profile.highlyAvailable,
    },
    // What it makes in AWS, such as identities of pods, names the cluster and would not wait for it.
    { providers: [kubernetesProvider(ground), provider], transforms, dependsOn: [ground] },
  );
  const options = { providers: [provider], transforms };
  const data = settings.data.enabled ? await dataPipeline(settings, { root, release }, options) : undefined;
  return environmentOutputs(settings, { ground, services, data });
}

async function dataPipeline(
  settings: EnvironmentSettings,
  { root, release }: { root: string; release: Artifacts },
  options: pulumi.ComponentResourceOptions,
): Promise<DataPipeline> {
  const artifacts = dataCode(await loadArtifactFiles(root, process.env, release));
  const datasets = await loadDatasets(root);
  return new DataPipeline("data", { ...dataArgs(settings), datasets, artifacts }, options);
}

/** What an environment tells its readers, from the pipelines that it is made of. */
function environmentOutputs(
  settings: EnvironmentSettings,
  { ground, services, data }: Pipelines,
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
    manifests: services.manifests,
    ...(data && {
      RawBucket: data.rawBucket,
      ProcessedBucket: data.processedBucket,
      StepFunctionsArn: data.stateMachineArn,
      data: data.data,
    }),
  };
}

import * as pulumi from "@pulumi/pulumi";
import { DataPipeline } from "../components/data/data-pipeline.ts";
import { FoundationPipeline } from "../components/foundation/foundation-pipeline.ts";
import { ModelPipeline } from "../components/model/model-pipeline.ts";
import { ServicesPipeline } from "../components/services/services-pipeline.ts";
import { clusterName } from "../components/shared/naming.ts";
import { dataArgs, foundationArgs, identity, modelArgs } from "../config/component-args.ts";
import { dataCode } from "../config/data-artifacts.ts";
import { loadDatasets } from "../config/datasets.ts";
import { modelArtifacts } from "../config/model-artifacts.ts";
import { readOperations } from "../config/operations.ts";
import type { Declared, EnvironmentOutputs, OperationsOutputs } from "../config/outputs.ts";
import { type ArtifactFiles, type Artifacts, loadArtifactFiles, loadRelease } from "../config/release.ts";
import type { EnvironmentSettings } from "../config/schema.ts";
import { type ReleasedService, releasedServices, withRegistry } from "../config/services.ts";
import { environmentDelivery } from "./delivery.ts";
import { observability } from "./observability.ts";
import type { SlipwayError } from "../automation/errors.ts";
import { awsProvider, kubernetesProvider } from "./providers.ts";
import { streamsPipeline } from "./streams.ts";

/** Where the program and its workloads are, and the name of the stack, for messages. */
interface Origin {
  root: string;
  stack: string;
}

/** What a release gives, and what operations has for it. */
interface Supplies {
  root: string;
  release: Artifacts;
  files: ArtifactFiles;
  operations: OperationsOutputs;
}

interface Pipelines {
  ground: FoundationPipeline;
  services: ServicesPipeline;
  data: DataPipeline | undefined;
  model: ModelPipeline | undefined;
  streams: Awaited<ReturnType<typeof streamsPipeline>>;
  observed: Awaited<ReturnType<typeof observability>>;
}

/** One environment: ground, data, models, streams, services, and what watches them. */
export async function environment(
  settings: EnvironmentSettings,
  { root, stack }: Origin,
): Promise<Declared<EnvironmentOutputs>> {
  const release = await loadRelease(root, process.env, untilPushed);
  const operations = await readOperations();
  const deployed = releasedServices(settings, release, operations, stack);
  const files = await loadArtifactFiles(root, process.env, release);
  const provider = awsProvider(settings);
  const { transforms } = environmentDelivery(settings, provider);
  const options = { providers: [provider], transforms };
  const ground = new FoundationPipeline("foundation", foundationArgs(settings), options);
  const supplies = { root, release, files, operations };
  const { data, model } = await pipelines(settings, supplies, ground, options);
  const streams = await streamsPipeline(settings, supplies, options);
  const services = servicesPipeline(settings, deployed, model, {
    // What it makes in AWS, such as identities of pods, names the cluster and would not wait for it.
    ...{ transforms, dependsOn: [ground] },
    providers: [kubernetesProvider(ground), provider],
  });
  const watched = { data, model, processors: streams?.processors };
  const observed = await observability(settings, root, watched, options);
  return environmentOutputs(settings, { ground, services, data, model, streams, observed });
}

/** Before a push there is nothing to deploy, but there is something to look at: images then show as what they would be built from. */
function untilPushed(problem: SlipwayError): void {
  if (!pulumi.runtime.isDryRun()) throw problem;
  void pulumi.log.warn(`${problem.message} A deployment needs them: ${problem.next ?? ""}`);
}

/** The pipelines that an environment may do without. */
async function pipelines(
  settings: EnvironmentSettings,
  supplies: Supplies,
  ground: FoundationPipeline,
  options: pulumi.ComponentResourceOptions,
): Promise<Pick<Pipelines, "data" | "model">> {
  if (!settings.data.enabled) return { data: undefined, model: undefined };
  const datasets = await loadDatasets(supplies.root);
  const data = new DataPipeline(
    "data",
    { ...dataArgs(settings), datasets, artifacts: dataCode(supplies.files) },
    options,
  );
  const model = settings.model.enabled ? modelPipeline(settings, supplies, { ground, data }, options) : undefined;
  return { data, model };
}

function modelPipeline(
  settings: EnvironmentSettings,
  { files, release, operations }: Supplies,
  { ground, data }: { ground: FoundationPipeline; data: DataPipeline },
  options: pulumi.ComponentResourceOptions,
): ModelPipeline {
  const { vpcId, privateSubnetIds: subnetIds } = ground.network;
  return new ModelPipeline(
    "model",
    {
      ...modelArgs(settings),
      artifacts: modelArtifacts(files, release, operations),
      lake: data.lake,
      network: { vpcId, subnetIds },
      topics: data.topics,
    },
    options,
  );
}

function servicesPipeline(
  settings: EnvironmentSettings,
  deployed: Record<string, ReleasedService>,
  model: ModelPipeline | undefined,
  options: pulumi.ComponentResourceOptions,
): ServicesPipeline {
  const { gitops, profile, environment, account } = settings;
  return new ServicesPipeline(
    "services",
    {
      environment,
      account: account.id,
      region: account.region,
      clusterName: clusterName(environment),
      services: withRegistry(deployed, model?.registry),
      ...(model && { statements: { ...model.readers } }),
      git: { repository: gitops.repository, branch: gitops.branch },
      argo: gitops.argo,
      highlyAvailable: profile.highlyAvailable,
    },
    options,
  );
}

/** What an environment tells its readers, from the pipelines that it is made of. */
function environmentOutputs(
  settings: EnvironmentSettings,
  { ground, services, data, model, streams, observed }: Pipelines,
): Declared<EnvironmentOutputs> {
  return {
    ...identity(settings),
    kind: "environment",
    checks: pulumi
      .all([services.checks, data?.checks ?? [], model?.checks ?? [], streams?.checks ?? [], observed.checks])
      .apply((checks) => checks.flat()),
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
    ...(model && { ApiEndpoint: model.apiEndpoint, model: model.model }),
    ...(streams && { streams: streams.streams }),
    observability: observed.observability,
  };
}

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../release/canonical.ts";
import { archiveFolder } from "./archive.ts";
import type { TrainingRequest } from "./arguments.ts";
import {
  makeFolders,
  trainingVariables,
  writeTrainingConfig,
  type StepFolders,
  type TrainingFacts,
} from "./container.ts";
import { JobFailure, logOf, runJobProgram, type JobKind, type JobProgram, type JobSurroundings } from "./job.ts";
import { MetricReader } from "./metrics.ts";
import { below, parseS3Uri } from "./s3-uri.ts";
import { bring, type Source, type StagedObject } from "./staging.ts";

/** What one training needs, whether it stands alone or is one of a tuning. */
export type TrainingJob = Omit<TrainingRequest, "HyperParameters" | "Tags" | "ExperimentConfig"> & {
  HyperParameters: Readonly<Record<string, string>>;
};

export interface TrainedModel {
  jobName: string;
  /** Place of `model.tar.gz`. */
  artifact: string;
  metrics: ReadonlyMap<string, number>;
}

export const channelSources = ({ InputDataConfig }: Pick<TrainingJob, "InputDataConfig">): Record<string, Source> =>
  Object.fromEntries(
    InputDataConfig.map(({ ChannelName, DataSource: { S3DataSource } }) => [
      ChannelName,
      { uri: S3DataSource.S3Uri, type: S3DataSource.S3DataType },
    ]),
  );

/** A job's members that decide its outcome: not where it reads and writes. */
export function trainingIdentity<R extends Pick<TrainingJob, "InputDataConfig">>(request: R): Json {
  const channels = request.InputDataConfig.map(({ DataSource: _, ...rest }) => rest);
  return { ...request, InputDataConfig: channels, OutputDataConfig: null };
}

/** A training job: channels in, a program, `model.tar.gz` out. */
export const training: JobKind<TrainingRequest> = {
  sources: channelSources,
  identity: trainingIdentity,
  async run(request, staged, job) {
    const model = await runTraining(request, staged, job, job.jobName());
    const { jobName, artifact, metrics } = model;
    return {
      properties: {
        TrainingJobName: jobName,
        TrainingJobArn: job.arn(`training-job/${jobName}`),
        "ModelArtifacts.S3ModelArtifacts": artifact,
        "OutputDataConfig.S3OutputPath": request.OutputDataConfig.S3OutputPath,
        ...Object.fromEntries([...metrics].map(([name, value]) => [`FinalMetricDataList['${name}'].Value`, value])),
      },
      outputs: [below(request.OutputDataConfig.S3OutputPath, `${jobName}/output`)],
      ...(metrics.size === 0 ? {} : { detail: told(metrics) }),
    };
  },
};

/** "validation:r2 0.83, validation:rmse 21033". */
export const told = (metrics: ReadonlyMap<string, number>): string =>
  [...metrics].map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`).join(", ");

/** Trains one model in a folder of its own. @throws JobFailure when the program does not succeed or leaves no model. */
export async function runTraining(
  request: TrainingJob,
  staged: Readonly<Record<string, StagedObject[]>>,
  job: JobSurroundings,
  jobName: string,
): Promise<TrainedModel> {
  const folders = await makeFolders(job.directory);
  const facts: TrainingFacts = {
    jobName,
    hyperparameters: request.HyperParameters,
    channels: Object.fromEntries(request.InputDataConfig.map((channel) => [channel.ChannelName, channel.ContentType])),
  };
  for (const { ChannelName } of request.InputDataConfig)
    await bring(job.store, staged[ChannelName] ?? [], join(folders.root, "input", "data", ChannelName));
  await writeTrainingConfig(folders, facts);
  for (const folder of ["model", "output/data"]) await mkdir(join(folders.root, folder), { recursive: true });
  const metrics = new MetricReader(request.AlgorithmSpecification.MetricDefinitions);
  await runJobProgram(programOf(request, facts, folders, metrics), job);
  const output = below(request.OutputDataConfig.S3OutputPath, `${jobName}/output`);
  const artifact = await keep(folders.root, "model", below(output, "model.tar.gz"), job);
  if (artifact === undefined) {
    const end = { outcome: "failed", lastWords: [] } as const;
    throw new JobFailure("left no model in /opt/ml/model", end, logOf(job.directory));
  }
  await keep(folders.root, "output/data", below(output, "output.tar.gz"), job);
  return { jobName, artifact, metrics: metrics.values };
}

function programOf(
  request: TrainingJob,
  facts: TrainingFacts,
  folders: StepFolders,
  metrics: MetricReader,
): JobProgram {
  const { TrainingImage, ContainerEntrypoint, ContainerArguments } = request.AlgorithmSpecification;
  return {
    image: TrainingImage,
    entrypoint: ContainerEntrypoint,
    arguments: ContainerArguments,
    environment: { ...trainingVariables(folders, facts), ...request.Environment },
    folders,
    timeoutSeconds: request.StoppingCondition?.MaxRuntimeInSeconds,
    onLine: (line) => metrics.read(line),
  };
}

/** Packs a folder and takes it to its place; undefined where the folder is empty. */
async function keep(root: string, folder: string, uri: string, job: JobSurroundings): Promise<string | undefined> {
  const archive = join(job.directory, `${folder.replaceAll("/", "-")}.tar.gz`);
  if (!(await archiveFolder(join(root, folder), archive))) return undefined;
  await job.store.upload(archive, parseS3Uri(uri));
  return uri;
}

import { mkdir } from "node:fs/promises";
import type { Json } from "../../release/canonical.ts";
import type { ProcessingRequest } from "./arguments.ts";
import { localFolder, makeFolders, type StepFolders } from "./container.ts";
import { runJobProgram, type JobKind, type JobSurroundings } from "./job.ts";
import { bring, collect } from "./staging.ts";
import { ValueError } from "./values.ts";

/** A processing job: folders in, a program, folders out. */
export const processing: JobKind<ProcessingRequest> = {
  sources: ({ ProcessingInputs }) =>
    Object.fromEntries(
      ProcessingInputs.map(({ InputName, S3Input: { S3Uri, S3DataType } }) => [
        InputName,
        { uri: S3Uri, type: S3DataType },
      ]),
    ),

  identity: (request) => {
    const inputs = request.ProcessingInputs.map(({ InputName, S3Input: { S3Uri: _, ...rest } }) => [InputName, rest]);
    const outputs = request.ProcessingOutputConfig.Outputs.map(({ OutputName, S3Output: { S3Uri: _, ...rest } }) => [
      OutputName,
      rest,
    ]);
    return { ...request, ProcessingInputs: inputs, ProcessingOutputConfig: outputs } as unknown as Json;
  },

  async run(request, staged, job) {
    const folders = await makeFolders(job.directory);
    for (const { InputName, S3Input } of request.ProcessingInputs)
      await bring(job.store, staged[InputName] ?? [], folderOf(S3Input.LocalPath, folders));
    const outputs = request.ProcessingOutputConfig.Outputs.map(({ OutputName, S3Output }) => ({
      name: OutputName,
      uri: S3Output.S3Uri,
      folder: folderOf(S3Output.LocalPath, folders),
    }));
    for (const { folder } of outputs) await mkdir(folder, { recursive: true });
    await runProcessing(request, folders, job);
    for (const { folder, uri } of outputs) await collect(job.store, folder, uri);
    const name = job.jobName();
    return {
      properties: {
        ProcessingJobName: name,
        ProcessingJobArn: job.arn(`processing-job/${name}`),
        ...Object.fromEntries(
          outputs.map((output) => [`ProcessingOutputConfig.Outputs['${output.name}'].S3Output.S3Uri`, output.uri]),
        ),
      },
      outputs: outputs.map(({ uri }) => uri),
    };
  },
};

function folderOf(path: string, folders: StepFolders): string {
  const folder = localFolder(path, folders);
  if (folder === undefined) throw new ValueError(`LocalPath: got ${path}, expected a folder below /opt/ml`);
  return folder;
}

async function runProcessing(request: ProcessingRequest, folders: StepFolders, job: JobSurroundings): Promise<void> {
  const { ImageUri, ContainerEntrypoint, ContainerArguments } = request.AppSpecification;
  await runJobProgram(
    {
      image: ImageUri,
      entrypoint: ContainerEntrypoint,
      arguments: ContainerArguments,
      environment: request.Environment,
      folders,
      timeoutSeconds: request.StoppingCondition?.MaxRuntimeInSeconds,
    },
    job,
  );
}

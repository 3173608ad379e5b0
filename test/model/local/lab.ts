import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RegisterRequest } from "../../../automation/model/local/arguments.ts";
import { parsePipeline } from "../../../automation/model/local/definition.ts";
import { FolderStore } from "../../../automation/model/local/folder-store.ts";
import { parameterValues, type Given } from "../../../automation/model/local/parameters.ts";
import { planOf } from "../../../automation/model/local/plan.ts";
import { runPipeline, type PipelineResult, type PipelineRun } from "../../../automation/model/local/run.ts";
import { findPython } from "../../../tools/testing/python.ts";

export const bucket = "s3://lab-bucket";

/** A pipeline around steps. */
export const pipelineWith = (Steps: readonly unknown[], Parameters: readonly unknown[] = []): unknown => ({
  Version: "2020-12-01",
  Parameters,
  Steps,
});

interface ProcessingParts {
  inputs?: Record<string, unknown>;
  outputs?: readonly string[];
  arguments?: readonly unknown[];
  more?: object;
  job?: object;
}

/** A processing step that runs a Python program given as text. */
export function processingStep(name: string, program: string, parts: ProcessingParts = {}): Record<string, unknown> {
  const { inputs = {}, outputs = [], arguments: words = [], more = {}, job = {} } = parts;
  return {
    Name: name,
    Type: "Processing",
    Arguments: {
      AppSpecification: {
        ImageUri: "registry/image@sha256:0",
        ContainerEntrypoint: ["python3", "-c", program],
        ContainerArguments: words,
      },
      ProcessingInputs: Object.entries(inputs).map(([input, uri]) => ({
        InputName: input,
        S3Input: { S3Uri: uri, LocalPath: `/opt/ml/processing/input/${input}`, S3DataType: "S3Prefix" },
      })),
      ProcessingOutputConfig: {
        Outputs: outputs.map((output) => ({
          OutputName: output,
          S3Output: {
            S3Uri: { "Std:Join": { On: "/", Values: [`${bucket}/runs`, executionId, name, output] } },
            LocalPath: `/opt/ml/processing/output/${output}`,
          },
        })),
      },
      ...job,
    },
    ...more,
  };
}

export const executionId = { Get: "Execution.PipelineExecutionId" };
export const outputOf = (step: string, output: string) => ({
  Get: `Steps.${step}.ProcessingOutputConfig.Outputs['${output}'].S3Output.S3Uri`,
});

/** Members of a training's request; `channels` by name. */
export function trainingRequest(program: string, channels: Record<string, unknown>, metrics: readonly string[] = []) {
  return {
    AlgorithmSpecification: {
      TrainingImage: "registry/image@sha256:0",
      TrainingInputMode: "File",
      ContainerEntrypoint: ["python3", "-c", program],
      MetricDefinitions: metrics.map((Name) => ({ Name, Regex: `${Name}=([-0-9.]+);` })),
    },
    InputDataConfig: Object.entries(channels).map(([ChannelName, S3Uri]) => ({
      ChannelName,
      ContentType: "text/csv",
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri } },
    })),
    OutputDataConfig: { S3OutputPath: `${bucket}/models` },
  };
}

let python: Promise<string> | undefined;

/** A folder for stores and runs, and the Python of the machine. */
export class Lab {
  readonly directory: string;
  readonly store: FolderStore;
  readonly registered: RegisterRequest[] = [];
  readonly python: string;
  #executions = 0;

  private constructor(directory: string, python: string) {
    this.directory = directory;
    this.store = new FolderStore(join(directory, "s3"));
    this.python = python;
  }

  static async open(): Promise<Lab> {
    return new Lab(await mkdtemp(join(tmpdir(), "slipway-model-")), await (python ??= findPython(process.env)));
  }

  /** Puts an object below the bucket. */
  async put(key: string, text: string): Promise<void> {
    const file = join(this.directory, "s3", "lab-bucket", key);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
  }

  async text(uri: string): Promise<string> {
    const key = uri.replace(`${bucket}/`, "");
    return Buffer.from((await this.store.read({ bucket: "lab-bucket", key })) ?? []).toString("utf8");
  }

  async run(document: unknown, given: Given = {}, changes: Partial<PipelineRun> = {}): Promise<PipelineResult> {
    const pipeline = parsePipeline(document, "lab.json");
    const id = `execution${String((this.#executions += 1)).padStart(3, "0")}`;
    return runPipeline({
      plan: planOf(pipeline, "lab.json"),
      parameters: parameterValues(pipeline.parameters, given),
      execution: { id, pipeline: "lab", region: "us-east-1", account: "000000000000", startedAt: new Date(0) },
      store: this.store,
      register: async (request) => {
        this.registered.push(request);
        return { arn: `arn:package/${this.registered.length}`, detail: `version ${this.registered.length}` };
      },
      python: this.python,
      runtime: "python of the lab",
      entrypointOf: () => undefined,
      directory: join(this.directory, "executions", id),
      cacheDirectory: join(this.directory, "cache"),
      now: () => new Date(),
      signal: new AbortController().signal,
      ...changes,
    });
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

/** Status by step. */
export const statuses = ({ steps }: PipelineResult): Record<string, string> =>
  Object.fromEntries(steps.map(({ step, status }) => [step, status]));

/** A property of a step that has run. */
export const property = ({ steps }: PipelineResult, step: string, name: string): string =>
  steps.find((one) => one.step === step)?.properties[name] as string;

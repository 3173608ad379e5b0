import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import type { Json } from "../../release/canonical.ts";
import { requests } from "./arguments.ts";
import { cacheKey, StepCache } from "./cache.ts";
import { judge } from "./conditions.ts";
import { issuesOf, type Step } from "./definition.ts";
import { arnOf, executionVariable } from "./execution.ts";
import type { JobKind, JobOutcome, JobSurroundings } from "./job.ts";
import { processing } from "./processing.ts";
import type { PipelineRun, StepResult } from "./run.ts";
import { below, parseS3Uri } from "./s3-uri.ts";
import { objectsOf, type StagedObject } from "./staging.ts";
import { training } from "./training.ts";
import { tuning } from "./tuning.ts";
import { resolve, ValueError, type Scope } from "./values.ts";

/** What a run knows so far. */
export interface RunState {
  results: Map<string, StepResult>;
  /** Property files, by step and name. */
  files: Map<string, Json>;
}

type Ended = Pick<StepResult, "status" | "properties" | "detail" | "execution">;

/** Runs one step, or takes it from the cache. @throws JobFailure, ValueError */
export async function runStep(step: Step, run: PipelineRun, state: RunState): Promise<Ended> {
  const scope = scopeOf(run, state);
  switch (step.type) {
    case "Processing":
      return runJob(step, processing, parse(requests.Processing, step, scope), run, state);
    case "Training":
      return runJob(step, training, parse(requests.Training, step, scope), run, state);
    case "Tuning":
      return runJob(step, tuning, parse(requests.Tuning, step, scope), run, state);
    case "Condition": {
      const { holds, told } = judge(step.arguments["Conditions"] as Json[], scope);
      return { status: "done", properties: { Outcome: holds }, detail: `${told}: ${holds ? "yes" : "no"}` };
    }
    case "RegisterModel": {
      const request = parse(requests.RegisterModel, step, scope);
      const { arn, detail } = await run.register(request);
      const { ModelPackageGroupName, ModelApprovalStatus } = request;
      return {
        status: "done",
        properties: { ModelPackageArn: arn, ModelPackageGroupName, ModelApprovalStatus },
        detail,
      };
    }
    case "Fail":
      throw new ValueError(parse(requests.Fail, step, scope).ErrorMessage);
  }
}

/** The request with every function worked out, held against its schema once more: a function may have come to anything. */
function parse<T>(schema: z.ZodType<T>, step: Step, scope: Scope): T {
  const parsed = schema.safeParse(resolve(step.arguments, scope));
  if (parsed.success) return parsed.data;
  throw new ValueError(issuesOf(parsed.error, "Arguments").join("; "));
}

function scopeOf(run: PipelineRun, { results, files }: RunState): Scope {
  const found = (value: Json | undefined, what: string): Json => {
    if (value === undefined) throw new ValueError(`${what} is not known`);
    return value;
  };
  return {
    parameter: (name) => found(run.parameters.get(name), `Parameters.${name}`),
    execution: (name) => executionVariable(run.execution, name, run.now()),
    property: (step, property) => found(results.get(step)?.properties[property], `Steps.${step}.${property}`),
    propertyFile: (step, file) => found(files.get(`${step}/${file}`), `property file ${file} of ${step}`),
  };
}

async function runJob<R>(step: Step, kind: JobKind<R>, request: R, run: PipelineRun, state: RunState): Promise<Ended> {
  const staged: Record<string, StagedObject[]> = {};
  for (const [name, source] of Object.entries(kind.sources(request))) staged[name] = await objectsOf(run.store, source);
  const cache = run.cacheDirectory === undefined ? undefined : new StepCache(run.cacheDirectory, run.store);
  const key = cacheKey({
    ...{ step: step.name, type: step.type, runtime: run.runtime },
    request: kind.identity(request),
    staged,
  });
  const known = step.cache && (await cache?.find(step.name, key, run.now(), step.cache.expireAfterMs));
  const outcome = known ?? (await kind.run(request, staged, await surroundings(step, run)));
  await readPropertyFiles(step, outcome, run, state);
  const ended = { properties: outcome.properties, ...(outcome.detail === undefined ? {} : { detail: outcome.detail }) };
  if (known !== undefined) return { status: "cached", ...ended, execution: known.execution };
  if (step.cache) await cache?.keep(step.name, key, outcome, run.execution.id, run.now());
  await clear(step, run);
  return { status: "done", ...ended };
}

async function surroundings(step: Step, run: PipelineRun): Promise<JobSurroundings> {
  const directory = join(run.directory, step.name);
  await mkdir(directory, { recursive: true });
  return {
    ...{ store: run.store, python: run.python, entrypointOf: run.entrypointOf, directory, signal: run.signal },
    jobName: () => `pipelines-${run.execution.id}-${step.name}`,
    arn: (path) => arnOf(run.execution, path),
    say: (line) => run.say?.(step, line),
  };
}

/** What a step worked in is of no use once it has succeeded; its log is. */
async function clear(step: Step, run: PipelineRun): Promise<void> {
  const directory = join(run.directory, step.name);
  const entries = await readdir(directory, { recursive: true });
  const gone = entries.filter((entry) => /(?:^|\/)(?:ml|home|tmp|[\w-]+\.tar\.gz)$/.test(entry));
  for (const entry of gone) await rm(join(directory, entry), { recursive: true, force: true });
}

async function readPropertyFiles(
  step: Step,
  outcome: JobOutcome,
  run: PipelineRun,
  { files }: RunState,
): Promise<void> {
  for (const { name, output, path } of step.propertyFiles) {
    const folder = outcome.properties[`ProcessingOutputConfig.Outputs['${output}'].S3Output.S3Uri`] as string;
    const uri = below(folder, path);
    const body = await run.store.read(parseS3Uri(uri));
    if (body === undefined) throw new ValueError(`property file ${name}: there is no ${path} in the output ${output}`);
    try {
      files.set(`${step.name}/${name}`, JSON.parse(Buffer.from(body).toString("utf8")) as Json);
    } catch {
      throw new ValueError(`property file ${name}: ${uri} is not JSON`);
    }
  }
}

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Json } from "../../release/canonical.ts";
import { baseEnvironment, onThisMachine, type StepFolders } from "./container.ts";
import type { ObjectStore } from "./object-store.ts";
import { runProgram, type ProgramEnd } from "./program.ts";
import type { Source, StagedObject } from "./staging.ts";
import { ValueError } from "./values.ts";

/** What every job of a run works with. */
export interface JobSurroundings {
  store: ObjectStore;
  /** The Python that stands in for the images. */
  python: string;
  /** What an image starts by itself, where a job does not say. */
  entrypointOf(image: string): readonly string[] | undefined;
  /** Folder of this step alone. */
  directory: string;
  /** Name of the step's job, or of one of its jobs. */
  jobName(part?: string): string;
  arn(path: string): string;
  signal: AbortSignal;
  /** A line for people who watch. */
  say(line: string): void;
}

/** What a job left behind. */
export interface JobOutcome {
  /** By the path that a `Get` names them with. */
  properties: Record<string, Json>;
  /** Places that it wrote to. */
  outputs: readonly string[];
  /** What is worth telling, in a few words. */
  detail?: string;
}

/** How one type of job is run. */
export interface JobKind<R> {
  /** What it reads, by the name that the step gives it. */
  sources(request: R): Record<string, Source>;
  /** What decides the outcome beside what it reads: the request without the places that it reads from and writes to. */
  identity(request: R): Json;
  run(request: R, staged: Readonly<Record<string, StagedObject[]>>, job: JobSurroundings): Promise<JobOutcome>;
}

/** A job that did not succeed. */
export class JobFailure extends Error {
  readonly end: Pick<ProgramEnd, "outcome" | "lastWords">;
  readonly log: string;

  constructor(message: string, end: Pick<ProgramEnd, "outcome" | "lastWords">, log: string) {
    super(message);
    this.end = end;
    this.log = log;
  }
}

/** The service's own limit where a job names none. */
const defaultSeconds = 86_400;

export interface JobProgram {
  image: string;
  entrypoint: readonly string[] | undefined;
  arguments: readonly string[];
  environment: Readonly<Record<string, string>>;
  folders: StepFolders;
  timeoutSeconds: number | undefined;
  /** Each line that it prints. */
  onLine?(line: string): void;
}

/** The log of the job that runs in a folder. */
export const logOf = (directory: string): string => join(directory, "job.log");

/** Runs the program of a job on this machine. @throws JobFailure when it does not succeed. */
export async function runJobProgram(program: JobProgram, job: JobSurroundings): Promise<void> {
  const { folders } = program;
  const entrypoint = program.entrypoint ?? job.entrypointOf(program.image);
  if (entrypoint === undefined) throw new ValueError(`what the image ${program.image} starts is not known here`);
  const [command = "", ...words] = [...entrypoint, ...program.arguments].map((word) => onThisMachine(word, folders));
  const variables = Object.entries(program.environment).map(([name, text]): [string, string] => [
    name,
    onThisMachine(text, folders),
  ]);
  const log = logOf(job.directory);
  const end = await runProgram({
    command: /^python(3(\.\d+)?)?$/.test(basename(command)) ? job.python : command,
    arguments: words,
    environment: { ...baseEnvironment(folders), ...Object.fromEntries(variables) },
    directory: folders.root,
    log,
    timeoutMs: (program.timeoutSeconds ?? defaultSeconds) * 1000,
    signal: job.signal,
    onLine: (line) => program.onLine?.(line),
  });
  if (end.outcome === "succeeded") return;
  const said = await readFile(join(folders.root, "output", "failure"), "utf8").catch(() => "");
  throw new JobFailure(said.trim() === "" ? end.told : `${end.told}: ${said.trim()}`, end, log);
}

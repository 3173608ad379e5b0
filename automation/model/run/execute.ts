import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parameterNames } from "../../../model/pipeline/names.ts";
import type { Context } from "../../context.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { redact } from "../../promotion/redact.ts";
import type { Json } from "../../release/canonical.ts";
import { parsePipeline, type Step } from "../local/definition.ts";
import { newExecutionId, type Execution } from "../local/execution.ts";
import { parameterValues, type Given } from "../local/parameters.ts";
import { planOf } from "../local/plan.ts";
import { runPipeline, type Failure, type PipelineResult, type StepResult } from "../local/run.ts";
import type { RegisteredVersion } from "../registry/registry.ts";
import { codeIn, trainingEntrypoint } from "./code.ts";
import { givenInput, type RunInput } from "./inputs.ts";
import type { ModelPython } from "./python.ts";
import type { RunPlace } from "./place.ts";

/** What a person asks of a run. */
export interface RunWish {
  /** Folder or file to learn from. */
  data?: string | undefined;
  /** Parameters of the pipeline by name, the threshold included. */
  parameters: Given;
  cache: boolean;
  /** For the way on in messages: the command line that was typed. */
  again: string;
}

/** What a run came to. */
export interface LocalRun {
  execution: string;
  input: RunInput;
  steps: readonly StepResult[];
  registered: RegisteredVersion | undefined;
  /** Folder of its logs. */
  logs: string;
  seconds: number;
}

const sampleDataset = "houses";

/** Runs the pipeline of a place as local processes, saying what goes on. @throws SlipwayError when a step fails. */
export async function runLocally(
  context: Context,
  place: RunPlace,
  { python, runtime }: ModelPython,
  wish: RunWish,
): Promise<LocalRun> {
  const started = performance.now();
  const pipeline = parsePipeline(place.definition, place.pipeline);
  const plan = planOf(pipeline, place.pipeline);
  const input = await inputFor(context, place, python, wish.data);
  const parameters = parameterValues(pipeline.parameters, {
    ...wish.parameters,
    [parameterNames.inputManifest]: input.manifest,
  });
  const execution = executionOf(place, context.now());
  const directory = join(place.directory, "executions", execution.id);
  announce(context, place, input, python);
  let registered: RegisteredVersion | undefined;
  const code = codeIn(place.definition);
  const result = await runPipeline({
    ...{ plan, parameters, execution, python, runtime, directory },
    store: place.store,
    register: async (request) => {
      registered = await place.registry.register({ request, now: context.now() });
      return { arn: registered.arn, detail: toldOf(registered) };
    },
    entrypointOf: () => trainingEntrypoint(code),
    cacheDirectory: wish.cache ? join(place.directory, "cache") : undefined,
    now: () => context.now(),
    signal: context.signal,
    ...progressOf(context),
  });
  if (result.failure !== undefined) {
    const kept = wish.cache ? plan.steps.filter(({ cache }) => cache !== undefined).map(({ name }) => name) : [];
    throw failureOf(result, result.failure, { directory, kept, again: wish.again });
  }
  const seconds = Math.round(performance.now() - started) / 1000;
  return { execution: execution.id, input, steps: result.steps, registered, logs: directory, seconds };
}

const executionOf = ({ pipeline, region, account }: RunPlace, startedAt: Date): Execution => ({
  id: newExecutionId(),
  ...{ pipeline, region, account, startedAt },
});

async function inputFor(
  { root, console }: Context,
  place: RunPlace,
  python: string,
  data: string | undefined,
): Promise<RunInput> {
  if (data !== undefined) return givenInput(place.store, place.bucket, data);
  const published = await place.published();
  if (published !== undefined) return published;
  if (place.environment !== undefined)
    console.info(`nothing of ${sampleDataset} is published in ${place.environment} yet: the sample stands in for it`);
  return sampleInput(place, root, python);
}

/** The sample of the data pipeline without the rows that it would set aside. */
async function sampleInput(place: RunPlace, root: string, python: string): Promise<RunInput> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-sample-"));
  try {
    const target = join(folder, `${sampleDataset}.csv`);
    const samples = join(root, "data", "samples", "1k");
    const script = join(import.meta.dirname, "sample_rows.py");
    await promisify(execFile)(python, ["-B", script, join(root, "data"), sampleDataset, samples, target]);
    const { manifest } = await givenInput(place.store, place.bucket, target);
    return { manifest, told: `the sample of ${sampleDataset} (data/samples/1k)` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function announce({ console }: Context, { pipeline, store }: RunPlace, input: RunInput, python: string): void {
  console.info(`${pipeline} runs as local processes, on ${input.told}`);
  const notes = [
    `images are not used: ${python} stands in for them`,
    "network isolation, roles and instance types are the cloud's: nothing of them is enforced here",
    `objects are in ${store.location}`,
  ];
  for (const note of notes) console.info(console.colors.dim(`  ${note}`));
}

const marks = { done: "ok", cached: "==", skipped: "--", failed: "no", cancelled: "no", "not-reached": "--" } as const;

function progressOf({ console }: Context) {
  const { colors, info } = console;
  const paint = { ok: colors.green, "==": colors.cyan, "--": colors.dim, no: colors.red };
  return {
    onStart: ({ name, type }: Step) => {
      if (!["Condition", "RegisterModel", "Fail"].includes(type)) info(colors.dim(`  .. ${name}`));
    },
    say: ({ name }: Step, line: string) => info(colors.dim(`  .. ${name} ${line}`)),
    onEnd: ({ step, status, seconds, detail, execution }: StepResult) => {
      if (status === "skipped") return;
      const mark = marks[status];
      const from = execution === undefined ? "" : `unchanged since execution ${execution}`;
      const words = [from, detail ?? ""].filter((part) => part !== "").join("; ");
      info(`  ${paint[mark](mark)} ${step} ${colors.dim(`${seconds.toFixed(1)} s`)} ${words}`.trimEnd());
    },
  };
}

export const toldOf = ({ version, created }: RegisteredVersion): string =>
  `version ${version.version} ${created ? "registered as" : "was registered before; it is"} ${version.status}`;

function failureOf(
  { steps }: PipelineResult,
  failure: Failure,
  { directory, kept, again }: { directory: string; kept: readonly string[]; again: string },
): SlipwayError {
  const code = { failed: ExitCode.resourceFailed, timeout: ExitCode.timeout, cancelled: ExitCode.cancelled };
  const words = failure.lastWords.length === 0 ? "" : `\n  ${failure.lastWords.map(redact).join("\n  ")}`;
  const ended = steps.filter(({ status }) => status === "done" || status === "cached");
  const stays = ended.map(({ step }) => step).filter((step) => kept.includes(step));
  const registered = ended.filter(({ type }) => type === "RegisterModel").map(({ detail }) => detail);
  return new SlipwayError(code[failure.outcome], `Step ${failure.step} ${sentence(failure)}${words}`, {
    where: failure.log ?? directory,
    changed: [
      registered.length === 0 ? "nothing was registered" : registered.join(", "),
      stays.length === 0 ? "no step is kept" : `kept, and not run again: ${stays.join(", ")}`,
    ].join("; "),
    next: `Mend it, then ${again} goes on from there. What the step worked with is in ${join(directory, failure.step)}.`,
  });
}

/** What happened as the rest of a sentence that begins with the step. */
const sentence = ({ message, log }: Failure): string =>
  log === undefined ? `cannot run: ${redact(message)}.` : `${redact(message)}.`;

/** Parameters as the command line gives them: `alpha=0.5`. @throws SlipwayError (usage) */
export function givenParameters(pairs: readonly string[], threshold: string | undefined): Record<string, Json> {
  const given: Record<string, Json> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (name === "") throw wrong("--set", pair, "name=value, e.g. alpha=0.5");
    if (name.toLowerCase() === parameterNames.inputManifest.toLowerCase())
      throw wrong("--set", pair, "another parameter: what is learned from is said with --data");
    given[name] = pair.slice(at + 1);
  }
  if (threshold === undefined) return given;
  const value = Number(threshold);
  if (!/^\d*\.?\d+$/.test(threshold) || value < 0 || value > 1)
    throw wrong("--threshold", threshold, "a number from 0 to 1");
  return { ...given, [parameterNames.threshold]: value };
}

const wrong = (option: string, got: string, rule: string) =>
  new SlipwayError(ExitCode.usage, `${option}: got "${got}", expected ${rule}.`, {
    changed: "nothing: no step was started",
    next: "An environment comes before the options: ./slipway model run dev --set alpha=0.5 --threshold 0.7",
  });

import type { Json } from "../../release/canonical.ts";
import type { RegisterRequest } from "./arguments.ts";
import { notRunnable, type Step } from "./definition.ts";
import type { Execution } from "./execution.ts";
import { JobFailure, type JobSurroundings } from "./job.ts";
import type { ObjectStore } from "./object-store.ts";
import { startProblems, type Plan } from "./plan.ts";
import { runStep, type RunState } from "./run-step.ts";
import { ValueError } from "./values.ts";

/** What a RegisterModel step came to. */
export interface Registered {
  arn: string;
  /** In words. */
  detail: string;
}

export interface PipelineRun {
  plan: Plan;
  parameters: ReadonlyMap<string, Json>;
  execution: Execution;
  store: ObjectStore;
  /** Where a model package goes. */
  register(request: RegisterRequest): Promise<Registered>;
  python: string;
  /** What the Python is, for the cache: another one may come to other results. */
  runtime: string;
  entrypointOf: JobSurroundings["entrypointOf"];
  /** Folders of this execution: work and logs. */
  directory: string;
  /** Finished steps of all executions; undefined to run every step. */
  cacheDirectory: string | undefined;
  now(): Date;
  signal: AbortSignal;
  onStart?(step: Step): void;
  onEnd?(result: StepResult): void;
  say?(step: Step, line: string): void;
}

/** What became of one step. */
export interface StepResult {
  step: string;
  type: Step["type"];
  status: "done" | "cached" | "skipped" | "failed" | "cancelled" | "not-reached";
  seconds: number;
  detail?: string;
  /** Of a cached step: the execution that ran it. */
  execution?: string;
  properties: Readonly<Record<string, Json>>;
}

export interface Failure {
  step: string;
  message: string;
  outcome: "failed" | "timeout" | "cancelled";
  lastWords: readonly string[];
  log?: string;
}

export interface PipelineResult {
  steps: readonly StepResult[];
  failure?: Failure;
}

/** Runs the steps one after the other. The first that fails ends the run; what was done before stays done, in the cache. */
export async function runPipeline(run: PipelineRun): Promise<PipelineResult> {
  const problems = startProblems(run.plan, run.entrypointOf);
  if (problems.length > 0) throw notRunnable(run.execution.pipeline, problems);
  const state: RunState = { results: new Map(), files: new Map() };
  for (const [at, step] of run.plan.steps.entries()) {
    const started = performance.now();
    const finish = (result: Omit<StepResult, "step" | "type" | "seconds">): StepResult => {
      const seconds = Math.round(performance.now() - started) / 1000;
      const whole = { step: step.name, type: step.type, seconds, ...result };
      state.results.set(step.name, whole);
      run.onEnd?.(whole);
      return whole;
    };
    if (skipped(step, run.plan, state)) {
      finish({ status: "skipped", properties: {} });
      continue;
    }
    run.onStart?.(step);
    try {
      finish(await runStep(step, run, state));
    } catch (error) {
      const failure = failureOf(step, error);
      finish({
        status: failure.outcome === "cancelled" ? "cancelled" : "failed",
        properties: {},
        detail: failure.message,
      });
      return { steps: [...state.results.values(), ...notReached(run.plan.steps.slice(at + 1))], failure };
    }
  }
  return { steps: [...state.results.values()] };
}

const notReached = (steps: readonly Step[]): StepResult[] =>
  steps.map(({ name, type }) => ({ step: name, type, status: "not-reached", seconds: 0, properties: {} }));

/** In the branch that was not taken, or in need of a step that was skipped. */
function skipped(step: Step, plan: Plan, { results }: RunState): boolean {
  const { branch } = step;
  if (branch !== undefined && results.get(branch.condition)?.properties["Outcome"] !== branch.outcome) return true;
  return [...(plan.needs.get(step.name) ?? [])].some((need) => results.get(need)?.status === "skipped");
}

function failureOf(step: Step, error: unknown): Failure {
  if (error instanceof JobFailure) {
    const { outcome, lastWords } = error.end;
    const known = outcome === "succeeded" ? "failed" : outcome;
    return { step: step.name, message: error.message, outcome: known, lastWords, log: error.log };
  }
  if (error instanceof ValueError || isRefusal(error))
    return { step: step.name, message: error.message, outcome: "failed", lastWords: [] };
  throw error;
}

/** The system or a service refused: a full disk, an unreachable bucket. Anything else is a defect. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && ("$metadata" in error || ("syscall" in error && "code" in error));

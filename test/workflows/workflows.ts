import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export const root = join(import.meta.dirname, "..", "..");

export interface Step {
  id?: string;
  if?: string;
  uses?: string;
  run?: string;
  "continue-on-error"?: boolean;
  with?: Record<string, string | number | boolean>;
  env?: Record<string, string>;
}

export interface Job {
  name?: string;
  if?: string;
  needs?: string | string[];
  uses?: string;
  with?: Record<string, string>;
  secrets?: string;
  permissions?: Record<string, string>;
  environment?: string;
  concurrency?: { group: string; queue?: string; "cancel-in-progress": boolean };
  strategy?: { "max-parallel"?: number; matrix: Record<string, unknown> };
  "runs-on"?: string;
  "timeout-minutes"?: number;
  outputs?: Record<string, string>;
  env?: Record<string, string>;
  steps?: Step[];
}

interface Input {
  type: string;
  options?: string[];
  default?: string;
}

export interface Workflow {
  name: string;
  on: {
    pull_request?: unknown;
    push?: { branches: string[]; tags: string[] };
    schedule?: { cron: string }[];
    workflow_dispatch?: { inputs: Record<string, Input> };
    workflow_call?: { inputs: Record<string, Input> };
  };
  permissions: Record<string, string>;
  env?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  jobs: Record<string, Job>;
}

const folder = join(root, ".github", "workflows");

/** A file of `.github/workflows` as YAML. Anchors are resolved, `on` stays a word. */
export const workflow = (file: string): Workflow => parse(readFileSync(join(folder, file), "utf8")) as Workflow;

/** All workflows by their files. */
export const workflows: ReadonlyMap<string, Workflow> = new Map(
  readdirSync(folder)
    .sort()
    .map((file) => [file, workflow(file)]),
);

/** Every job as `file: job`. */
export const jobs: readonly { at: string; file: string; key: string; job: Job }[] = [...workflows].flatMap(
  ([file, { jobs: all }]) => Object.entries(all).map(([key, job]) => ({ at: `${file}: ${key}`, file, key, job })),
);

const setup = parse(readFileSync(join(root, ".github/actions/setup/action.yml"), "utf8")) as {
  inputs: Record<string, unknown>;
  runs: { steps: Step[] };
};

/** Inputs of the composite action. */
export const setupInputs: readonly string[] = Object.keys(setup.inputs);

/** Every step of every job and of the composite action, with where it is. */
export const steps: readonly { at: string; job: Job | undefined; step: Step }[] = [
  ...jobs.flatMap(({ at, job }) => (job.steps ?? []).map((step) => ({ at, job, step }))),
  ...setup.runs.steps.map((step) => ({ at: "setup", job: undefined, step })),
];

/** Every expression of a workflow, composite action or part of one, without its braces. */
export const expressionsIn = (part: unknown): string[] =>
  [...JSON.stringify(part).matchAll(/\$\{\{(.*?)\}\}/gu)].map(([, text = ""]) => text.trim());

/** Names that expressions take from a context, e.g. `vars`. */
export const namesFrom = (context: string, part: unknown): string[] => [
  ...new Set(
    [...JSON.stringify(part).matchAll(new RegExp(`\\b${context}\\.([A-Za-z_][\\w-]*)`, "gu"))].map(
      ([, name = ""]) => name,
    ),
  ),
];

export const needsOf = ({ needs = [] }: Job): string[] => (typeof needs === "string" ? [needs] : needs);

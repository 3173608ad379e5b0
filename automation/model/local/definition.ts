import { z } from "zod";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { Json } from "../../release/canonical.ts";
import { expiryMs } from "./expiry.ts";

/** The version of the pipeline language that local mode runs. */
export const pipelineVersion = "2020-12-01";

/** Types of steps that local mode runs; each other one is refused by its name. */
export const stepTypes = ["Processing", "Training", "Tuning", "Condition", "RegisterModel", "Fail"] as const;
export type StepType = (typeof stepTypes)[number];

const parameterTypes = ["String", "Integer", "Float", "Boolean"] as const;

/** A value that an execution is started with. */
export interface PipelineParameter {
  name: string;
  type: (typeof parameterTypes)[number];
  default?: Json;
  allowed?: readonly Json[];
}

/** Where a branch hangs: it runs when the condition's outcome is this one. */
export interface Branch {
  condition: string;
  outcome: boolean;
}

export interface PropertyFile {
  name: string;
  output: string;
  path: string;
}

/** A step with its functions not yet worked out. */
export interface Step {
  name: string;
  type: StepType;
  /** Those of the service's own request; of a condition the list `Conditions` alone. */
  arguments: Record<string, Json>;
  /** Only what `DependsOn` says. */
  dependsOn: readonly string[];
  branch?: Branch;
  /** Absent where the step is never taken from the cache. */
  cache?: { expireAfterMs?: number };
  propertyFiles: readonly PropertyFile[];
}

/** A pipeline with the steps of all branches in one list, in the order in which they are written. */
export interface Pipeline {
  parameters: readonly PipelineParameter[];
  steps: readonly Step[];
}

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "1 to 64 letters, digits, - and _");
const members = z.record(z.string(), json);

const parameterSchema = z.strictObject({
  Name: name,
  Type: z.enum(parameterTypes).default("String"),
  Description: z.string().optional(),
  DefaultValue: json.optional(),
  EnumValues: z.array(json).min(1).optional(),
});

const stepSchema = z.strictObject({
  Name: name,
  Type: z.string(),
  DisplayName: z.string().optional(),
  Description: z.string().optional(),
  DependsOn: z.array(name).default([]),
  Arguments: members,
  CacheConfig: z.strictObject({ Enabled: z.boolean(), ExpireAfter: z.string().optional() }).optional(),
  PropertyFiles: z
    .array(z.strictObject({ PropertyFileName: name, OutputName: z.string(), FilePath: z.string().min(1) }))
    .default([]),
  // The service's way to live with its own faults; nothing here has them.
  RetryPolicies: z.array(json).optional(),
});
type RawStep = z.infer<typeof stepSchema>;

const pipelineSchema = z.strictObject({
  Version: z.literal(pipelineVersion),
  Metadata: members.optional(),
  Parameters: z.array(parameterSchema).default([]),
  // Experiments are the service's; a run here leaves its own records.
  PipelineExperimentConfig: json.optional(),
  Steps: z.array(stepSchema).min(1),
});

/** The error for a definition that local mode cannot run, with every reason. Nothing has run. */
export function notRunnable(where: string, problems: readonly string[]): SlipwayError {
  return new SlipwayError(ExitCode.usage, `The pipeline cannot be run locally:\n  ${problems.join("\n  ")}`, {
    where,
    changed: "nothing: no step was started",
    next: "Change the definition, or run it on AWS.",
  });
}

/**
 * Reads the JSON of a pipeline.
 * @throws SlipwayError (usage) that names every step and member which is not understood.
 */
export function parsePipeline(document: unknown, where: string): Pipeline {
  const parsed = pipelineSchema.safeParse(document);
  if (!parsed.success) throw notRunnable(where, issuesOf(parsed.error));
  const problems: string[] = [];
  const steps = parsed.data.Steps.flatMap((step) => flatten(step, undefined, problems));
  if (problems.length > 0) throw notRunnable(where, problems);
  return { parameters: parsed.data.Parameters.map(parameterOf), steps };
}

export const issuesOf = (error: z.ZodError, at = ""): string[] =>
  error.issues.map(({ path, message }) => {
    const place = [...(at === "" ? [] : [at]), ...path.map(String)].join(".");
    return place === "" ? message : `${place}: ${message}`;
  });

function parameterOf({ Name, Type, DefaultValue, EnumValues }: z.infer<typeof parameterSchema>): PipelineParameter {
  return {
    name: Name,
    type: Type,
    ...(DefaultValue === undefined ? {} : { default: DefaultValue }),
    ...(EnumValues === undefined ? {} : { allowed: EnumValues }),
  };
}

/** The step, and after a condition the steps of its branches. */
function flatten(raw: RawStep, branch: Branch | undefined, problems: string[]): Step[] {
  const type = stepTypes.find((known) => known === raw.Type);
  if (type === undefined) {
    problems.push(`step ${raw.Name}: type ${raw.Type} is not one that local mode runs (${stepTypes.join(", ")})`);
    return [];
  }
  const { IfSteps = [], ElseSteps = [], ...rest } = raw.Arguments;
  const branches = type === "Condition" ? { true: IfSteps, false: ElseSteps } : {};
  const inside = Object.entries(branches).flatMap(([outcome, steps]) =>
    branchSteps(raw.Name, steps, problems).flatMap((step) =>
      flatten(step, { condition: raw.Name, outcome: outcome === "true" }, problems),
    ),
  );
  const step: Step = {
    name: raw.Name,
    type,
    arguments: type === "Condition" ? rest : raw.Arguments,
    dependsOn: raw.DependsOn,
    ...(branch === undefined ? {} : { branch }),
    ...cacheOf(raw, problems),
    propertyFiles: raw.PropertyFiles.map((file) => ({
      name: file.PropertyFileName,
      output: file.OutputName,
      path: file.FilePath,
    })),
  };
  return [step, ...inside];
}

function branchSteps(condition: string, steps: Json, problems: string[]): RawStep[] {
  const parsed = z.array(stepSchema).safeParse(steps);
  if (parsed.success) return parsed.data;
  problems.push(...issuesOf(parsed.error, `step ${condition}`));
  return [];
}

function cacheOf({ Name, CacheConfig }: RawStep, problems: string[]): Pick<Step, "cache"> {
  if (CacheConfig?.Enabled !== true) return {};
  if (CacheConfig.ExpireAfter === undefined) return { cache: {} };
  const expireAfterMs = expiryMs(CacheConfig.ExpireAfter);
  if (expireAfterMs !== undefined) return { cache: { expireAfterMs } };
  problems.push(
    `step ${Name}: CacheConfig.ExpireAfter: got ${CacheConfig.ExpireAfter}, expected days or time, e.g. P30D`,
  );
  return {};
}

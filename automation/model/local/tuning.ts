import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../release/canonical.ts";
import type { TuningRequest } from "./arguments.ts";
import { JobFailure, type JobKind, type JobOutcome, type JobSurroundings } from "./job.ts";
import { below } from "./s3-uri.ts";
import type { StagedObject } from "./staging.ts";
import {
  channelSources,
  runTraining,
  told,
  trainingIdentity,
  type TrainedModel,
  type TrainingJob,
} from "./training.ts";
import { ValueError } from "./values.ts";

export type Combination = Readonly<Record<string, string>>;

/** Every combination of a grid; the last range changes fastest. */
export function combinations(ranges: readonly { Name: string; Values: readonly string[] }[]): Combination[] {
  return ranges.reduce<Combination[]>(
    (known, { Name, Values }) => known.flatMap((one) => Values.map((value) => ({ ...one, [Name]: value }))),
    [{}],
  );
}

/** One training of a tuning, and what its objective came to; undefined where it never said. */
interface Attempt {
  combination: Combination;
  model: TrainedModel;
  objective: number | undefined;
}

/** The best attempt, the first of equals; undefined where none has an objective. */
export function best<A extends { objective: number | undefined }>(
  attempts: readonly A[],
  type: "Maximize" | "Minimize",
): A | undefined {
  const sign = type === "Maximize" ? 1 : -1;
  return attempts.reduce<A | undefined>((leader, attempt) => {
    if (attempt.objective === undefined) return leader;
    return leader?.objective === undefined || sign * attempt.objective > sign * leader.objective ? attempt : leader;
  }, undefined);
}

/** A tuning job: one training after the other, one for each combination of its grid. */
export const tuning: JobKind<TuningRequest> = {
  sources: ({ TrainingJobDefinition }) => channelSources(TrainingJobDefinition),
  identity: (request) => ({
    ...(request as unknown as Record<string, Json>),
    TrainingJobDefinition: trainingIdentity(request.TrainingJobDefinition),
  }),
  async run(request, staged, job) {
    const { ParameterRanges, HyperParameterTuningJobObjective, ResourceLimits } = request.HyperParameterTuningJobConfig;
    const grid = combinations(ParameterRanges.CategoricalParameterRanges);
    const { MaxNumberOfTrainingJobs: most } = ResourceLimits;
    if (most !== undefined && most !== grid.length)
      throw new ValueError(
        `MaxNumberOfTrainingJobs: got ${most}, expected none or ${grid.length}, as many as the grid has`,
      );
    const { attempts, failures } = await runGrid(request, grid, staged, job);
    const winner = best(attempts, HyperParameterTuningJobObjective.Type);
    if (winner === undefined) throw noWinner(HyperParameterTuningJobObjective.MetricName, failures, attempts, job);
    return outcomeOf(request, attempts, winner, job);
  },
};

async function runGrid(
  request: TuningRequest,
  grid: readonly Combination[],
  staged: Readonly<Record<string, StagedObject[]>>,
  job: JobSurroundings,
): Promise<{ attempts: Attempt[]; failures: JobFailure[] }> {
  const attempts: Attempt[] = [];
  const failures: JobFailure[] = [];
  const { MetricName } = request.HyperParameterTuningJobConfig.HyperParameterTuningJobObjective;
  for (const [at, combination] of grid.entries()) {
    const number = String(at + 1).padStart(3, "0");
    const words = `${at + 1} of ${grid.length}: ${Object.entries(combination)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`;
    const directory = join(job.directory, number);
    await mkdir(directory, { recursive: true });
    try {
      const name = `${job.jobName()}-${number}`;
      const model = await runTraining(trainingOf(request, combination), staged, { ...job, directory }, name);
      attempts.push({ combination, model, objective: model.metrics.get(MetricName) });
      job.say(`${words}: ${told(model.metrics)}`);
    } catch (error) {
      // The service goes on with the others as well.
      if (!(error instanceof JobFailure) || error.end.outcome === "cancelled") throw error;
      failures.push(error);
      job.say(`${words}: ${error.message}`);
    }
  }
  return { attempts, failures };
}

function trainingOf({ TrainingJobDefinition }: TuningRequest, combination: Combination): TrainingJob {
  const { AlgorithmSpecification, StaticHyperParameters, ...rest } = TrainingJobDefinition;
  return {
    ...rest,
    AlgorithmSpecification: { ...AlgorithmSpecification, ContainerArguments: [] },
    HyperParameters: { ...StaticHyperParameters, ...combination },
  };
}

function noWinner(
  metric: string,
  failures: readonly JobFailure[],
  attempts: readonly Attempt[],
  job: JobSurroundings,
): JobFailure {
  const [first] = failures;
  if (attempts.length === 0 && first !== undefined)
    return new JobFailure(`every training failed; the first ${first.message}`, first.end, first.log);
  const end = { outcome: "failed", lastWords: [] } as const;
  return new JobFailure(`no training printed its objective ${metric}`, end, job.directory);
}

function outcomeOf(
  request: TuningRequest,
  attempts: readonly Attempt[],
  winner: Attempt,
  job: JobSurroundings,
): JobOutcome {
  const { Type } = request.HyperParameterTuningJobConfig.HyperParameterTuningJobObjective;
  const sign = Type === "Maximize" ? -1 : 1;
  // As the service lists them: by objective, those without one last. The sort keeps the order of equals.
  const rank = ({ objective }: Attempt) => (objective === undefined ? Infinity : sign * objective);
  const ranked = [...attempts].sort((a, b) => rank(a) - rank(b) || 0);
  const named = (path: string, { model }: Attempt) => [
    [`${path}.TrainingJobName`, model.jobName],
    [`${path}.TrainingJobArn`, job.arn(`training-job/${model.jobName}`)],
  ];
  const name = job.jobName();
  return {
    properties: {
      HyperParameterTuningJobName: name,
      HyperParameterTuningJobArn: job.arn(`hyper-parameter-tuning-job/${name}`),
      "BestTrainingJob.FinalHyperParameterTuningJobObjectiveMetric.Value": winner.objective ?? null,
      ...(Object.fromEntries([
        ...named("BestTrainingJob", winner),
        ...ranked.flatMap((attempt, at) => named(`TrainingJobSummaries[${at}]`, attempt)),
      ]) as Record<string, Json>),
    },
    outputs: attempts.map(({ model }) =>
      below(request.TrainingJobDefinition.OutputDataConfig.S3OutputPath, `${model.jobName}/output`),
    ),
    detail: `best of ${attempts.length}: ${Object.entries(winner.combination)
      .map(([key, value]) => `${key} ${value}`)
      .join(", ")}; ${told(winner.model.metrics)}`,
  };
}

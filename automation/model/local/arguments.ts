import { z } from "zod";
import type { Json } from "../../release/canonical.ts";
import { issuesOf, type Step, type StepType } from "./definition.ts";
import { isExpression } from "./values.ts";

/** Leaves of a request: plain values once its functions are worked out, or functions as well before that. */
interface Leaves<T extends z.ZodType, N extends z.ZodType> {
  text: T;
  whole: N;
}

const plain = { text: z.string(), whole: z.number().int().positive() };
const expression = z.custom<Json>((value) => isExpression(value as Json), "a text or a function");
const unresolved: Leaves<z.ZodType, z.ZodType> = {
  text: z.union([z.string(), expression]),
  whole: z.union([z.number().int().positive(), expression]),
};

/** What has no meaning on one's own machine: roles, machines, keys, networks, tags. */
const elsewhere = z.json().optional();
/** One machine, as there is here. */
const cluster = z.looseObject({ InstanceCount: z.literal(1, "local mode has one machine").optional() });
const only = <V extends string>(...values: readonly [V, ...V[]]) => z.enum(values).optional();

function processing<T extends z.ZodType, N extends z.ZodType>({ text, whole }: Leaves<T, N>) {
  const s3Input = z.strictObject({
    S3Uri: text,
    LocalPath: text,
    S3DataType: z.enum(["S3Prefix", "ManifestFile"]),
    S3InputMode: only("File"),
    S3DataDistributionType: only("FullyReplicated"),
    S3CompressionType: only("None"),
  });
  const s3Output = z.strictObject({ S3Uri: text, LocalPath: text, S3UploadMode: only("EndOfJob") });
  return z.strictObject({
    ProcessingInputs: z
      .array(z.strictObject({ InputName: z.string(), AppManaged: z.literal(false).optional(), S3Input: s3Input }))
      .default([]),
    ProcessingOutputConfig: z
      .strictObject({
        Outputs: z.array(
          z.strictObject({ OutputName: z.string(), AppManaged: z.literal(false).optional(), S3Output: s3Output }),
        ),
        KmsKeyId: elsewhere,
      })
      .default({ Outputs: [] }),
    AppSpecification: z.strictObject({
      ImageUri: text,
      ContainerEntrypoint: z.array(text).min(1).optional(),
      ContainerArguments: z.array(text).default([]),
    }),
    Environment: z.record(z.string(), text).default({}),
    StoppingCondition: z.strictObject({ MaxRuntimeInSeconds: whole }).optional(),
    ProcessingResources: z.looseObject({ ClusterConfig: cluster }).optional(),
    ...{ RoleArn: elsewhere, NetworkConfig: elsewhere, Tags: elsewhere, ExperimentConfig: elsewhere },
  });
}

const channel = <T extends z.ZodType>(text: T) =>
  z.strictObject({
    ChannelName: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "1 to 64 letters, digits, ., - and _"),
    DataSource: z.strictObject({
      S3DataSource: z.strictObject({
        S3DataType: z.enum(["S3Prefix", "ManifestFile"]),
        S3Uri: text,
        S3DataDistributionType: only("FullyReplicated"),
      }),
    }),
    ContentType: text.optional(),
    CompressionType: only("None"),
    // The program sees the same files, whichever way they came.
    InputMode: only("File", "FastFile"),
    RecordWrapperType: only("None"),
  });

/** Members that a training and each training of a tuning have in common. */
function job<T extends z.ZodType, N extends z.ZodType>({ text, whole }: Leaves<T, N>) {
  return {
    InputDataConfig: z.array(channel(text)).default([]),
    OutputDataConfig: z.strictObject({ S3OutputPath: text, KmsKeyId: elsewhere, CompressionType: only("GZIP") }),
    Environment: z.record(z.string(), text).default({}),
    StoppingCondition: z.strictObject({ MaxRuntimeInSeconds: whole, MaxWaitTimeInSeconds: elsewhere }).optional(),
    ResourceConfig: cluster.optional(),
    RoleArn: elsewhere,
    VpcConfig: elsewhere,
    EnableNetworkIsolation: elsewhere,
    EnableInterContainerTrafficEncryption: elsewhere,
    EnableManagedSpotTraining: elsewhere,
  };
}

const algorithm = <T extends z.ZodType>(text: T) => ({
  TrainingImage: text,
  TrainingInputMode: only("File", "FastFile"),
  MetricDefinitions: z.array(z.strictObject({ Name: z.string(), Regex: regex })).default([]),
});

const regex = z.string().refine((text) => {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}, "a regular expression");

function training<T extends z.ZodType, N extends z.ZodType>(leaves: Leaves<T, N>) {
  const { text } = leaves;
  const hyperparameters = z.record(z.string(), text).default({});
  return z.strictObject({
    ...job(leaves),
    AlgorithmSpecification: z.strictObject({
      ...algorithm(text),
      ContainerEntrypoint: z.array(text).min(1).optional(),
      ContainerArguments: z.array(text).default([]),
    }),
    HyperParameters: hyperparameters,
    ...{ Tags: elsewhere, ExperimentConfig: elsewhere },
  });
}

function tuning<T extends z.ZodType, N extends z.ZodType>(leaves: Leaves<T, N>) {
  const { text } = leaves;
  return z.strictObject({
    HyperParameterTuningJobConfig: z.strictObject({
      Strategy: z.literal("Grid", "local mode tries a grid; other strategies are the service's"),
      HyperParameterTuningJobObjective: z.strictObject({
        Type: z.enum(["Maximize", "Minimize"]),
        MetricName: z.string(),
      }),
      ResourceLimits: z.strictObject({
        MaxNumberOfTrainingJobs: z.number().int().positive().optional(),
        MaxParallelTrainingJobs: elsewhere,
      }),
      ParameterRanges: z.strictObject({
        CategoricalParameterRanges: z.array(z.strictObject({ Name: z.string(), Values: z.array(text).min(1) })).min(1),
      }),
      TrainingJobEarlyStoppingType: only("Off"),
      RandomSeed: elsewhere,
    }),
    TrainingJobDefinition: z.strictObject({
      ...job(leaves),
      AlgorithmSpecification: z.strictObject(algorithm(text)),
      StaticHyperParameters: z.record(z.string(), text).default({}),
    }),
    Tags: elsewhere,
  });
}

function registration<T extends z.ZodType, N extends z.ZodType>({ text }: Leaves<T, N>) {
  const source = z.strictObject({ ContentType: text, S3Uri: text, ContentDigest: text.optional() });
  return z.strictObject({
    ModelPackageGroupName: text,
    ModelPackageDescription: text.optional(),
    ModelApprovalStatus: z.union([z.enum(["Approved", "PendingManualApproval", "Rejected"]), text]),
    InferenceSpecification: z.looseObject({
      Containers: z.array(z.looseObject({ Image: text, ModelDataUrl: text })).length(1),
    }),
    ModelMetrics: z.strictObject({ ModelQuality: z.strictObject({ Statistics: source }) }).optional(),
    CustomerMetadataProperties: z.record(z.string(), text).default({}),
    ...{ MetadataProperties: elsewhere, Tags: elsewhere },
  });
}

/** Requests with every function worked out. */
export const requests = {
  Processing: processing(plain),
  Training: training(plain),
  Tuning: tuning(plain),
  RegisterModel: registration(plain),
  Fail: z.strictObject({ ErrorMessage: z.string() }),
};
export type ProcessingRequest = z.infer<typeof requests.Processing>;
export type TrainingRequest = z.infer<typeof requests.Training>;
export type TuningRequest = z.infer<typeof requests.Tuning>;
export type RegisterRequest = z.infer<typeof requests.RegisterModel>;

const shapes: Readonly<Record<Exclude<StepType, "Condition">, z.ZodType>> = {
  Processing: processing(unresolved),
  Training: training(unresolved),
  Tuning: tuning(unresolved),
  RegisterModel: registration(unresolved),
  Fail: z.strictObject({ ErrorMessage: unresolved.text }),
};

/** Members of a step's request that local mode does not understand, before anything is known of their values. */
export function argumentProblems(step: Step): string[] {
  if (step.type === "Condition") return [];
  const parsed = shapes[step.type].safeParse(step.arguments);
  return parsed.success ? [] : issuesOf(parsed.error, `step ${step.name}: Arguments`);
}

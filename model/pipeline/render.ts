import { takesKey } from "./machines.ts";
import type {
  ConditionStep,
  Json,
  Parameter,
  PipelineDefinition,
  ProcessingStep,
  RegisterStep,
  Step,
  Surroundings,
  Text,
  TrainingStep,
  TuningStep,
} from "./types.ts";

type Rendered = { readonly [key: string]: Json };
type AnyTraining = TrainingStep | TuningStep;

/** Types of texts are read-only records, which JSON is as well; TypeScript does not see it of interfaces. */
const json = (text: Text): Json => (typeof text === "string" ? text : ({ ...text } as unknown as Json));

const texts = (values: Readonly<Record<string, Text>>): Rendered =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, json(value)]));

function renderParameter(parameter: Parameter): Rendered {
  return {
    Name: parameter.name,
    Type: parameter.type,
    Description: parameter.description,
    ...(parameter.default !== undefined && { DefaultValue: parameter.default }),
    ...(parameter.type === "String" && parameter.values && { EnumValues: [...parameter.values] }),
  };
}

function vpc({ network }: Surroundings): Rendered {
  if (network === undefined) return {};
  return { VpcConfig: { Subnets: [...network.subnets], SecurityGroupIds: [...network.securityGroups] } };
}

const cache = (days: number | undefined): Rendered =>
  days === undefined ? {} : { CacheConfig: { Enabled: true, ExpireAfter: `P${days}D` } };

const environment = (variables: Readonly<Record<string, string>> | undefined): Rendered =>
  variables === undefined ? {} : { Environment: { ...variables } };

function processingArguments(step: ProcessingStep): Rendered {
  const { compute, keyArn } = step;
  return {
    RoleArn: step.roleArn,
    AppSpecification: {
      ImageUri: step.image,
      ContainerEntrypoint: [...step.entrypoint],
      ContainerArguments: step.arguments.map(json),
    },
    ...environment(step.environment),
    ProcessingInputs: step.inputs.map(({ name, from, to, type = "S3Prefix" }) => ({
      InputName: name,
      S3Input: {
        S3Uri: json(from),
        LocalPath: to,
        S3DataType: type,
        S3InputMode: "File",
        S3DataDistributionType: "FullyReplicated",
        S3CompressionType: "None",
      },
    })),
    ProcessingOutputConfig: {
      ...(keyArn !== undefined && { KmsKeyId: keyArn }),
      Outputs: step.outputs.map(({ name, from, to }) => ({
        OutputName: name,
        S3Output: { S3Uri: json(to), LocalPath: from, S3UploadMode: "EndOfJob" },
      })),
    },
    ProcessingResources: { ClusterConfig: cluster(step) },
    NetworkConfig: { EnableNetworkIsolation: step.isolated, ...vpc(step) },
    StoppingCondition: { MaxRuntimeInSeconds: compute.timeoutMinutes * 60 },
  };
}

function cluster({ compute, keyArn }: ProcessingStep | AnyTraining): Rendered {
  return {
    InstanceType: compute.instanceType,
    InstanceCount: 1,
    VolumeSizeInGB: compute.volumeGb,
    ...(keyArn !== undefined && takesKey(compute.instanceType) && { VolumeKmsKeyId: keyArn }),
  };
}

/** What one training job and each of a tuning have in common. */
function trainingJob(step: AnyTraining): Rendered {
  const { keyArn } = step;
  return {
    RoleArn: step.roleArn,
    ...environment(step.environment),
    InputDataConfig: Object.entries(step.channels).map(([name, { from, contentType }]) => ({
      ChannelName: name,
      ContentType: contentType,
      InputMode: "File",
      DataSource: {
        S3DataSource: { S3DataType: "S3Prefix", S3Uri: json(from), S3DataDistributionType: "FullyReplicated" },
      },
    })),
    OutputDataConfig: { S3OutputPath: json(step.outputPath), ...(keyArn !== undefined && { KmsKeyId: keyArn }) },
    ResourceConfig: cluster(step),
    EnableNetworkIsolation: step.isolated,
    ...vpc(step),
    StoppingCondition: { MaxRuntimeInSeconds: step.compute.timeoutMinutes * 60 },
  };
}

const metricDefinitions = ({ metrics }: AnyTraining): Json =>
  metrics.map(({ name, regex }) => ({ Name: name, Regex: regex }));

function trainingArguments(step: TrainingStep): Rendered {
  return {
    AlgorithmSpecification: {
      TrainingImage: step.image,
      TrainingInputMode: "File",
      ContainerEntrypoint: [...step.entrypoint],
      MetricDefinitions: metricDefinitions(step),
    },
    HyperParameters: texts(step.hyperparameters),
    ...trainingJob(step),
  };
}

function tuningArguments(step: TuningStep): Rendered {
  return {
    HyperParameterTuningJobConfig: {
      Strategy: "Grid",
      HyperParameterTuningJobObjective: { Type: "Maximize", MetricName: step.objective },
      // How many jobs there are follows from the grid.
      ResourceLimits: { MaxParallelTrainingJobs: step.parallel },
      ParameterRanges: {
        CategoricalParameterRanges: Object.entries(step.grid).map(([Name, values]) => ({ Name, Values: [...values] })),
      },
      TrainingJobEarlyStoppingType: "Off",
    },
    TrainingJobDefinition: {
      // Jobs of a tuning take no entry point of their own: the image has to start the code.
      AlgorithmSpecification: {
        TrainingImage: step.image,
        TrainingInputMode: "File",
        MetricDefinitions: metricDefinitions(step),
      },
      StaticHyperParameters: texts(step.hyperparameters),
      ...trainingJob(step),
    },
  };
}

function registerArguments(step: RegisterStep): Rendered {
  return {
    ModelPackageGroupName: step.packageGroup,
    ModelPackageDescription: step.description,
    ModelApprovalStatus: step.approval,
    InferenceSpecification: {
      Containers: [{ Image: step.image, ModelDataUrl: json(step.model) }],
      SupportedContentTypes: [...step.contentTypes],
      SupportedResponseMIMETypes: [...step.contentTypes],
      SupportedRealtimeInferenceInstanceTypes: [...step.instanceTypes],
    },
    ModelMetrics: {
      ModelQuality: { Statistics: { ContentType: "application/json", S3Uri: json(step.statistics) } },
    },
    CustomerMetadataProperties: texts(step.metadata),
  };
}

function conditionArguments(step: ConditionStep): Rendered {
  return {
    Conditions: step.conditions.map(({ left, operator, right }) => ({
      Type: operator,
      LeftValue: { ...left } as unknown as Json,
      RightValue: typeof right === "number" ? right : { ...right },
    })),
    IfSteps: step.then.map(renderStep),
    ElseSteps: step.otherwise.map(renderStep),
  };
}

function renderStep(step: Step): Rendered {
  const named = (type: string) => ({ Name: step.name, Type: type, Description: step.description });
  switch (step.kind) {
    case "processing": {
      const files = step.propertyFiles.map(({ name, output, path }) => ({
        PropertyFileName: name,
        OutputName: output,
        FilePath: path,
      }));
      return {
        ...named("Processing"),
        Arguments: processingArguments(step),
        ...cache(step.cacheDays),
        ...(files.length > 0 && { PropertyFiles: files }),
      };
    }
    case "training":
      return { ...named("Training"), Arguments: trainingArguments(step), ...cache(step.cacheDays) };
    case "tuning":
      return { ...named("Tuning"), Arguments: tuningArguments(step), ...cache(step.cacheDays) };
    case "register":
      return { ...named("RegisterModel"), Arguments: registerArguments(step) };
    case "condition":
      return { ...named("Condition"), Arguments: conditionArguments(step) };
  }
}

/** A pipeline as SageMaker takes it. */
export function renderDefinition({ parameters, steps }: PipelineDefinition): Rendered {
  return {
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parameters.map(renderParameter),
    Steps: steps.map(renderStep),
  };
}

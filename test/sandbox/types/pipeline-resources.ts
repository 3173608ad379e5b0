/** A small pipeline as SageMaker takes it, and changes that break it. */
type Json = Record<string, unknown>;

const get = (path: string) => ({ Get: path });

export const preprocess: Json = {
  Name: "preprocess-data",
  Type: "Processing",
  Arguments: {
    ProcessingInputs: [{ InputName: "rows", S3Input: { S3Uri: get("Parameters.InputManifest") } }],
    ProcessingOutputConfig: { Outputs: [{ OutputName: "train" }, { OutputName: "evaluation" }] },
  },
  CacheConfig: { Enabled: true, ExpireAfter: "P30D" },
  PropertyFiles: [{ PropertyFileName: "evaluation", OutputName: "evaluation", FilePath: "evaluation.json" }],
};

export const train: Json = {
  Name: "train-model",
  Type: "Training",
  Arguments: {
    Uri: get("Steps.preprocess-data.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"),
    OutputPath: { "Std:Join": { On: "/", Values: ["s3://b", get("Execution.PipelineExecutionId")] } },
  },
};

const register = (name: string, status: string): Json => ({
  Name: name,
  Type: "RegisterModel",
  Arguments: { ModelDataUrl: get("Steps.train-model.ModelArtifacts.S3ModelArtifacts"), ModelApprovalStatus: status },
});

export const accuracy = {
  "Std:JsonGet": { PropertyFile: get("Steps.preprocess-data.PropertyFiles.evaluation"), Path: "metrics.r2.value" },
};

export const check = (more: Json = {}): Json => ({
  Name: "accuracy-check",
  Type: "Condition",
  Arguments: {
    Conditions: [{ Type: "GreaterThanOrEqualTo", LeftValue: accuracy, RightValue: get("Parameters.Threshold") }],
    IfSteps: [register("register-model", "PendingManualApproval")],
    ElseSteps: [register("register-rejected", "Rejected")],
    ...more,
  },
});

export const parameters: Json[] = [
  { Name: "InputManifest", Type: "String" },
  { Name: "Threshold", Type: "Float", DefaultValue: 0.6 },
];

/** The definition as text, with other parts where they are given. */
export function definition(more: Json = {}): string {
  return JSON.stringify({
    Version: "2020-12-01",
    Metadata: {},
    Parameters: parameters,
    Steps: [preprocess, train, check()],
    ...more,
  });
}

/** Steps of the definition with one more behind them. */
export const withStep = (step: Json): string => definition({ Steps: [preprocess, train, check(), step] });

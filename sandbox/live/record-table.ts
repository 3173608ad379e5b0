/** What a service does in production, for those whose resources are checked and kept on record here and do nothing. */
interface RecordedService {
  production: string;
  sandbox: string;
  types: readonly string[];
}

/** Parts of the model pipeline that nothing on this machine stands in for. */
export const recordServices: Readonly<Record<string, RecordedService>> = {
  training: {
    production: "Amazon SageMaker Pipelines",
    sandbox: "definitions are parsed and kept; `slipway model run --local` runs them as local processes",
    types: ["aws:sagemaker/pipeline:Pipeline"],
  },
  tracking: {
    production: "MLflow on Amazon SageMaker",
    sandbox: "kept on record; training writes to no tracking server",
    types: ["aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer"],
  },
  studio: {
    production: "Amazon SageMaker Studio",
    sandbox: "kept on record; nothing is at its URL",
    types: ["aws:sagemaker/domain:Domain", "aws:sagemaker/userProfile:UserProfile"],
  },
  scaling: {
    production: "Application Auto Scaling",
    sandbox: "kept on record; nothing is scaled",
    types: ["aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"],
  },
  quotas: {
    production: "Service Quotas",
    sandbox: "granted at once; nothing is limited",
    types: ["aws:servicequotas/serviceQuota:ServiceQuota"],
  },
};

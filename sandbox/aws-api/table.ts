import { compressionNote } from "../cluster/time.ts";

/** What answers of endpoints, and the sandbox's status, say of them. */
export const simulatedLabel = "endpoint simulated: a local process of services/predict";

/** What SageMaker and CodeDeploy do in production, and what takes its place here. */
export const awsApiServices = {
  registry: {
    production: "Amazon SageMaker Model Registry",
    sandbox:
      "versions of models in a local file; every change of one is an event on MiniStack's bus, policies are not enforced",
    types: ["aws:sagemaker/modelPackageGroup:ModelPackageGroup"],
  },
  endpoints: {
    production: "Amazon SageMaker endpoints",
    sandbox:
      `${simulatedLabel} per variant, with the artifact of the model; traffic splits by the weights of a deployment, where ${compressionNote}; ` +
      "nothing is measured, so alarms ring by hand; instances, scaling, data capture and encryption are only remembered",
    types: ["aws:sagemaker/endpoint:Endpoint"],
  },
  codedeploy: {
    production: "AWS CodeDeploy for Lambda",
    sandbox: `weights on the alias in MiniStack in the steps of the configuration, where ${compressionNote}; hooks are called, alarms ring by hand`,
    types: ["aws:codedeploy/deploymentGroup:DeploymentGroup"],
  },
} as const;

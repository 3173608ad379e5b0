import { at, isOn, listAt, missing, UNKNOWN, unless, type ResourceRule } from "../model.ts";

/** SageMaker. */
export const modelRules: readonly ResourceRule[] = [
  {
    id: "sagemaker-endpoint-encrypted",
    level: "mandatory",
    title: "endpoints encrypt their disks and what they capture",
    why: "requests that are captured are data of customers, outside of the lake's protection",
    fix: "set kmsKeyArn, and dataCaptureConfig.kmsKeyId where requests are captured",
    types: ["aws:sagemaker/endpointConfiguration:EndpointConfiguration"],
    check: (subject) =>
      missing(
        subject,
        at(subject.props, "dataCaptureConfig") === undefined
          ? ["kmsKeyArn"]
          : ["kmsKeyArn", "dataCaptureConfig.kmsKeyId"],
        "no key is named",
      ),
  },
  {
    id: "sagemaker-endpoint-rollback",
    level: "mandatory",
    title: "endpoints go back by themselves when alarms go off",
    why: "a model that is worse than the one before serves everybody until somebody notices",
    fix: "set deploymentConfig with a blueGreenUpdatePolicy and autoRollbackConfiguration.alarms",
    types: ["aws:sagemaker/endpoint:Endpoint"],
    check(subject) {
      const alarms = at(subject.props, "deploymentConfig.autoRollbackConfiguration.alarms");
      if (alarms === UNKNOWN || (Array.isArray(alarms) && alarms.length > 0)) return [];
      const property = "deploymentConfig.autoRollbackConfiguration.alarms";
      return [{ property, message: "no alarm takes a deployment back" }];
    },
  },
  {
    id: "sagemaker-model-isolated",
    level: "mandatory",
    title: "models run without a way to the network",
    why: "code inside of a model's archive could send data away, and the archive comes out of a training job",
    fix: "set enableNetworkIsolation: true",
    types: ["aws:sagemaker/model:Model"],
    check: (subject) => unless(subject, "enableNetworkIsolation", isOn, "it can reach the network"),
  },
  {
    id: "sagemaker-notebook-closed",
    level: "mandatory",
    title: "notebooks have no way to the internet and no root",
    why: "a notebook with both is a machine of the account that anybody who gets into it owns",
    fix: 'set directInternetAccess: "Disabled", rootAccess: "Disabled" and kmsKeyId',
    types: ["aws:sagemaker/notebookInstance:NotebookInstance"],
    check: (subject) => [
      ...["directInternetAccess", "rootAccess"].flatMap((path) =>
        unless(subject, path, (value) => value === "Disabled", "is open"),
      ),
      ...missing(subject, ["kmsKeyId"], "no key is named"),
    ],
  },
  {
    id: "sagemaker-endpoint-instances",
    level: "advisory",
    title: "endpoints in production stand on two instances",
    why: "instances of one endpoint are spread over zones only when there are two of them",
    fix: "set initialInstanceCount to 2 or more",
    types: ["aws:sagemaker/endpointConfiguration:EndpointConfiguration"],
    check: (subject) =>
      subject.stack !== "prod"
        ? []
        : listAt(subject.props, "productionVariants").flatMap((variant, index) => {
            const serverless = at(variant, "serverlessConfig") !== undefined;
            const path = `productionVariants.${index}.initialInstanceCount`;
            return serverless ? [] : unless(subject, path, (value) => Number(value) >= 2, "only one instance");
          }),
  },
];
